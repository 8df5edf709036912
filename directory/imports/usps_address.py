"""Compares addresses as the Postal Service writes them, so that “Ste 100” and “Suite 100” are one."""

import re
from functools import lru_cache
from typing import TypeAlias

from directory.imports.records import PostalAddress
from directory.listings.listing_data import Address
from directory.listings.tables import Location

CACHE_SIZE = 8_192
"""Lines in their short form; arbitrary, a batch holds fewer."""

# USPS Publication 28, appendices B, C1 and C2: the words that stand in practice addresses.
_PAIRS = """
alley aly;annex anx;arcade arc;avenue ave av;bayou byu;beach bch;bend bnd;bluff blf;boulevard blvd boul;branch br
bridge brg;brook brk;bypass byp;canyon cyn;causeway cswy;center ctr centre cntr;circle cir;common cmn;corner cor
corners cors;court ct;courts cts;cove cv;creek crk;crescent cres;crossing xing;crossroad xrd;drive dr drv;estate est
estates ests;expressway expy;extension ext;falls fls;ferry fry;field fld;fields flds;forest frst;fort ft;freeway fwy
garden gdn;gardens gdns;gateway gtwy;glen gln;green grn;grove grv;harbor hbr;heights hts;highway hwy;hill hl;hills hls
hollow holw;island is;junction jct;lake lk;lakes lks;landing lndg;lane ln;light lgt;lodge ldg;manor mnr;meadow mdw
meadows mdws;mill ml;mills mls;mission msn;motorway mtwy;mount mt;mountain mtn;orchard orch;park pk;parkway pkwy pky
place pl;plain pln;plains plns;plaza plz;point pt;port prt;prairie pr;ranch rnch;ridge rdg;river riv;road rd
route rte;saint st;shore shr;spring spg;springs spgs;square sq;station sta;street str;summit smt;terrace ter terr
trail trl;turnpike tpke;union un;valley vly;viaduct via;view vw;village vlg;vista vis;north n;south s;east e;west w
northeast ne;northwest nw;southeast se;southwest sw;apartment apt;basement bsmt;building bldg;department dept;floor fl
hangar hngr;office ofc;penthouse ph;room rm;space spc;suite ste;trailer trlr;first 1st;second 2nd;third 3rd;fourth 4th
fifth 5th;sixth 6th;seventh 7th;eighth 8th;ninth 9th;tenth 10th;number no;professional prof;medical med;hospital hosp
"""
_SHORT = {word: words.split()[1] for words in re.split(r"[;\n]", _PAIRS.strip()) for word in words.split()} | {
    "street": "st",
    "str": "st",
}
_WORDS = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’")
_SPLIT_DIRECTION = re.compile(r"\b([ns]) ([ew])\b")
_ZIP_LENGTH = 5


AddressText: TypeAlias = Location | Address | PostalAddress


@lru_cache(CACHE_SIZE)
def shorten(text: str) -> str:
    """The text in lower case with the abbreviations of the Postal Service and without punctuation."""
    words = _WORDS.findall(text.casefold().translate(_APOSTROPHES).replace(".", ""))
    return _SPLIT_DIRECTION.sub(r"\1\2", " ".join(_SHORT.get(word, word) for word in words))


def same_place(one: AddressText, other: AddressText) -> bool:
    """Whether two addresses are equal as the Postal Service writes them, apart from the last four digits of the ZIP."""
    return (
        one.state == other.state
        and one.postal_code[:_ZIP_LENGTH] == other.postal_code[:_ZIP_LENGTH]
        and shorten(f"{one.line1} {one.line2}") == shorten(f"{other.line1} {other.line2}")
        and shorten(one.city) == shorten(other.city)
    )
