"""Synthetic names of people, practices and streets, put together from syllables."""

from typing import Final

_GIVEN_STARTS = (
    "Ald Bel Brin Cass Cor Dal Drev Eld Fen Fyr Gal Gweth Hal Ilv Jor Kel Lor Lys Mir Nev Nol Ods Orl Pell Quin Rhod "
    "Sel Syl Tam Thal Ulr Vel Wend Xan Yor Zeb Zél Ñor Bjø"
).split()
_GIVEN_ENDS = (
    "ane anth ara ath eda elo enna erin esse iah idan iel imar ine isa ith ivo oa olde ona orin osa oth ulf una uvi "
    "wen wyth yna yx"
).split()
_FIRSTS = (
    "Amber Ashen Barley Birch Blen Bram Brath Cald Cind Copper Corven Dapple Dovel Drum Elster Ember Fallow Fenn Fern "
    "Frost Gald Glim Gorse Grent Harrow Hask Heron Ilder Ivel Jessam Kelter Lark Linnet Lum Maple Merrow Mossel Nettle "
    "Noss Oaten Orrin Pebble Plover Quill Rook Rushen Sedge Sil Skarn Sorrel Thistle Thorn Tormen Umber Velm Wether "
    "Wick Yarrow Zarn Peña"
).split()
_MIDDLES = ("", "a", "al", "an", "ar", "e", "el", "en", "er", "i", "il", "in", "o", "ol", "on", "or", "u", "un", "y")
_SECONDS = (
    "barrow berrow bole bourne bramble burrow combe crest dale drift fallow feather fell field flint glen grove hallow "
    "heath hollow hurst kettle lathe leaf lorn mantle marsh meer mere moor nock quist ridge rill rook shade shaw song "
    "spindle stead stone stow thatch thicket thrup vane wade wander water weather whistle willow wing wold wyke"
).split()
_STREET_TYPES = "Way Street Avenue Road Lane Drive Boulevard Parkway Court Plaza".split()

GIVEN: Final = [start + end for end in _GIVEN_ENDS for start in _GIVEN_STARTS]
SURNAMES: Final = [a + b + c for b in _MIDDLES for c in _SECONDS for a in _FIRSTS]
STREETS: Final = [f"{a}{c} {kind}" for c in _SECONDS[::4] for kind in _STREET_TYPES for a in _FIRSTS[::5]]
CREDENTIALS: Final = ("MD", "MD", "MD", "DO", "DO", "MD, PhD")
PRACTICE_TYPES: Final = (
    "Spine and Joint", "Orthopedics", "Sports Medicine", "Regenerative Medicine", "Pain and Motion", "Bone and Marrow",
    "Pain Clinic", "Joint Center",
)  # fmt: skip
