"""Password validation for long passwords: a maximum length, and a strength estimate of the first 72 characters."""

from typing import Any

from flask_security import PasswordUtil

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
