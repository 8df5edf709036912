"""The limits of a person's name on their account."""

MAX_NAME_LENGTH = 200
"""Characters; the width of the column."""


def check_name(name: str) -> str:
    """Return what is wrong with a name, or an empty string. Names of one letter and of any script are accepted."""
    if not name.strip():
        return "Enter your name."
    if len(name) > MAX_NAME_LENGTH:
        return f"Your name may have at most {MAX_NAME_LENGTH} characters."
    if not name.isprintable() or not any(character.isalpha() for character in name):
        return "Your name must have letters, and no line breaks or control characters."
    return ""
