"""Fictitious providers for the demo: invented names, invalid NPIs, real towns; the same at every load."""

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from directory.cli.demo_facts import generate_facts, generate_location_facts
from directory.listings.kinds import ListingKind
from directory.listings.listing_data import Address, ListingData
from directory.listings.specialties import SPECIALTIES

SEED = 20261122
PROVIDER_COUNT = 300

TOWNS = """
AK Anchorage 99503|AK Fairbanks 99701|AL Birmingham 35205|AL Mobile 36608|AR Little Rock 72205|AR Fayetteville 72703
AZ Phoenix 85016|AZ Tucson 85712|AZ Flagstaff 86001|CA Los Angeles 90024|CA San Diego 92103|CA Sacramento 95816
CA San Francisco 94115|CA Fresno 93720|CO Denver 80206|CO Colorado Springs 80907|CO Grand Junction 81501
CO Broomfield 80020|CT Hartford 06106|CT New Haven 06511|DC Washington 20037|DE Wilmington 19803|DE Dover 19901
FL Miami 33143|FL Tampa 33609|FL Orlando 32806|FL Jacksonville 32216|GA Atlanta 30309|GA Savannah 31405
HI Honolulu 96813|HI Hilo 96720|IA Des Moines 50309|IA Iowa City 52240|ID Boise 83702|ID Idaho Falls 83404
IL Chicago 60611|IL Springfield 62702|IL Peoria 61614|IN Indianapolis 46260|IN Fort Wayne 46804|KS Wichita 67208
KS Overland Park 66210|KY Louisville 40207|KY Lexington 40503|LA New Orleans 70115|LA Shreveport 71105
MA Boston 02116|MA Worcester 01605|MA Springfield 01107|MD Baltimore 21204|MD Rockville 20850|ME Portland 04102
ME Bangor 04401|MI Detroit 48201|MI Grand Rapids 49503|MI Ann Arbor 48104|MN Minneapolis 55404|MN Rochester 55902
MN Duluth 55805|MO Saint Louis 63110|MO Kansas City 64111|MO Springfield 65804|MS Jackson 39216|MS Tupelo 38801
MT Billings 59101|MT Missoula 59802|NC Charlotte 28207|NC Raleigh 27607|NC Asheville 28801|ND Fargo 58103
ND Bismarck 58501|NE Omaha 68114|NE Lincoln 68510|NH Manchester 03103|NH Lebanon 03766|NJ Princeton 08540
NJ Morristown 07960|NM Albuquerque 87106|NM Santa Fe 87505|NV Las Vegas 89128|NV Reno 89502|NY New York 10021
NY Buffalo 14203|NY Rochester 14620|NY Albany 12208|OH Columbus 43215|OH Cleveland 44106|OH Cincinnati 45219
OK Oklahoma City 73112|OK Tulsa 74136|OR Portland 97210|OR Eugene 97401|OR Bend 97701|PA Philadelphia 19107
PA Pittsburgh 15213|PA Hershey 17033|PR San Juan 00909|RI Providence 02906|SC Charleston 29403|SC Greenville 29605
SD Sioux Falls 57105|SD Rapid City 57701|TN Nashville 37203|TN Memphis 38120|TN Knoxville 37919|TX Houston 77030
TX Dallas 75231|TX San Antonio 78229|TX Austin 78705|TX El Paso 79902|TX Lubbock 79410|UT Salt Lake City 84102
UT Saint George 84790|VA Richmond 23226|VA Norfolk 23507|VA Roanoke 24014|VT Burlington 05401|WA Seattle 98104
WA Spokane 99204|WA Yakima 98902|WI Milwaukee 53226|WI Madison 53705|WI Green Bay 54301|WV Charleston 25301
WV Morgantown 26505|WY Cheyenne 82001|WY Casper 82601
"""
"""State, city and ZIP code, separated by bars and line ends."""

_AREA_CODES = dict(
    pair.split()
    for pair in """
AK 907|AL 205|AR 501|AZ 602|CA 415|CO 303|CT 203|DC 202|DE 302|FL 305|GA 404|HI 808|IA 515|ID 208|IL 312|IN 317|KS 316
KY 502|LA 504|MA 617|MD 410|ME 207|MI 313|MN 612|MO 314|MS 601|MT 406|NC 704|ND 701|NE 402|NH 603|NJ 201|NM 505|NV 702
NY 212|OH 614|OK 405|OR 503|PA 215|PR 787|RI 401|SC 803|SD 605|TN 615|TX 512|UT 801|VA 804|VT 802|WA 206|WI 414|WV 304
WY 307
""".strip()
    .replace("\n", "|")
    .split("|")
)

_GIVEN = (
    "Alder Amaranth Anise Aspen Basil Bramble Briar Burdock Calla Cedar Clover Cypress Dahlia Elder Fennel "
    "Fern Flint Gale Hawthorn Hazel Heather Hollis Indigo Iris Ivy Juniper Larch Laurel Linden Magnolia Maple Marigold "
    "Myrtle Oakley Olive Peregrine Perry Poppy Quill Reed River Robin Rowan Rue Sage Saffron Sorrel Tansy Teasel Thorn "
    "Thyme Verbena Willow Wren Yarrow"
).split()
_FIRST_HALVES = (
    "Alder Amber Ashen Barley Birch Blue Bramble Bright Brook Copper Corn Dapple Dove Ever Fallow Feather Fern Fox "
    "Frost Glen Golden Gorse Hare Hazel Heron Honey Ivory Lark Linnet Maple Meadow Mist Moss Nettle Oat Otter Pebble "
    "Plover Quill Rain Rush Sedge Silver Sparrow Star Swift Thistle Thorn Velvet Willow Wind Wren"
).split()
_SECOND_HALVES = (
    "berrow bourne bramble burrow combe crest dale fallow feather field flint glen grove hollow hurst lathe leaf light "
    "mantle marsh meer mere moor quill ridge rook shade shaw song spindle stead stone thatch thicket vane water "
    "weather whistle wick willow wing wold"
).split()
_CREDENTIALS = ("MD", "MD", "MD", "DO", "DO", "MD, PhD")
_PRACTICE_TYPES = ("Spine and Joint", "Orthopedics", "Sports Medicine", "Regenerative Medicine", "Pain and Motion")
_STREETS = (
    "Thistledown Way",
    "Lantern Street",
    "Harebell Avenue",
    "Millrace Road",
    "Quarrystone Lane",
    "Larkspur Drive",
)

SHARED_BUILDING = ("CO", "Westminster", "80021", "4100 Fernhollow Parkway")
"""Several providers work at this address, as in real medical buildings."""
SHARED_BUILDING_PROVIDERS = 7


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A fictitious provider: the listing data, whose addresses are not geocoded yet, and the name of the signer."""

    entry: ListingData
    signer: str


def generate_providers(chance: random.Random) -> Iterator[DemoProvider]:
    """Yield all providers, spread over all states, some with several offices, some in one building."""
    towns = [_parse_town(text) for text in TOWNS.replace("\n", "|").split("|") if text]
    surnames = _surnames(chance)
    for number in range(PROVIDER_COUNT):
        town = towns[number % len(towns)]
        surname = surnames[number]
        practice = f"{surnames[-1 - number % 60]} {chance.choice(_PRACTICE_TYPES)}"
        person = chance.random() < 0.8
        somebody = f"{chance.choice(_GIVEN)} {surname}"
        # The order of the next four random choices must not change, or all providers would.
        name = somebody if person else f"{surname} {chance.choice(_PRACTICE_TYPES)}"
        credential = chance.choice(_CREDENTIALS) if person else ""
        specialty_code = chance.choice(sorted(SPECIALTIES))
        offices = _offices(chance, number, town, towns)
        entry = ListingData(
            kind=ListingKind.PERSON if person else ListingKind.CLINIC,
            name=name,
            credential=credential,
            practice=practice if person else "",
            # Invalid on purpose: a real NPI begins with 1 or 2.
            npi=f"0{number + 1:09d}",
            specialty_code=specialty_code,
            phone=offices[0].phone,
            addresses=tuple(replace(office, **generate_location_facts(number)) for office in offices),
            **asdict(generate_facts(number, town[0])),
        )
        yield DemoProvider(entry, signer=somebody)


def _offices(
    chance: random.Random, number: int, town: tuple[str, str, str], towns: list[tuple[str, str, str]]
) -> tuple[Address, ...]:
    if number < SHARED_BUILDING_PROVIDERS:
        state, city, postal_code, line1 = SHARED_BUILDING
        suite = f"Suite {100 + number * 20}"
        return (Address(line1, city, state, postal_code, line2=suite, phone=_phone(chance, state)),)
    nearby = [other for other in towns if other[0] == town[0] and other != town]
    more = chance.sample(nearby, k=min(len(nearby), chance.choice((1, 1, 2)))) if chance.random() < 0.15 else []
    return tuple(
        Address(
            line1=f"{chance.randrange(100, 9900)} {chance.choice(_STREETS)}",
            line2=f"Suite {chance.randrange(100, 500)}" if chance.random() < 0.4 else "",
            city=city,
            state=state,
            postal_code=postal_code,
            phone=_phone(chance, state),
        )
        for state, city, postal_code in (town, *more)
    )


def _parse_town(text: str) -> tuple[str, str, str]:
    state, _, rest = text.partition(" ")
    city, _, postal_code = rest.rpartition(" ")
    return state, city, postal_code


def _surnames(chance: random.Random) -> list[str]:
    pairs = [first + second for first in _FIRST_HALVES for second in _SECOND_HALVES if first.lower() not in second]
    return chance.sample(pairs, k=PROVIDER_COUNT + 60)


def _phone(chance: random.Random, state: str) -> str:
    """Return a phone number reserved for fiction: 555-0100 to 555-0199."""
    return f"({_AREA_CODES[state]}) 555-01{chance.randrange(100):02d}"
