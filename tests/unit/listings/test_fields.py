"""The declarations of listing fields agree with the tables, the search, the import and each other."""

import inspect
import re
from dataclasses import fields as dataclass_fields

import pytest
import sqlalchemy as sa

from directory.accounts.policy import Role
from directory.database import Base
from directory.imports.records import PostalAddress, Provider
from directory.listings.facts import STATEMENT_FIELDS, ListingFacts
from directory.listings.field import DigestRule, Field
from directory.listings.field_sets import (
    LIVE_FIELDS,
    LIVE_LOCATION_FIELDS,
    REVIEWED_FIELDS,
    REVIEWED_LOCATION_FIELDS,
    editable_fields,
    imported_names,
)
from directory.listings.field_types import (
    ChoiceField,
    ComputedField,
    MultipleChoiceField,
    MultiTextField,
    NullBooleanField,
    TextField,
)
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.listing_data import Address, ListingData
from directory.listings.tables import Listing, ListingStatement, Location
from directory.search import document

RECORDS = {"id", "state", "source_updated", "created_at", "updated_at", "form_key", "version", "reminded_on"}
"""Columns of a listing that say where it stands, and nothing about the provider."""

LINKS = {"id", "listing_id", "ordinal"}
TABLES = [(LISTING_FIELDS, Listing, RECORDS), (LOCATION_FIELDS, Location, LINKS)]
ALL = [
    pytest.param(each, table, id=f"{table.__tablename__}.{each.name}") for fields, table, _ in TABLES for each in fields
]


@pytest.mark.parametrize(("fields", "table", "others"), TABLES)
def test_every_column_is_declared_and_every_declaration_has_a_column(
    fields: tuple[Field, ...], table: type[Base], others: set[str]
) -> None:
    names = [each.name for each in fields]
    assert len(names) == len(set(names))
    assert set(names) | others == set(table.__table__.columns.keys())
    assert not set(names) & others


@pytest.mark.parametrize(("declared", "table"), ALL)
def test_a_column_is_as_its_declaration_says(declared: Field, table: type[Base]) -> None:
    column = table.__table__.columns[declared.name]
    assert column.nullable is declared.nullable
    match declared:
        case ChoiceField(is_open=False) if isinstance(column.type, sa.Enum):
            assert column.type.enums == list(declared.choices)
            assert column.type.length == declared.max_length
        case TextField() | ChoiceField():
            assert isinstance(column.type, sa.String)
            assert column.type.length == declared.max_length
        case NullBooleanField():
            assert isinstance(column.type, sa.Boolean)
        case MultipleChoiceField() | MultiTextField():
            assert isinstance(column.type, sa.JSON)
            assert column.server_default is not None
        case ComputedField():
            is_number = declared.shape["type"] == "number"
            assert isinstance(column.type, sa.Float) is (is_number or declared.name == "uncertainty_miles")


@pytest.mark.parametrize(
    ("fields", "made", "others"),
    [
        (LISTING_FIELDS, ListingData, {"addresses"}),
        (LOCATION_FIELDS, Address, {"place"}),
        (STATEMENT_FIELDS, ListingFacts, set()),
    ],
)
def test_what_an_owner_may_change_is_an_attribute(fields: tuple[Field, ...], made: type, others: set[str]) -> None:
    assert {each.name for each in editable_fields(fields)} | others == {each.name for each in dataclass_fields(made)}


def test_what_is_stated_is_kept_with_every_statement_and_counts_at_once() -> None:
    kept = set(ListingStatement.__table__.columns.keys()) - {"id", "listing_id", "by_id", "at"}
    assert kept == {each.name for each in STATEMENT_FIELDS}
    assert all(each in LIVE_FIELDS for each in STATEMENT_FIELDS)


def test_what_says_who_and_where_somebody_is_needs_a_reviewer() -> None:
    assert {each.name for each in REVIEWED_FIELDS} == {
        "kind", "name", "npi", "credential", "practice", "other_name", "specialty_code", "website",
    }  # fmt: skip
    assert {each.name for each in REVIEWED_LOCATION_FIELDS} == {"line1", "line2", "city", "state", "postal_code"}
    for fields, live, reviewed in (
        (LISTING_FIELDS, LIVE_FIELDS, REVIEWED_FIELDS),
        (LOCATION_FIELDS, LIVE_LOCATION_FIELDS, REVIEWED_LOCATION_FIELDS),
    ):
        assert {each.name for each in editable_fields(fields)} == {each.name for each in (*live, *reviewed)}


@pytest.mark.parametrize("declared", [*LISTING_FIELDS, *LOCATION_FIELDS], ids=lambda each: each.name)
def test_a_declaration_does_not_contradict_itself(declared: Field) -> None:
    assert declared.editors <= {Role.PROVIDER, Role.ADMIN}
    assert declared.label
    assert declared.is_public or not (declared.api_name or declared.is_fact)
    assert declared.is_imported or not declared.nppes_column
    if isinstance(declared, TextField) and declared.pattern is not None:
        assert declared.pattern_error.endswith(".")
        assert not declared.pattern.fullmatch("0" * (declared.max_length + 1))
    elif isinstance(declared, TextField | MultipleChoiceField) or (
        isinstance(declared, ChoiceField) and declared.is_open
    ):
        assert declared.noun


@pytest.mark.parametrize("fields", [LISTING_FIELDS, LOCATION_FIELDS])
def test_a_new_field_leaves_old_digests_as_they_are(fields: tuple[Field, ...]) -> None:
    """Only the fields of version 0.1 are signed where they are blank; test_digest.py has the bytes."""
    first = {
        "slug", "kind", "name", "credential", "practice", "npi", "specialty_code", "phone", "website", "source",
        "line1", "line2", "city", "state", "postal_code",
    }  # fmt: skip
    assert {each.name for each in fields if each.signed is DigestRule.ALWAYS} <= first
    assert all(each.signed is not DigestRule.NEVER for each in editable_fields(fields))


@pytest.mark.parametrize(
    ("fields", "table", "others"),
    [
        (LISTING_FIELDS, "Listing", {"id", "slug", "state", "updated_at"}),
        (LOCATION_FIELDS, "Location", {"id", "listing_id"}),
    ],
)
def test_the_search_reads_what_is_searchable(fields: tuple[Field, ...], table: str, others: set[str]) -> None:
    read = set(re.findall(rf"\b{table}\.(\w+)", inspect.getsource(document)))
    assert {each.name for each in fields if each.is_searchable} == read - others


def test_the_registry_says_what_is_imported() -> None:
    assert set(imported_names(LISTING_FIELDS)) <= {name for name in dir(Provider) if not name.startswith("_")}
    assert set(imported_names(LOCATION_FIELDS)) == {each.name for each in dataclass_fields(PostalAddress)}
