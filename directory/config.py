"""Settings, read from environment variables and validated once at startup."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from directory.errors import FieldError, Invalid
from directory.signing import keys

DEMO_ACCOUNTS_FILE = "demo-accounts.txt"
SECRET_BYTES = 48

SITE_NAME = "BMA Directory"
DEMO_DISCLOSURE = "Nobody runs it as a service: it shows what the software can do, and no provider in it exists."
NO_DISCLOSURE = "The operator has not said yet whether it has an interest in any clinic that is listed here."
NO_SENDER = "directory@localhost"
"""The sender if the operator names none; most mail servers refuse it, so `doctor` asks for another."""

MIN_SECRET_LENGTH = 32
"""Minimum length in characters of a secret set by the operator; generated secrets are longer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `docs/operating.md` documents each of them in one table."""

    home: Path
    search: Path
    database_url: str
    demo: bool
    base_url: str
    operator_name: str
    operator_disclosure: str
    contact_email: str
    secret_key: str
    password_salt: str
    second_factor_key: str
    signing_key: str
    trusted_proxies: int
    smtp_url: str
    smtp_ca_file: str
    mail_from: str
    mail_reply_to: str
    rate_limits: bool
    rate_limit_storage: str
    outgoing_requests: bool

    @property
    def places(self) -> Path:
        """The gazetteer file that `places build` writes for this installation."""
        return self.home / "places.sqlite"

    @property
    def keys(self) -> Path:
        """The folder of secrets and keys."""
        return self.home / "keys"

    @property
    def has_demo(self) -> bool:
        """Whether `demo load` filled this installation, which nobody can change from outside."""
        return self.demo and self.demo_accounts.exists()

    @property
    def has_disclosure(self) -> bool:
        """Whether the environment says what interest the operator has, which the console can say too."""
        return self.operator_disclosure != NO_DISCLOSURE

    @property
    def uploads(self) -> Path:
        """The folder of documents uploaded by providers; no web server serves it."""
        return self.home / "uploads"

    @property
    def demo_accounts(self) -> Path:
        """The file where `demo load` writes the generated sign-ins; it exists only in a demo installation."""
        return self.home / DEMO_ACCOUNTS_FILE

    @property
    def basemap(self) -> Path:
        """The operator's own basemap, which may not exist."""
        return self.home / "basemap.pmtiles"

    @property
    def outline(self) -> Path:
        """The outline that `basemap build` wrote beside the operator's own basemap, which may not exist."""
        return self.home / "outline.json"


def _parse_bool(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, "").strip().lower()
    if text in {"", "1", "0", "true", "false", "yes", "no", "on", "off"}:
        return default if not text else text in {"1", "true", "yes", "on"}
    raise Invalid([FieldError(name, f"{name} must be 1 or 0, not {text!r}.")])


def _parse_int(environ: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    text = environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise Invalid([FieldError(name, f"{name} must be a whole number from 0 to {most}, not {text!r}.")])
    return int(text)


def _read_mail_address(environ: Mapping[str, str], name: str) -> str:
    """Return an address such as `directory@example.org` or `Example Society <directory@example.org>`, or ""."""
    text = environ.get(name, "").strip()
    local, _, domain = parseaddr(text)[1].rpartition("@")
    if text and (not local or not domain or not text.isprintable() or " " in local + domain):
        raise Invalid([FieldError(name, f"{name} must be an email address, not {text!r}.")])
    return text


def _read_or_create_secret(environ: Mapping[str, str], name: str, home: Path) -> str:
    """Return the secret from the environment, or the one in `home/keys`, which is created on first use."""
    given = environ.get(name, "")
    if given:
        if len(given) < MIN_SECRET_LENGTH:
            raise Invalid([FieldError(name, f"{name} must be at least {MIN_SECRET_LENGTH} characters long.")])
        return given
    keeper = home / "keys" / name.removeprefix("BMA_").lower()
    if not keeper.exists():
        keeper.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = keeper.with_suffix(f".{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(SECRET_BYTES))
        # Two workers may start at once: the first to create the link wins, and both read its secret.
        try:
            keeper.hardlink_to(made)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return keeper.read_text().strip()


def _read_signing_key(environ: Mapping[str, str]) -> str:
    """Return the private key from the environment, or an empty string if the key is in `home/keys/signing`."""
    # Some ways to set a variable do not allow line breaks, so `\\n` stands for one.
    given = environ.get("BMA_SIGNING_KEY", "").replace("\\n", "\n").strip()
    if given:
        keys.require_private_key(given)
    return given


def _read_base_url(environ: Mapping[str, str]) -> str:
    url = environ.get("BMA_BASE_URL", "").strip().rstrip("/") or "http://127.0.0.1:8000"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query or parts.fragment:
        sentence = (
            "BMA_BASE_URL must be http:// or https:// with a host and no path, such as https://directory.example."
        )
        raise Invalid([FieldError("BMA_BASE_URL", sentence)])
    return url


def _read_database_url(environ: Mapping[str, str], home: Path) -> str:
    url = environ.get("BMA_DATABASE_URL", "").strip()
    if not url:
        return f"sqlite:///{home / 'directory.sqlite'}"
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"} and separator:
        return f"postgresql+psycopg://{rest}"
    if scheme in {"sqlite", "postgresql+psycopg"} and separator:
        return url
    raise Invalid([FieldError("BMA_DATABASE_URL", "BMA_DATABASE_URL must begin with sqlite:/// or postgresql://.")])


def _read_rate_limit_storage(environ: Mapping[str, str]) -> str:
    """Return the URL of the Redis server that counts attempts, or an empty string for the database."""
    url = environ.get("BMA_RATE_LIMIT_STORAGE", "").strip()
    if url and not url.startswith(("redis://", "rediss://")):
        raise Invalid(
            [FieldError("BMA_RATE_LIMIT_STORAGE", "BMA_RATE_LIMIT_STORAGE must begin with redis:// or rediss://.")]
        )
    if url and find_spec("redis") is None:
        raise Invalid([FieldError("BMA_RATE_LIMIT_STORAGE", "BMA_RATE_LIMIT_STORAGE needs: pip install redis")])
    return url


def read(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `environ`; creates `BMA_HOME` if it does not exist.

    Raises:
        Invalid: a setting cannot be used; each error names the variable and the limit.
    """
    home = Path(environ.get("BMA_HOME", "").strip() or "instance").expanduser().resolve()
    home.mkdir(mode=0o750, parents=True, exist_ok=True)
    demo = _parse_bool(environ, "BMA_DEMO", default=(home / DEMO_ACCOUNTS_FILE).exists())
    return Settings(
        home=home,
        search=Path(environ.get("BMA_SEARCH_DIR", "").strip() or home / "search").expanduser().resolve(),
        database_url=_read_database_url(environ, home),
        demo=demo,
        base_url=_read_base_url(environ),
        operator_name=environ.get("BMA_OPERATOR_NAME", "").strip() or SITE_NAME,
        operator_disclosure=environ.get("BMA_OPERATOR_DISCLOSURE", "").strip()
        or (DEMO_DISCLOSURE if demo else NO_DISCLOSURE),
        contact_email=environ.get("BMA_CONTACT_EMAIL", "").strip(),
        secret_key=_read_or_create_secret(environ, "BMA_SECRET_KEY", home),
        password_salt=_read_or_create_secret(environ, "BMA_PASSWORD_SALT", home),
        second_factor_key=_read_or_create_secret(environ, "BMA_SECOND_FACTOR_KEY", home),
        signing_key=_read_signing_key(environ),
        trusted_proxies=_parse_int(environ, "BMA_TRUSTED_PROXIES", default=0, most=5),
        smtp_url=environ.get("BMA_SMTP_URL", "").strip(),
        smtp_ca_file=environ.get("BMA_SMTP_CA_FILE", "").strip(),
        mail_from=_read_mail_address(environ, "BMA_MAIL_FROM") or NO_SENDER,
        mail_reply_to=_read_mail_address(environ, "BMA_MAIL_REPLY_TO"),
        rate_limits=_parse_bool(environ, "BMA_RATE_LIMITS", default=True),
        rate_limit_storage=_read_rate_limit_storage(environ),
        outgoing_requests=_parse_bool(environ, "BMA_OUTGOING_REQUESTS", default=False),
    )
