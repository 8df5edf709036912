"""Password checks and hashes: a maximum length, and a strength estimate of the first 72 characters."""

from typing import Any

from flask_security import PasswordUtil, hash_password, verify_password
from flask_security.proxies import _security

from directory.errors import FieldError, Invalid

MAX_LENGTH = 512
"""Characters; arbitrary, far longer than anybody can remember, and fast to hash."""

ZXCVBN_MAX_LENGTH = 72
"""Characters that zxcvbn estimates; it fails on more. A password whose beginning is strong is strong as a whole."""

TOO_LONG_MESSAGE = f"A password may have at most {MAX_LENGTH} characters."


class LongPasswordUtil(PasswordUtil):
    """Flask-Security's password checks, extended to passwords longer than zxcvbn accepts."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:  # noqa: FBT001  the library's signature
        """Return the error messages, if any, and the normalized password that is hashed."""
        normal = self.normalize(password)
        if len(normal) > MAX_LENGTH:
            return [TOO_LONG_MESSAGE], normal
        faults, _ = super().validate(normal[:ZXCVBN_MAX_LENGTH], is_register, **kwargs)
        return faults, normal


def check_and_hash(password: str, **facts: Any) -> str:
    """Return the hash of a new password; needs an application on which `security.init_app` was called.

    Args:
        password: the new password.
        facts: what the password must not be guessed from: `email` and `name` of a new account, or `user`.

    Raises:
        Invalid: the password is too short, too long or easy to guess.
    """
    problems, normal = _security.password_util.validate(password, "user" not in facts, **facts)
    if problems:
        raise Invalid([FieldError("password", str(problem)) for problem in problems])
    return str(hash_password(normal))


def is_password(password: str, stored: str | None) -> bool:
    """Return whether a password is the one whose hash is stored."""
    return stored is not None and verify_password(_security.password_util.normalize(password), stored)
