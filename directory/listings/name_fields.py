"""Declares the other name of a listing, under which patients may know it."""

from directory.listings.field import Field
from directory.listings.field_types import TextField

OTHER_NAME: Field = TextField(
    name="other_name",
    label="Also known as",
    noun="The other name",
    hint="Another name that patients know, such as the one on your door.",
    max_length=200,
    needs_letter=True,
    is_fact=True,
    api_name="other_name",
    api_null=True,
    is_searchable=True,
    is_imported=True,
)
