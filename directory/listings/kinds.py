"""The kinds of listing: a person or a clinic."""

import enum


class ListingKind(enum.StrEnum):
    """Whether the listed provider is a person or a clinic."""

    PERSON = "person"
    CLINIC = "clinic"


KIND_LABELS: dict[str, str] = {ListingKind.PERSON.value: "A person", ListingKind.CLINIC.value: "A clinic"}
"""Labels on forms and pages."""
