"""Declares what a listing says about costs: insurance or self-pay, and a price note with its day."""

from directory.listings.field import Change, DigestRule, Field
from directory.listings.field_types import ComputedField, TextField

COST_FIELDS: tuple[Field, ...] = (
    TextField(
        name="insurance",
        label="Insurance or self-pay",
        noun="Insurance or self-pay",
        hint="For example: Medicare, Aetna. Bone marrow procedures are self-pay.",
        max_length=300,
        change=Change.LIVE,
        is_fact=True,
        api_name="insurance",
        api_null=True,
    ),
    TextField(
        name="price_note",
        label="Price",
        noun="The price note",
        hint="For example: from $3,000 for one knee. Patients see the day on which you last changed it.",
        max_length=300,
        change=Change.LIVE,
        is_fact=True,
        api_name="price_note",
        api_null=True,
    ),
    ComputedField(
        name="price_noted_on",
        label="Price as of",
        nullable=True,
        is_fact=True,
        api_name="price_noted_on",
        api_null=True,
        shape={"type": "string", "format": "date"},
        signed=DigestRule.NEVER,
    ),
)
"""The fields of a listing about costs, in the order of the form."""
