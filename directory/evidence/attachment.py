"""Value types for what can be attached to an answer: a note, a link or a stored document."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from directory.errors import FieldError, Invalid
from directory.listings.text_limits import check_text

MAX_NOTE = 2000
"""Maximum length of a note in characters; arbitrary, about a page."""

MAX_URL = 500
"""Maximum length of a URL in characters; arbitrary, longer than most."""

NOT_HTTPS = "A link must be a whole address that begins with https://, such as https://example.org/template."


@dataclass(frozen=True, slots=True)
class Note:
    """A text in the provider's words."""

    text: str

    def __post_init__(self) -> None:
        if faults := list(check_text("note", "A note", self.text, least=1, most=MAX_NOTE, lines=True)):
            raise Invalid(faults)


@dataclass(frozen=True, slots=True)
class Link:
    """A public web address that uses https and contains no user name or password."""

    url: str

    def __post_init__(self) -> None:
        faults = list(check_text("link", "A link", self.url, least=1, most=MAX_URL))
        if not faults and not _is_https(self.url):
            faults = [FieldError("link", NOT_HTTPS)]
        if faults:
            raise Invalid(faults)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document whose file is already in storage; `name` is its original file name."""

    name: str
    sha256: str
    media_type: str
    size: int


Attachment = Note | Link | StoredDocument


def _is_https(url: str) -> bool:
    if not url.isascii() or any(letter.isspace() or letter in '<>"\\^`{|}' for letter in url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and "." in host.strip(".") and "@" not in parts.netloc
