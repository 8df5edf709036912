"""Declares each field of a listing and of a location once, for forms, digest, API, import and pages."""

import re
from typing import Any

from directory.geocoding import us_states
from directory.listings import opening_hours
from directory.listings.field import Change, DigestRule, Field, FormLook
from directory.listings.field_types import (
    ChoiceField,
    ComputedField,
    MultipleChoiceField,
    MultiTextField,
    NullBooleanField,
    TextField,
    URLField,
)
from directory.listings.kinds import ListingKind
from directory.listings.languages import LANGUAGES, MAX_LANGUAGES
from directory.listings.specialties import SPECIALTIES

STATES = frozenset(us_states.STATES) - us_states.ASSOCIATED_STATES
"""USPS codes of the states, the District of Columbia and the territories."""

COORDINATE_DIGITS = 5
"""Decimal places of coordinates in degrees in the API: about one meter."""

_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
_PHONE = re.compile(
    # At most 30 characters, with 7 digits or more and an extension; or a toll-free number in words.
    r"(?=.{7,30}\Z)(?:(?=(?:\D*\d){7})[0-9+(). /-]+(?: *(?:x|ext\.?|extension) *\d{1,6})?"
    r"|(?:\+?1[ .-]?)?\(?8\d\d\)?[ .-]?[0-9A-Z](?:[ -]?[0-9A-Z]){5,11})",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = {"type": "number"}


def _phone(form_label: str, name: str = "phone", noun: str = "phone number", **declared: Any) -> TextField:
    return TextField(
        name=name,
        max_length=30,
        pattern=_PHONE,
        pattern_error=f"The {noun} must have at least 7 digits, and 30 characters at most: 303-555-0100 ext. 12.",
        change=Change.LIVE,
        look=FormLook(label=form_label, type="tel", size="middle", autocomplete="tel"),
        **declared,
    )


LISTING_FIELDS: tuple[Field, ...] = (
    ComputedField(name="slug", label="Web address", signed=DigestRule.ALWAYS, api_name="slug"),
    ChoiceField(
        name="kind",
        label="Listed as",
        noun="The kind",
        required=True,
        choices={ListingKind.PERSON: "A person", ListingKind.CLINIC: "A clinic or practice"},
        max_length=20,
        error="Say who is listed: a person, or a clinic.",
        signed=DigestRule.ALWAYS,
        api_name="kind",
        is_searchable=True,
        is_imported=True,
        nppes_column="Entity Type Code",
        look=FormLook(label="This listing is for"),
    ),
    TextField(
        name="name",
        label="Name",
        noun="The name",
        hint="As patients know you, without titles.",
        required=True,
        min_length=1,
        needs_letter=True,
        max_length=200,
        signed=DigestRule.ALWAYS,
        api_name="name",
        is_searchable=True,
        is_imported=True,
        look=FormLook(autocomplete="name"),
    ),
    TextField(
        name="credential",
        label="Credential",
        noun="The credential",
        hint="For example MD, DO or PA-C.",
        max_length=60,
        signed=DigestRule.ALWAYS,
        is_imported=True,
        nppes_column="Provider Credential Text",
        look=FormLook(size="middle", autocomplete="honorific-suffix"),
    ),
    TextField(
        name="practice",
        label="Practice or group",
        noun="The practice",
        max_length=200,
        needs_letter=True,
        signed=DigestRule.ALWAYS,
        is_searchable=True,
        look=FormLook(autocomplete="organization"),
    ),
    TextField(
        name="npi",
        label="NPI",
        noun="The NPI",
        hint="Ten digits. A clinic may leave it out.",
        nullable=True,
        max_length=10,
        signed=DigestRule.ALWAYS,
        api_name="npi",
        api_null=True,
        is_imported=True,
        nppes_column="NPI",
        look=FormLook(size="middle", inputmode="numeric", autocomplete="off", optional=False),
    ),
    ChoiceField(
        name="specialty_code",
        label="Specialty",
        noun="The specialty",
        choices=dict(sorted(SPECIALTIES.items(), key=lambda pair: pair[1])),
        is_open=True,
        max_length=10,
        error="Choose a specialty from the list.",
        blank_choice="None of these",
        signed=DigestRule.ALWAYS,
        api_name="specialty",
        api_null=True,
        api_description="NUCC taxonomy code",
        is_searchable=True,
        is_imported=True,
    ),
    _phone("Phone for patients", label="Phone", signed=DigestRule.ALWAYS, is_imported=True),
    URLField(
        name="appointment_url",
        label="Appointments",
        noun="The appointment link",
        hint="Where patients ask for an appointment online.",
        max_length=300,
        change=Change.LIVE,
        api_name="appointment_url",
        api_null=True,
        look=FormLook(label="Appointment link", type="url", autocomplete="url"),
    ),
    URLField(
        name="website",
        label="Website",
        noun="The website",
        hint="For example clinic.example.org.",
        max_length=300,
        signed=DigestRule.ALWAYS,
        api_name="website",
        api_null=True,
        look=FormLook(type="url", autocomplete="url"),
    ),
    NullBooleanField(
        name="accepts_new_patients",
        label="Takes new patients",
        error="Say whether you accept new patients: yes, no, or neither.",
        nullable=True,
        phrases={True: "Takes new patients", False: "Takes no new patients now"},
        change=Change.LIVE,
        is_fact=True,
        api_name="accepts_new_patients",
        api_null=True,
        api_description="null where it is not stated",
        is_searchable=True,
        look=FormLook(label="Do you accept new patients?", optional=False),
    ),
    MultipleChoiceField(
        name="languages",
        label="Languages spoken",
        noun="Languages",
        hint=f"By you, or by somebody at the practice. At most {MAX_LANGUAGES}.",
        choices=LANGUAGES,
        max_count=MAX_LANGUAGES,
        short="Speaks {}",
        change=Change.LIVE,
        is_fact=True,
        api_name="languages",
        api_description="ISO 639",
        is_searchable=True,
        look=FormLook(label="Languages spoken with patients"),
    ),
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
    ComputedField(name="source", label="Source", signed=DigestRule.ALWAYS),
    ComputedField(
        name="last_confirmed",
        label="Last confirmed",
        nullable=True,
        signed=DigestRule.NEVER,
        api_name="last_confirmed",
        api_null=True,
        is_searchable=True,
        shape={"type": "string", "format": "date"},
    ),
)
"""The fields of a listing, in the order of the form."""

LOCATION_FIELDS: tuple[Field, ...] = (
    TextField(
        name="line1",
        label="Street address",
        noun="The street address",
        required=True,
        min_length=1,
        max_length=200,
        signed=DigestRule.ALWAYS,
        api_name="line1",
        is_imported=True,
        look=FormLook(autocomplete="address-line1"),
    ),
    TextField(
        name="line2",
        label="Suite, floor or building",
        noun="The second address line",
        max_length=200,
        signed=DigestRule.ALWAYS,
        api_name="line2",
        is_imported=True,
        look=FormLook(autocomplete="address-line2"),
    ),
    TextField(
        name="city",
        label="City",
        noun="The city",
        required=True,
        min_length=1,
        max_length=100,
        signed=DigestRule.ALWAYS,
        api_name="city",
        is_searchable=True,
        is_imported=True,
        nppes_column="City Name",
        look=FormLook(size="middle", autocomplete="address-level2"),
    ),
    ChoiceField(
        name="state",
        label="State",
        noun="The state",
        required=True,
        choices={code: code for code in sorted(STATES)},
        max_length=2,
        error="The state must be a two-letter code such as CO.",
        blank_choice="Choose",
        signed=DigestRule.ALWAYS,
        api_name="state",
        is_imported=True,
        nppes_column="State Name",
        look=FormLook(autocomplete="address-level1"),
    ),
    TextField(
        name="postal_code",
        label="ZIP code",
        required=True,
        max_length=10,
        pattern=_ZIP,
        pattern_error="The ZIP code must have five digits, or five and four: 80021 or 80021-1234.",
        signed=DigestRule.ALWAYS,
        api_name="postal_code",
        is_imported=True,
        nppes_column="Postal Code",
        look=FormLook(size="narrow", inputmode="numeric", autocomplete="postal-code", same_line=True),
    ),
    _phone(
        "Phone at this address",
        label="Phone",
        signed=DigestRule.ALWAYS,
        api_name="phone",
        is_imported=True,
        nppes_column="Telephone Number",
    ),
    _phone(
        "Second phone at this address",
        "second_phone",
        "second phone number",
        label="Second phone",
        is_fact=True,
        api_name="second_phone",
        api_null=True,
    ),
    _phone("Fax", "fax", "fax number", label="Fax", is_fact=True, api_name="fax", api_null=True),
    TextField(
        name="accessibility",
        label="Access",
        noun="The note on access",
        hint="For example: step-free entrance, elevator, hearing loop.",
        max_length=300,
        change=Change.LIVE,
        is_fact=True,
        api_name="accessibility",
        api_null=True,
        look=FormLook(label="Access for people with disabilities"),
    ),
    MultiTextField(
        name=opening_hours.NAME,
        label="Opening hours",
        hint="For example 8:00-12:00, 13:00-17:00, or 8 am - 5 pm, or closed. Leave a day empty to say nothing.",
        parts=opening_hours.WEEKDAYS,
        parse=opening_hours.parse,
        texts=opening_hours.to_texts,
        rules=opening_hours.check,
        words=opening_hours.display,
        shape=opening_hours.SCHEMA,
        change=Change.LIVE,
        is_fact=True,
        api_name="opening_hours",
        api_null=True,
        api_description="[opens, closes] in local time; a day left out is not stated, an empty day is closed",
    ),
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
"""The fields of a location, in the order of the form."""


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
