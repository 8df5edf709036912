"""The look keeps its promises: contrast in both themes, and fields that say what is wrong with them."""

import itertools
import re
from html.parser import HTMLParser

import jinja2
import pytest
from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, Form, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional

from directory import resources

TEXT, EDGE = 4.5, 3.0
GROUNDS = ("paper", "surface", "sunken")
ON_ANY_GROUND = ("ink", "ink-soft", "brand", "brand-strong", "right", "between", "wrong")
PAIRS = [
    *((ink, ground, TEXT) for ink, ground in itertools.product(ON_ANY_GROUND, GROUNDS)),
    *((ink, f"{ink}-tint", TEXT) for ink in ("right", "between", "wrong")),
    *(("ink", tint, TEXT) for tint in ("tint", "right-tint", "between-tint", "wrong-tint")),
    ("brand-strong", "tint", TEXT),
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-strong", TEXT),
    ("on-tag", "tag", TEXT),
    ("paper", "ink", TEXT),
    *((edge, ground, EDGE) for edge, ground in itertools.product(("edge", "focus", "marrow"), GROUNDS)),
]


def themes() -> dict[str, dict[str, str]]:
    source = (resources.folder("static") / "css" / "tokens.css").read_text(encoding="utf-8")
    light, dark = source.split("@media (prefers-color-scheme: dark)")
    find = re.compile(r"--([a-z-]+): #([0-9a-f]{3,6});").findall
    return {"light": dict(find(light)), "dark": dict(find(light)) | dict(find(dark))}


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("over", "under", "least"), PAIRS)
def test_every_pair_of_colours_can_be_told_apart(theme, over, under, least):
    tokens = themes()[theme]
    assert contrast(tokens[over], tokens[under]) >= least


def test_the_dark_theme_gives_every_colour_a_value_of_its_own():
    found = themes()
    assert {name for name, value in found["light"].items() if found["dark"][name] == value} == set()


class Technique(Form):
    name = StringField("Your name", [DataRequired("Type your name.")], description="As on your license.")
    low = DecimalField("From", [DataRequired("Type the volume from one spot.")])
    high = DecimalField("To", [Optional()])
    bone = RadioField(
        "Bone",
        choices=[SelectChoice("hip", "Hip"), SelectChoice("shin", "Shin")],
        validators=[DataRequired("Choose a bone.")],
    )


class Page(HTMLParser):
    """Remembers each start tag's attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    def one(self, **wanted):
        (found,) = [a for _, a in self.tags if all(a.get(key) == value for key, value in wanted.items())]
        return found


@pytest.fixture
def refused_page():
    form = Technique(MultiDict({"name": "", "low": "", "high": "", "bone": ""}))
    assert not form.validate()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resources.folder("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    source = """{% import "macros/forms.html" as f %}{{ f.error_summary(form) }}{{ f.field(form.name) }}
    {{ f.range_pair(form.low, form.high, "Volume", unit="mL", hint="One cc is one mL.") }}{{ f.choices(form.bone) }}"""
    return Page(environment.from_string(source).render(form=form))


def test_a_refused_field_is_described_by_its_hint_and_its_error(refused_page):
    name = refused_page.one(name="name")
    assert name["aria-invalid"] == "true"
    assert name["aria-describedby"] == "name-hint name-error"


def test_whatever_describes_a_control_is_on_the_page(refused_page):
    described = [a["aria-describedby"] for _, a in refused_page.tags if a.get("aria-describedby")]
    assert len(described) == 3
    assert set(" ".join(described).split()) <= set(refused_page.ids)


def test_the_error_summary_links_to_a_control_for_every_fault(refused_page):
    links = [a["href"] for tag, a in refused_page.tags if tag == "a"]
    controls = {f"#{a['id']}" for tag, a in refused_page.tags if tag == "input"}
    assert links == ["#name", "#low", "#bone-0"]
    assert set(links) <= controls


def test_no_id_stands_twice_on_a_page(refused_page):
    assert len(refused_page.ids) == len(set(refused_page.ids))
