"""Password rules: a minimum length and a strength estimate."""

from typing import Any

from flask_security import PasswordUtil

MAX_LENGTH = 512
"""Characters; arbitrary, far beyond what anybody remembers, and little to hash."""

ZXCVBN_MAX_LENGTH = 72
"""Characters that zxcvbn looks at; it breaks on more. What is strong so far does not grow weak after it."""

TOO_LONG_MESSAGE = f"A password may have at most {MAX_LENGTH} characters."


class LongPasswordUtil(PasswordUtil):
    """Flask-Security's checks, for passwords of any length."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:  # noqa: FBT001  the library's signature
        """What is wrong with it, and the password as it is hashed."""
        normal = self.normalize(password)
        if len(normal) > MAX_LENGTH:
            return [TOO_LONG_MESSAGE], normal
        faults, _ = super().validate(normal[:ZXCVBN_MAX_LENGTH], is_register, **kwargs)
        return faults, normal
