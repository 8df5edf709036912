"""Declares where a location is on the map, which geocoding or a pin of the owner computes."""

from directory.listings.field import DigestRule, Field
from directory.listings.field_types import ComputedField

COORDINATE_DIGITS = 5
"""Decimal places of coordinates in degrees in the API: about one meter."""

_NUMBER = {"type": "number"}

PLACEMENT_FIELDS: tuple[Field, ...] = (
    *(
        ComputedField(
            name=name,
            label=label,
            nullable=True,
            signed=DigestRule.NEVER,
            api_name=name,
            api_null=True,
            is_searchable=True,
            shape=_NUMBER,
            digits=COORDINATE_DIGITS,
        )
        for name, label in (("lat", "Latitude"), ("lon", "Longitude"))
    ),
    ComputedField(name="precision", label="Precision", signed=DigestRule.NEVER, api_name="precision", api_null=True),
    ComputedField(
        name="uncertainty_miles", label="Uncertainty", nullable=True, is_public=False, signed=DigestRule.NEVER
    ),
)
"""The fields of the coordinates of a location."""
