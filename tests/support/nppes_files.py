"""Made-up files in the layouts of the public registry: the same 330 columns, other people."""

import csv
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from directory.listings.specialties import SPECIALTIES

MAILING, PRACTICE = "Business Mailing Address", "Business Practice Location Address"


def _address(which: str) -> list[str]:
    parts = (
        "City Name",
        "State Name",
        "Postal Code",
        "Country Code (If outside U.S.)",
        "Telephone Number",
        "Fax Number",
    )
    lines = [f"Provider {line} Line {which}" for line in ("First", "Second")]
    return lines + [f"Provider {which} {part}" for part in parts]


def _person(prefix: str, last: str, first: str) -> list[str]:
    names = [f"{prefix} {name}" for name in (last, first, "Middle Name", "Name Prefix Text", "Name Suffix Text")]
    return [*names, f"{prefix} Credential Text"]


HEADER = [
    "NPI", "Entity Type Code", "Replacement NPI", "Employer Identification Number (EIN)",
    "Provider Organization Name (Legal Business Name)",
    *_person("Provider", "Last Name (Legal Name)", "First Name"),
    "Provider Other Organization Name", "Provider Other Organization Name Type Code",
    *_person("Provider Other", "Last Name", "First Name"), "Provider Other Last Name Type Code",
    *_address(MAILING), *_address(PRACTICE),
    "Provider Enumeration Date", "Last Update Date", "NPI Deactivation Reason Code", "NPI Deactivation Date",
    "NPI Reactivation Date", "Provider Sex Code",
    *(
        f"Authorized Official {part}"
        for part in ("Last Name", "First Name", "Middle Name", "Title or Position", "Telephone Number")
    ),
    *(
        column.format(slot)
        for slot in range(1, 16)
        for column in (
            "Healthcare Provider Taxonomy Code_{}", "Provider License Number_{}",
            "Provider License Number State Code_{}", "Healthcare Provider Primary Taxonomy Switch_{}",
        )
    ),
    *(
        f"Other Provider Identifier{part}_{slot}"
        for slot in range(1, 51)
        for part in ("", " Type Code", " State", " Issuer")
    ),
    "Is Sole Proprietor", "Is Organization Subpart", "Parent Organization LBN", "Parent Organization TIN",
    *(f"Authorized Official {part} Text" for part in ("Name Prefix", "Name Suffix", "Credential")),
    *(f"Healthcare Provider Taxonomy Group_{slot}" for slot in range(1, 16)),
    "Certification Date",
]  # fmt: skip

SECONDARY = "Provider Secondary Practice Location Address"
SECONDARY_HEADER = [
    "NPI", f"{SECONDARY}- Address Line 1", f"{SECONDARY}-  Address Line 2", f"{SECONDARY} - City Name",
    f"{SECONDARY} - State Name", f"{SECONDARY} - Postal Code", f"{SECONDARY} - Country Code (If outside U.S.)",
    f"{SECONDARY} - Telephone Number", f"{SECONDARY} - Telephone Extension",
    "Provider Practice Location Address - Fax Number",
]  # fmt: skip

SPORTS_MEDICINE = "2081S0010X"
DENTIST = "122300000X"


def npi(number: int) -> str:
    """The `number`th NPI there can be, with its check digit."""
    nine = f"{100_000_000 + number}"
    total = 24
    for index, digit in enumerate(map(int, nine)):
        total += digit if index % 2 else (digit * 2 - 9 if digit > 4 else digit * 2)
    return nine + str(-total % 10)


def person_row(number: int = 1, **changes: str) -> dict[str, str]:
    """A row of the full file by column; `changes` go by the short names of columns."""
    row = {
        "NPI": npi(number),
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": "EXAMPLE",
        "Provider First Name": "ANN",
        "Provider Credential Text": "M.D.",
        "Provider First Line Business Practice Location Address": "403 SUMMIT BLVD",
        "Provider Second Line Business Practice Location Address": "STE 201",
        "Provider Business Practice Location Address City Name": "BROOMFIELD",
        "Provider Business Practice Location Address State Name": "CO",
        "Provider Business Practice Location Address Postal Code": "800211234",
        "Provider Business Practice Location Address Country Code (If outside U.S.)": "US",
        "Provider Business Practice Location Address Telephone Number": "3035550100",
        "Last Update Date": "03/04/2025",
        "Healthcare Provider Taxonomy Code_1": SPORTS_MEDICINE,
        "Healthcare Provider Primary Taxonomy Switch_1": "Y",
    }
    return row | {COLUMNS_BY_NAME[name]: text for name, text in changes.items()}


COLUMNS_BY_NAME = {
    "npi": "NPI",
    "entity": "Entity Type Code",
    "organization": "Provider Organization Name (Legal Business Name)",
    "other": "Provider Other Organization Name",
    "other_kind": "Provider Other Organization Name Type Code",
    "other_last": "Provider Other Last Name",
    "other_first": "Provider Other First Name",
    "other_last_kind": "Provider Other Last Name Type Code",
    "last": "Provider Last Name (Legal Name)",
    "first": "Provider First Name",
    "suffix": "Provider Name Suffix Text",
    "credential": "Provider Credential Text",
    "line1": "Provider First Line Business Practice Location Address",
    "line2": "Provider Second Line Business Practice Location Address",
    "city": "Provider Business Practice Location Address City Name",
    "state": "Provider Business Practice Location Address State Name",
    "zip": "Provider Business Practice Location Address Postal Code",
    "country": "Provider Business Practice Location Address Country Code (If outside U.S.)",
    "phone": "Provider Business Practice Location Address Telephone Number",
    "updated": "Last Update Date",
    "off": "NPI Deactivation Date",
    "on": "NPI Reactivation Date",
    **{f"code{slot}": f"Healthcare Provider Taxonomy Code_{slot}" for slot in range(1, 16)},
    **{f"switch{slot}": f"Healthcare Provider Primary Taxonomy Switch_{slot}" for slot in range(1, 16)},
}
"""Columns by a name that can be an argument."""


def clinic_row(number: int = 1, **changes: str) -> dict[str, str]:
    """An organization's row of the full file."""
    facts = {"entity": "2", "organization": "SUMMIT ORTHOPEDICS LLC", "last": "", "first": "", "credential": ""}
    return person_row(number, **facts | changes)


def deactivated_row(number: int = 1) -> dict[str, str]:
    """A row that is empty but for the day the NPI was given up."""
    return {"NPI": npi(number), "NPI Deactivation Date": "06/13/2025"}


def secondary_address_row(number: int = 1, **changes: str) -> dict[str, str]:
    """A row of the secondary locations."""
    facts = {"line1": "1 OTHER ST", "line2": "", "city": "BOULDER", "state": "CO", "zip": "80301", "country": "US"}
    facts |= {"phone": "3035550111"} | changes
    return {
        "NPI": npi(number),
        **dict(zip(SECONDARY_HEADER[1:], (facts[name] for name in _SECONDARY_FIELDS), strict=False)),
    }


_SECONDARY_FIELDS = ("line1", "line2", "city", "state", "zip", "country", "phone")


def write_nppes_file(path: Path, rows: Iterable[Mapping[str, str]], header: list[str] = HEADER, **dialect: Any) -> Path:
    """A file of these rows, every field in quotation marks as in the official files."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, header, restval="", **{"quoting": csv.QUOTE_ALL, **dialect})
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_secondary_file(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    return write_nppes_file(path, rows, SECONDARY_HEADER)


def random_rows(count: int, *, listed: float, seed: int = 20261122) -> Iterator[dict[str, str]]:
    """Different people all over Colorado; the share `listed` of them in a specialty that is listed here."""
    chance = random.Random(seed)
    codes = sorted(SPECIALTIES)
    for number in range(count):
        row = person_row(
            number,
            last=f"EXAMPLE{number % 977}",
            first=chance.choice(("ANN", "BEN", "CARA", "DAN")),
            line1=f"{chance.randrange(1, 9999)} MAIN ST",
            code1=chance.choice(codes) if chance.random() < listed else DENTIST,
        )
        # A full row has a mailing address, licenses and other identifiers too, which cost time to read past.
        row |= {column: row[column.replace(MAILING, PRACTICE)] for column in _address(MAILING)[:6]}
        row |= {"Provider License Number_1": str(number), "Provider Enumeration Date": "05/23/2005"}
        row |= {f"Other Provider Identifier_{slot}": str(number * slot) for slot in range(1, 4)}
        yield row
