"""US states and territories of the Postal Service: names, abbreviations and ZIP code ranges."""

import re
from typing import Final

import us
from rapidfuzz import process
from rapidfuzz.distance import OSA

MIN_NAME_LETTERS: Final = 6
MAX_STATE_EDITS: Final = 2
"""A name of so many letters may have two typos."""

ASSOCIATED_STATES: Final = frozenset(state.abbr for state in us.states.ASSOCIATED_STATES)
"""Palau, Micronesia and the Marshall Islands: countries to which the Postal Service delivers."""

COUNTRY_STATES: Final = ASSOCIATED_STATES | {state.abbr for state in us.TERRITORIES}
"""States of the Postal Service that GeoNames lists as countries."""

_EVERY_STATE: Final = (
    *sorted((*us.STATES, us.states.DC), key=str),
    *us.TERRITORIES,
    *us.states.ASSOCIATED_STATES,
)

STATES: Final[dict[str, str]] = {state.abbr: state.name for state in _EVERY_STATE}
"""Two-letter code → name: 50 states, the District of Columbia, five territories, three associated states."""

_SHORT_FORMS = """
cal CA;col CO;flor FL;jersey NJ;ken KY;new mex NM;okl OK
cali CA;ida ID;haw HI;minn MN;wash dc DC;washington dc DC
kans KS;nebr NE;n hampshire NH;n jersey NJ;n mexico NM;n mex NM;n york NY
n carolina NC;no carolina NC;n car NC;n dakota ND;no dakota ND;n dak ND;oreg OR;penn PA;penna PA;r island RI
s carolina SC;so carolina SC;s car SC;s dakota SD;so dakota SD;s dak SD;tex TX;virg VA;w virginia WV;w va WV
wisc WI;us virgin islands VI;usvi VI;cnmi MP;micronesia FM
"""

_CODES_BY_NAME: Final[dict[str, str]] = {
    name.lower().replace(".", ""): state.abbr
    for state in _EVERY_STATE
    for name in (state.name, state.ap_abbr, state.abbr)
    if name
} | {entry[:-3]: entry[-2:] for entry in re.split(r"[;\n]", _SHORT_FORMS.strip())}
"""Names, AP and postal abbreviations, and other short forms."""

_ZIP_RANGES = """
005 NY;006-007 PR;008 VI;009 PR;010-027 MA;028-029 RI;030-038 NH;039-049 ME;050-054 VT;055 MA;056-059 VT
060-069 CT;070-089 NJ;100-149 NY;150-196 PA;197-199 DE;200 DC;201 VA;202-205 DC;206-219 MD;220-246 VA
247-268 WV;270-289 NC;290-299 SC;300-319 GA;320-339 FL;341-342 FL;344 FL;346-347 FL;349 FL;350-352 AL
354-369 AL;370-385 TN;386-397 MS;398-399 GA;400-427 KY;430-459 OH;460-479 IN;480-499 MI;500-528 IA
530-549 WI;550-567 MN;569 DC;570-577 SD;580-588 ND;590-599 MT;600-629 IL;630-658 MO;660-679 KS;680-693 NE
700-714 LA;716-729 AR;730-732 OK;733 TX;734-749 OK;750-799 TX;800-816 CO;820-831 WY;832-838 ID;840-847 UT
850-865 AZ;870-884 NM;885 TX;889-898 NV;900-961 CA;967-968 HI;969 GU;970-979 OR;980-994 WA;995-999 AK
"""

_ZIP_EXCEPTIONS: Final = {
    "05501": "MA", "05544": "MA", "06390": "NY", "83414": "WY", "96799": "AS",
    "96939": "PW", "96940": "PW", "96941": "FM", "96942": "FM", "96943": "FM", "96944": "FM",
    "96950": "MP", "96951": "MP", "96952": "MP", "96960": "MH", "96970": "MH",
}  # fmt: skip
"""ZIP codes in another state than others with the same first three digits."""

MILITARY_PREFIXES: Final = frozenset({"340", *(f"{n:03}" for n in range(90, 99)), *map(str, range(962, 967))})
"""Military and diplomatic post offices: these ZIP codes have no location."""


def _state_by_prefix() -> dict[str, str]:
    states: dict[str, str] = {}
    for entry in re.split(r"[;\n]", _ZIP_RANGES.strip()):
        span, state = entry.split()
        first, _, last = span.partition("-")
        states.update({f"{n:03}": state for n in range(int(first), int(last or first) + 1)})
    return states


STATE_BY_PREFIX: Final[dict[str, str]] = _state_by_prefix()


def state_of_zip(zip_code: str) -> str | None:
    """Return the state of a five-digit ZIP code, from its first three digits; None if they are not assigned."""
    return _ZIP_EXCEPTIONS.get(zip_code) or STATE_BY_PREFIX.get(zip_code[:3])


def find_state(text: str) -> str | None:
    """Return the two-letter code of a state: "CO", "Colorado", "Colo.", "N. Carolina", "D.C."."""
    words = " ".join(re.sub(r"[.']", "", text).casefold().split())
    spelled = re.sub(r"\b([a-z]) (?=[a-z]\b)", r"\1", words)  # "N. Y." and "D. C."
    return _CODES_BY_NAME.get(words) or (_CODES_BY_NAME.get(spelled) if len(spelled) in {2, 4} else None)


def similar_state(text: str) -> str | None:
    """Return the state of which the text is a misspelled name: "Massachusets"."""
    names = [name for name in _CODES_BY_NAME if len(name) >= MIN_NAME_LETTERS]
    near = process.extractOne(text.casefold(), names, scorer=OSA.distance, score_cutoff=MAX_STATE_EDITS)
    return _CODES_BY_NAME[near[0]] if near else None


def states_with_prefix(text: str) -> list[str]:
    """Return the states whose code or name begins with the text: "m" → ME, MD, MA …; all states for empty text."""
    letters = text.strip().casefold().replace(".", "")
    if letters.upper() in STATES:
        return [letters.upper()]
    return [
        code
        for code, name in STATES.items()
        if code.lower().startswith(letters) or name.lower().replace(".", "").startswith(letters)
    ]
