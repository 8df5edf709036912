"""The kinds of listing: a person or a clinic."""

import enum


class Kind(enum.StrEnum):
    """Who is listed."""

    PERSON = "person"
    CLINIC = "clinic"


KIND_LABELS: dict[str, str] = {Kind.PERSON.value: "A person", Kind.CLINIC.value: "A clinic"}
"""Labels on forms and pages."""
