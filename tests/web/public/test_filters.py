"""What a patient may choose beside the place: on the form, as chips that drop it, and behind a disclosure."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from support.page_text import input_value, listed_slugs, visible_text
from werkzeug.test import TestResponse

from directory.certification.ruleset import bundled_rulesets
from directory.listings.kinds import ListingKind
from directory.listings.languages import LANGUAGES
from directory.search.filters import ANY_IMAGING, FILTERS, declared
from directory.web.support.filter_form import filter_controls

ALL = {
    "badge": "1", "imaging": "ct", "q": "o'neil", "volume": "7.5", "sites": "4", "bone": "tibia",
    "specialty": "207X00000X", "language": "es", "kind": "clinic", "accepting": "1", "confirmed": "1",
}  # fmt: skip


def chips(page: TestResponse) -> dict[str, str]:
    """Where each chip leads, by its words."""
    found = re.findall(r'<a class="chip" href="([^"]*)">(.*?)</a>', page.text, re.DOTALL)
    texts = {html.unescape(re.sub(r"<[^>]*>", "", text)): html.unescape(href) for href, text in found}
    return {text.removeprefix("Remove the filter: ").removesuffix("×"): href for text, href in texts.items()}


def asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def opened(page: TestResponse) -> bool:
    """Whether what is behind “More filters” is seen at once."""
    details = re.search(r'<details class="more-filters"( open)?>', page.text)
    assert details
    return bool(details[1])


def test_every_filter_of_the_search_is_on_the_form_with_all_its_values() -> None:
    controls = filter_controls({}, {})
    shown = [*controls.first, *controls.more]
    assert [control.filter for control in shown] == list(FILTERS)
    for control in shown:
        assert [option.value for option in control.options] == list(control.filter.choices)
    assert set(declared("language").choices) == set(LANGUAGES)
    assert set(declared("kind").choices) == {kind.value for kind in ListingKind}


def test_the_choices_of_a_technique_are_those_of_the_rules_in_their_words() -> None:
    for criterion, name in (("harvest_bone", "bone"), ("imaging_guidance", "imaging")):
        [asked_for] = [each for each in bundled_rulesets().current.criteria if each.key == criterion]
        labels = {option.value: option.label for option in asked_for.options}
        assert labels.items() <= declared(name).choices.items()
        assert set(declared(name).choices) - set(labels) <= {ANY_IMAGING}


def test_what_was_chosen_is_said_and_each_part_can_be_dropped(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    address = "/providers?near=80021&within=25&badge=1&imaging=ultrasound&page=1"
    page = client.get(address)
    assert set(chips(page)) == {"With the Self-certified badge", "Ultrasound"}
    assert asked(chips(page)["Ultrasound"]) == {"near": ["80021"], "within": ["25"], "badge": ["1"]}
    everything = re.search(r'href="([^"]*)"\s*>Remove all filters', page.text)
    assert everything
    assert asked(html.unescape(everything[1])) == {"near": ["80021"], "within": ["25"]}


def test_all_filters_together_are_one_search(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get("/providers", query_string={"near": "80021", **ALL})
    assert page.status_code == 200
    assert len(chips(page)) == len(FILTERS) == len(ALL)
    for name, address in zip([each.name for each in FILTERS], chips(page).values(), strict=True):
        kept = {key: value for key, value in ALL.items() if key != name}
        assert asked(address) == {"near": ["80021"], "within": ["50"], **{k: [v] for k, v in kept.items()}}


def test_a_value_that_is_not_offered_is_kept_and_said(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get("/providers?near=80021&volume=7.5&sites=4")
    assert set(chips(page)) == {"At most 7.5 mL from one spot", "At least 4 spots"}
    assert '<option value="7.5" selected>At most 7.5 mL</option>' in page.text
    assert '<option value="4" selected>At least 4</option>' in page.text


def test_a_text_is_never_markup_nor_a_template(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    hostile = '"><b>{0.__class__}{{7*7}}%s'
    page = client.get("/providers", query_string={"near": "80021", "q": hostile})
    assert page.status_code == 200
    assert input_value(page, "q") == hostile
    assert f"“{hostile}”" in visible_text(page)
    assert "<b>{" not in page.text


@pytest.mark.parametrize("name", sorted(ALL))
def test_what_is_behind_more_filters_is_seen_where_it_is_set(client: FlaskClient, add_listing, name: str) -> None:
    add_listing("Any Clinic")
    assert not opened(client.get("/providers?near=80021"))
    page = client.get("/providers", query_string={"near": "80021", name: ALL[name]})
    assert opened(page) is declared(name).more


def test_a_search_around_a_position_keeps_every_filter_and_drops_each(client: FlaskClient, add_listing) -> None:
    for number in range(22):
        add_listing(f"Clinic {number}", 1 + number)
    page = client.post("/providers/near-me", data={"lat": "39.9", "lon": "-105.1", "within": "any", "kind": "person"})
    assert chips(page) == {}, "a position stands in no address"
    form = re.search(
        r'<form method="post" action="/providers/near-me">((?:(?!</form>).)*)class="chip"', page.text, re.DOTALL
    )
    assert form
    fields = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form[1]))
    assert fields == {"lat": "39.90", "lon": "-105.10", "within": "any"}
    assert len(listed_slugs(client.post("/providers/near-me", data=fields))) == 20
    further = re.findall(r'name="page" value="2"', page.text)
    assert further
    assert page.text.count('name="kind" value="person"') == len(further), "the next page is asked with it"


def test_the_way_to_a_choice_of_places_keeps_every_filter(client: FlaskClient) -> None:
    page = client.get("/providers", query_string={"near": "Oakwood, OH", **ALL})
    choices = [html.unescape(href) for href in re.findall(r'href="(/providers\?[^"]*near=[^"]*)"', page.text)]
    assert len(choices) > 1
    for choice in choices:
        assert {name: [value] for name, value in ALL.items()}.items() <= asked(choice).items()


def test_the_first_page_asks_for_nothing_but_a_place(client: FlaskClient) -> None:
    page = client.get("/")
    assert not [name for name in ALL if f'name="{name}"' in page.text]


def test_counts_stand_beside_the_choices_and_a_long_list_is_of_what_somebody_has() -> None:
    counts = {
        "language": {"es": 12},
        "accepting": {"1": 3},
        "kind": {"person": 1000, "clinic": 7},
        "bone": {"tibia": 1},
    }
    seen = filter_controls({}, {}, counts)
    more = {control.filter.name: control for control in seen.more}
    assert set(more) == {each.name for each in FILTERS} - {"badge", "imaging", "specialty"}, "no specialty is there"
    assert [(option.value, option.count) for option in more["language"].options] == [("es", "12")]
    assert [(option.value, option.count) for option in more["kind"].options] == [("person", "1,000"), ("clinic", "7")]
    assert {option.value: option.count for option in more["bone"].options} == {
        **dict.fromkeys(declared("bone").choices, "0"),
        "tibia": "1",
    }
    assert [option.count for option in more["confirmed"].options] == ["0"]
    assert [control.filter.name for control in seen.first] == ["badge", "imaging"]


def test_a_chosen_filter_offers_everything_again_without_counts_that_would_mislead() -> None:
    counts = {"language": {"es": 12}, "bone": {"tibia": 1}}
    seen = filter_controls({"language": "es"}, {}, counts)
    [language] = [control for control in seen.more if control.filter.name == "language"]
    assert [option.value for option in language.options] == list(LANGUAGES)
    assert {option.count for option in language.options} == {""}
    assert [option.value for option in language.options if option.is_chosen] == ["es"]
