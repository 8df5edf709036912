"""Converts the registry's all-capital names and addresses to mixed case."""

import re
from collections.abc import Set as AbstractSet
from functools import lru_cache

CACHE_SIZE = 8_192
"""Cached words, cities and credentials, some MB; arbitrary, because a file repeats them often."""

_ROMAN = frozenset("II III IV".split())
_HIGHER_ROMAN = frozenset("VI VII VIII IX".split())
"""Numerals that are words elsewhere, such as the first name Vi; they count at the end of a longer name."""
_ACRONYMS = _ROMAN | frozenset(
    """
    MD DO DC DPM DDS DMD NP RN PA PC PLLC PLC LLC LLP LLLP LP APC APMC PSC SC USA US VA UT UC ENT OB GYN TMJ MRI CT
    UPMC IHC HCA OHSU UCLA UCSF UCSD UCI UAB UAMS UCONN UMASS UIC UNC UNM USC USF UVA UVM UTMB UTHSC WVU
    NY NYC NYU LSU OSU OSF VCU MUSC CHI CHOC CHOP CHOA IU AHN BJC SSM HSS HSHS ICU ER EMS ADHD HIV PET EMG IV
    NE NW SE SW MOB
    """.split()
)
_ADDRESS_ACRONYMS = _ROMAN | frozenset("NE NW SE SW PO RR HC FM CR US USA PMB MLK JFK UCLA UCSF VA".split())
_VOWELS = frozenset("AEIOUY")
_ABBREVIATIONS = frozenset(
    """
    ST MT FT DR JR SR MR MRS MS CTR CNTR CNT CTRS SVC SVCS SRVS GRP MGMT MGT HLTH HWY RD LN LTD PK SQ BR CLN CLNC PHD
    HSP SCH FLR RM TH ND WM TR TRL HTS SPGS RX
    """.split()
)
"""Shortened words without a vowel, which are no acronyms."""
_MOST_LETTERS_OF_ACRONYM = 4
_LOWERCASE_WORDS = frozenset("of the and for at in on de del la las los".split())
_PARTICLES = re.compile(r"(?<=[ -])(?:DE (?:LA|LOS|LAS)|DEL|DE)(?= )")
"""Spanish particles inside a person's name."""
_MAC_NAMES = frozenset(
    """
    ALISTER ALLISTER ARTHUR AULAY AULEY BETH CALLUM CARTHY CONNELL CORMACK DERMOTT DONALD DONELL DONNELL DOUGAL DOUGALL
    DOWELL DUFF EACHERN EWEN FADDEN FARLAN FARLAND FARLANE GILLIVRAY GREGOR INNES INTOSH INTYRE IVER KAY KENNA KENZIE
    KINNON KINTOSH LACHLAN LAREN LAUGHLIN LEAN LEISH LELLAN LENNAN LEOD MAHON MANUS MILLAN MULLEN NAB NAIR NAMARA
    NAUGHTON NEAL NEIL NEILL NICHOL PHAIL PHEE PHERSON QUARRIE QUEEN RAE SWEEN TAGGART TAVISH VICAR WILLIAMS
    """.split()
)
"""What follows Mac in Scottish and Irish names; most other names in Mac, such as Macaluso, have one capital."""
_CREDENTIALS = {"PHD": "PhD", "PHARMD": "PharmD", "PSYD": "PsyD", "AUD": "AuD", "RPH": "RPh", "EDD": "EdD"}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PARTS = re.compile(r"([^'’]*)(['’]?)(.*)", re.DOTALL)
_ORDINAL = re.compile(r"\d+(ST|ND|RD|TH)")
_SPACED_LETTERS = re.compile(r"\b([A-Z]) (?=[A-Z]\b)")


def titlecase_person(text: str) -> str:
    """Convert “JOHN MCKAY O'BRIEN III” to “John McKay O'Brien III”."""
    written = " ".join(text.split())
    if "DE" in written and _is_capitals(written):
        written = _PARTICLES.sub(lambda found: found[0].lower(), written)
    words = written.split(" ")
    keep = _ROMAN | {words[-1]} if len(words) > 2 and words[-1] in _HIGHER_ROMAN else _ROMAN
    return _titlecase(text, keep=keep, written=written)


def titlecase_organization(text: str) -> str:
    """Convert “MCDONALD ORTHOPAEDICS OF THE PLAINS LLC” to “McDonald Orthopaedics of the Plains LLC”."""
    return _titlecase(text, keep=_ACRONYMS, small=_LOWERCASE_WORDS, acronyms=True)


@lru_cache(CACHE_SIZE)
def titlecase_city(text: str) -> str:
    """Convert “CROTON ON HUDSON” to “Croton on Hudson”."""
    return _titlecase(text, keep=frozenset(), small=_LOWERCASE_WORDS)


def titlecase_address(text: str) -> str:
    """Convert “2828 HIGHWAY 31 S STE 112” to “2828 Highway 31 S Ste 112”."""
    return _titlecase(text, keep=_ADDRESS_ACRONYMS)


@lru_cache(CACHE_SIZE)
def normalize_credential(text: str) -> str:
    """Convert “M. D., PH.D.” to “MD, PhD”."""
    text = _SPACED_LETTERS.sub(r"\1", " ".join(text.replace(".", "").split()).replace(" ,", ","))
    text = text.replace("PH D", "PHD").replace("PHARM D", "PHARMD").replace("R PH", "RPH")
    return _WORD.sub(lambda found: _CREDENTIALS.get(found[0], found[0]), text)


def _is_capitals(text: str) -> bool:
    """Whether a text has no small letter; one that has was typed deliberately, so it is kept."""
    return text.isupper() or not any(letter.islower() for letter in text)


def _titlecase(
    text: str,
    *,
    keep: AbstractSet[str],
    small: AbstractSet[str] = frozenset(),
    acronyms: bool = False,
    written: str = "",
) -> str:
    """Convert a text in capitals; `written` is the text with the words in lower case that stay so."""
    text = " ".join(text.split())
    if not _is_capitals(text):
        return text

    def word(found: re.Match[str]) -> str:
        if found.start() > 0 and found[0].lower() in small:
            return found[0].lower()
        if found[0] in keep or found[0].islower() or (acronyms and _is_acronym(found[0])):
            return found[0]
        return _titlecase_word(found[0])

    return _WORD.sub(word, written or text)


def _is_acronym(word: str) -> bool:
    """Whether a short word cannot be spoken, because it has no vowel."""
    return (
        1 < len(word) <= _MOST_LETTERS_OF_ACRONYM
        and word.isalpha()
        and _VOWELS.isdisjoint(word)
        and (word not in _ABBREVIATIONS)
    )


def _titlecase_word(word: str) -> str:
    if word.isalpha():
        return _titlecase_letters(word)
    if any(map(str.isdigit, word)):
        return word.lower() if _ORDINAL.fullmatch(word) else word
    if word.startswith("MC") and len(word) > 3:
        return "Mc" + word[2:].capitalize()
    parts = _PARTS.fullmatch(word)
    head, mark, tail = parts.groups() if parts else (word, "", "")
    # Capitalize O'Brien, but not King's.
    return head.capitalize() + mark + (tail.capitalize() if len(head) == 1 else tail.lower())


@lru_cache(CACHE_SIZE)
def _titlecase_letters(word: str) -> str:
    if word.startswith("MC") and len(word) > 3:
        return "Mc" + word[2:].capitalize()
    if word.startswith("MAC") and word[3:] in _MAC_NAMES:
        return "Mac" + word[3:].capitalize()
    return word.capitalize()
