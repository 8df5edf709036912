"""The error for a rejected document, and the check for archives or web pages hidden in a file."""

import io
import re
import zipfile

_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|script|iframe|body|object|embed)[\s/>]|<svg\s+[a-z]|<\?php", re.IGNORECASE
)
"""What a browser or a server might run; no picture holds it, and a PDF's own streams hardly ever do."""


class InvalidDocument(Exception):
    """A document that is not kept; `sentence` is for who sent it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def require_single_format(content: bytes, what: str) -> None:
    """Refuse what is also an archive or a web page, whatever it is besides; `what` is how the sentence calls it.

    Raises:
        Unfit: it is two things at once.
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise InvalidDocument(f"This {what} is an archive as well. Save it again without what is hidden in it.")
    if _MARKUP.search(content):
        raise InvalidDocument(f"This {what} holds parts of a web page or a script. Save it again without them.")
