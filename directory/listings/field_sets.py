"""The declared fields by who may change them and how: editable, imported, live and reviewed ones."""

from directory.listings.field import Change, Field
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS


def editable_fields(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields that at least one role may change."""
    return tuple(each for each in fields if each.editors)


def imported_names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The names of the fields that the NPPES import writes, without the NPI, which identifies the listing."""
    return tuple(each.name for each in fields if each.is_imported and each.name != "npi")


def _changed_by(change: Change, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(each for each in editable_fields(fields) if each.change is change)


LIVE_FIELDS = _changed_by(Change.LIVE, LISTING_FIELDS)
REVIEWED_FIELDS = _changed_by(Change.REVIEWED, LISTING_FIELDS)
LIVE_LOCATION_FIELDS = _changed_by(Change.LIVE, LOCATION_FIELDS)
REVIEWED_LOCATION_FIELDS = _changed_by(Change.REVIEWED, LOCATION_FIELDS)
