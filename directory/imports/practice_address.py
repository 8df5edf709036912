"""Reads a practice address: in the United States or its territories, with a street that patients can go to."""

import re

from directory.geocoding import us_states
from directory.imports.cells import RowCells
from directory.imports.name_case import titlecase_address, titlecase_city
from directory.imports.records import PostalAddress, SkippedRow
from directory.listings.fields import STATES

ABROAD = "the practice is outside the United States"
MILITARY = "the practice address is a military or diplomatic post office (APO, FPO or DPO)"
PO_BOX = "the practice address is a PO box"
INCOMPLETE = "the practice address is incomplete"
NO_STATE = "the state is not a code of the postal service"

BOX_LEFT_OUT = "a PO box beside a street left out"
TERRITORY_AS_STATE = "a territory named as the country, taken as the state"
COUNTRY_CONTRADICTS_STATE = "a country that contradicts the state"

_US_NAMES = frozenset({"", "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA"})
_TERRITORIES = frozenset({"PR", "GU", "VI", "AS", "MP"})
_ISO_ALPHA_3 = {"PRI": "PR", "GUM": "GU", "VIR": "VI", "ASM": "AS", "MNP": "MP"}
_MILITARY_STATES = frozenset({"AA", "AE", "AP"})
_LONGEST_MILITARY_CITY = len("A. P. O. AE")
_MILITARY_CITY = re.compile(r"[AFD] ?P ?O\b(?: A[AEP])?")

_PUNCTUATION = re.compile(r"[\s.,#:;()/\\-]+")
_BOX = re.compile(
    r"""(?:
    (?:G\ ?)?P\ ?[O0]\ ?(?:BOX+(?:ES)?|B0X|BX|BOC|B|(?:LOCK\ ?)?(?:BOX|DRAWER)|DRWR)(?![A-Z])
    |P\ BOX(?![A-Z])
    |POST(?:AL)?\ (?:OFFICE\ |OFC\ |OFF\ )?(?:BOX|BX|DRAWER)(?![A-Z])
    |(?:LOCK|CALL|CALLER)\ ?(?:BOX|BAG|SERVICE)(?![A-Z])
    |(?:BOX|BX|DRAWER|BUZON)(?=\ ?\d|\ [A-Z]$)
    |(?:APARTADO|APTADO|APTDO|APDO)(?:\ POSTAL|\ DE\ CORREOS?)?(?=\ ?\d|$)
    |P\ ?[O0](?=\ \d+$)
    |GEN(?:ERAL)?\ DELIVERY
    |(?:PMB|PRIVATE\ MAIL\ ?BOX)(?=\ ?\w+$)
    )""",
    re.VERBOSE,
)
"""The beginning of a line that names a box and no street, in capitals and without punctuation."""

_PRIVATE_BOX = re.compile(r"PMB|PRIVATE MAIL ?BOX")
_STREET_AFTER_BOX = re.compile(r"\ ?(?:NO\ )?[A-Z]?\d*[A-Z]?\ (?P<street>\d+[A-Z]?\ (?!\d)\w.*)", re.VERBOSE)


class AddressParser:
    """Reads the address in some columns: `lines`, and the others by the name of the location's field."""

    def __init__(self, lines: tuple[int, int], columns: dict[str, int]) -> None:
        self._lines = lines
        self._city, self._state, self._zip, self._phone, self._country = (
            columns[name] for name in ("city", "state", "postal_code", "phone", "country")
        )

    def parse(self, cells: RowCells) -> PostalAddress:
        """Read the address of a row.

        Raises:
            SkippedRow: patients in the United States cannot go there.
        """
        city = cells.text(self._city, "city")
        state = self._read_state(cells, city)
        lines = self._read_lines(cells)
        if not lines or not city:
            raise SkippedRow(INCOMPLETE)
        if state not in STATES:
            raise SkippedRow(NO_STATE, details=state)
        return PostalAddress(
            line1=titlecase_address(lines[0]),
            line2=titlecase_address(lines[1]) if len(lines) > 1 else "",
            city=titlecase_city(city),
            state=state,
            postal_code=cells.postal_code(self._zip, state),
            phone=cells.digits(self._phone, "phone"),
        )

    def _read_state(self, cells: RowCells, city: str) -> str:
        """The state as written, or the territory that is named as the country."""
        state = cells.text(self._state, "state").upper().replace(".", "")
        country = cells.text(self._country, "country").upper().replace(".", "")
        if state in _MILITARY_STATES or state.startswith("ARMED FORCES"):
            raise SkippedRow(MILITARY)
        if (
            len(city) <= _LONGEST_MILITARY_CITY
            and _MILITARY_CITY.fullmatch(_plain(city))
            and country in _US_NAMES | {state}
        ):
            raise SkippedRow(MILITARY)
        if country in _US_NAMES:
            return state
        territory = _find_territory(country)
        if not territory:
            raise SkippedRow(ABROAD)
        if state == territory:
            return state
        if state in STATES:
            cells.doubt(COUNTRY_CONTRADICTS_STATE, "country", country, state)
            return state
        cells.repair(TERRITORY_AS_STATE, "state", state, territory)
        return territory

    def _read_lines(self, cells: RowCells) -> list[str]:
        """The lines that name a street.

        Raises:
            SkippedRow: they name only a box.
        """
        printed = [line for line in (cells.text(index, "line1") for index in self._lines) if line]
        streets = {line: street_of(line) for line in printed}
        lines = [street for street in streets.values() if street]
        if printed and not lines:
            raise SkippedRow(PO_BOX)
        for line, street in streets.items():
            if _PRIVATE_BOX.match(_plain(line)) and not street:
                # A private mailbox beside its street is part of the address.
                lines.append(line)
            elif street != line:
                cells.repair(BOX_LEFT_OUT, "line1", line, street)
        return lines


def street_of(line: str) -> str:
    """A line of an address without a box at its beginning; empty if it names nothing else."""
    # Most lines begin with the number of a house.
    if line[:1].isdigit():
        return line
    plain = _plain(line)
    box = _BOX.match(plain)
    if box is None:
        return line
    rest = _STREET_AFTER_BOX.fullmatch(plain, box.end())
    if rest is None:
        return ""
    words = r"\W+".join(map(re.escape, rest["street"].split()))
    found = re.search(rf"\b{words}\W*$", line, re.IGNORECASE)
    return found[0] if found else ""


def _plain(text: str) -> str:
    return _PUNCTUATION.sub(" ", text.upper()).strip()


def _find_territory(country: str) -> str:
    code = us_states.find_state(country) or _ISO_ALPHA_3.get(country, "")
    return code if code in _TERRITORIES else ""
