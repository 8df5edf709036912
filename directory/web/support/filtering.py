"""What each filter of a search is called and offers: the same words on the form, on what was chosen, in the API."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from directory.listings.languages import LANGUAGES
from directory.listings.specialties import SPECIALTIES
from directory.search.query import ANY_IMAGING

IMAGING_LABELS = {
    ANY_IMAGING: "Any pictures",
    "fluoroscopy": "Live x-ray (fluoroscopy)",
    "ultrasound": "Ultrasound",
    "ct": "CT",
}
BONE_LABELS = {
    "posterior_iliac_crest": "Back of the hip bone",
    "anterior_iliac_crest": "Front of the hip bone",
    "vertebra": "Spine",
    "tibia": "Shin bone",
    "femur": "Thigh bone",
    "calcaneus": "Heel bone",
    "humerus": "Upper arm bone",
    "sternum": "Breastbone",
    "other": "Another bone",
}
KIND_LABELS = {"person": "A person", "clinic": "A clinic"}

LONG = 10
"""Options from which on a list leaves out what nobody near has. Shorter ones stay whole, so that one choice can be
changed together with another."""

Counts = Mapping[str, Mapping[str, int]]
"""How many of a search have a value, by parameter and value; what is left out has none."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter: its label on the form, its values with their labels, and how a chosen one reads by itself.

    `other` is the label of a value that is asked for in an address and not offered; without options, of a text.
    """

    name: str
    label: str
    options: Mapping[str, str] = field(default_factory=dict)
    other: str = "{}"
    chosen: str = "{}"
    behind: bool = True

    @property
    def is_choice(self) -> bool:
        """Whether one of several is chosen; else it is ticked, or typed."""
        return len(self.options) > 1

    @property
    def is_tick(self) -> bool:
        """Whether it is set or not, and nothing else."""
        return len(self.options) == 1

    def says(self, value: str) -> str:
        """The label of a value."""
        return self.options.get(value) or self.other.format(value)

    def reads(self, value: str) -> str:
        """The filter with its value, away from the form."""
        return self.chosen.format(self.says(value))


FILTERS = (
    Filter("badge", "Only with the self-certified tag", {"1": "With the self-certified tag"}, behind=False),
    Filter("imaging", "Pictures to guide the needle", IMAGING_LABELS, behind=False),
    Filter("q", "Name or practice", other="“{}”"),
    Filter(
        "volume",
        "From one spot",
        {most: f"At most {most} mL" for most in ("5", "10", "20")},
        other="At most {} mL",
        chosen="{} from one spot",
    ),
    Filter(
        "sites",
        "Spots drawn from",
        {least: f"At least {least}" for least in ("3", "5", "10")},
        other="At least {}",
        chosen="{} spots",
    ),
    Filter("bone", "Bone", BONE_LABELS),
    Filter("specialty", "Specialty", SPECIALTIES),
    Filter("language", "Language spoken", LANGUAGES, chosen="{} spoken"),
    Filter("kind", "Person or clinic", KIND_LABELS),
    Filter("accepting", "Takes new patients", {"1": "Takes new patients"}),
    Filter("confirmed", "Last confirmed within a year", {"1": "Confirmed within a year"}),
)
"""In the order of the form; `behind` are those that it shows when asked for more."""

BY_NAME = {each.name: each for each in FILTERS}


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen; `count` says how many have it, and nothing where that was not counted."""

    value: str
    text: str
    count: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A filter as the form shows it, with what was sent for it and what is wrong with that."""

    filter: Filter
    value: str
    options: tuple[Option, ...]
    errors: tuple[str, ...]

    @property
    def is_set(self) -> bool:
        """Whether something was sent, so that it must be seen."""
        return bool(self.value or self.errors)


@dataclass(frozen=True, slots=True)
class Filtering:
    """All filters of a form: those always seen, and those behind “More filters”, which opens where one is set."""

    first: tuple[Control, ...]
    more: tuple[Control, ...]

    @property
    def is_open(self) -> bool:
        """Whether one of those behind is set, or is to be mended."""
        return any(control.is_set for control in self.more)


def filtering(
    sent: Mapping[str, str], errors: Mapping[str, Sequence[str]], counts: Counts | None = None, *, most: int = 0
) -> Filtering:
    """The filters as a form shows them, with everything they offer.

    With `counts`, of which `most` means as many or more, a long list is only of what somebody has. A filter that is
    chosen has no counts: they would be of those who match what is chosen too.
    """
    controls = [
        _control(each, sent.get(each.name, ""), tuple(errors.get(each.name, ())), counts, most) for each in FILTERS
    ]
    return Filtering(
        tuple(control for control in controls if not control.filter.behind),
        tuple(control for control in controls if control.filter.behind and _is_of_use(control)),
    )


def _control(each: Filter, value: str, errors: tuple[str, ...], counts: Counts | None, most: int) -> Control:
    if counts is None or value or errors:
        options = [Option(name, each.says(name), "", name == value) for name in each.options]
        if value and each.is_choice and value not in each.options:
            options.append(Option(value, each.says(value), "", is_chosen=True))
        return Control(each, value, tuple(options), errors)
    counted = counts.get(each.name, {})
    return Control(each, value, tuple(_counted(each, counted, most)), errors)


def _counted(each: Filter, counted: Mapping[str, int], most: int) -> Iterator[Option]:
    for name in each.options:
        number = counted.get(name, 0)
        if number or len(each.options) < LONG:
            yield Option(name, each.says(name), f"{number:,}{'+' if number >= most else ''}", is_chosen=False)


def _is_of_use(control: Control) -> bool:
    return bool(control.options or not control.filter.options)
