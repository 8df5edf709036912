"""The error for a rejected document, and the check for archives or web pages hidden in a file."""

import io
import re
import zipfile

_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|script|iframe|body|object|embed)[\s/>]|<svg\s+[a-z]|<\?php", re.IGNORECASE
)
"""Markup that a browser or a server might run; images never contain it, and PDF streams hardly ever do."""


class InvalidDocument(Exception):
    """A document was rejected; `sentence` is the message for the uploader."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def require_single_format(content: bytes, what: str) -> None:
    """Reject a file that is also an archive or a web page (a polyglot file); `what` names the file in the message.

    Raises:
        InvalidDocument: the file is also a ZIP archive or contains markup or a script.
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise InvalidDocument(f"This {what} is an archive as well. Save it again without what is hidden in it.")
    if _MARKUP.search(content):
        raise InvalidDocument(f"This {what} holds parts of a web page or a script. Save it again without them.")
