"""The page shown when a search has no clear place: it asks for a place, a correction or a choice."""

from dataclasses import dataclass

from directory.errors import FieldError
from directory.geocoding.gazetteer import Ambiguous, Found, Unknown
from directory.geocoding.place import Place
from directory.geocoding.unknown import INPUT_HINT
from directory.web.public.forms import NearMeForm
from directory.web.public.pages import PlacePromptPage
from directory.web.support.search_form import SearchForm

PROMPT_TITLE = "Where are you looking?"
INVALID_TITLE = "Something needs to be corrected"
UNKNOWN_PLACE_TITLE = "We cannot find that place"
AMBIGUOUS_PLACE_TITLE = "Which place do you mean?"

LEFT_OUT_MESSAGE = f"We could not find that address, and we do not keep it in the page's link. {INPUT_HINT}"

UNPROCESSABLE = 422
"""The HTTP status of a page that asks for a correction; an ambiguous place is no error and gets 200."""


@dataclass(frozen=True, slots=True)
class SuggestPage:
    """`public/suggest.html`: suggested places under the search box."""

    places: tuple[Place, ...]


def place_prompt_page(
    form: SearchForm, answer: Found | Ambiguous | Unknown | None, *, left_out: bool = False
) -> PlacePromptPage:
    """Return the search box with the typed text and a question or error message.

    `left_out` tells that an address was left out of the URL, because no place was found for it.
    """
    _move_errors_to_form(form)
    others = {name: value for name, value in form.kept().items() if name != "near"}
    match answer:
        case Ambiguous(candidates, sentence):
            return PlacePromptPage(form, AMBIGUOUS_PLACE_TITLE, sentence, "Choose one", candidates, others)
        case Unknown(_, places, sentence) if places:
            return PlacePromptPage(
                form, UNKNOWN_PLACE_TITLE, sentence, "Did you mean one of these?", places, others, UNPROCESSABLE
            )
        case Unknown(_, _, sentence):
            form.add_errors([FieldError("near", sentence)])
            return PlacePromptPage(form, UNKNOWN_PLACE_TITLE, status=UNPROCESSABLE)
        case None if left_out and not form.faults():
            form.add_errors([FieldError("near", LEFT_OUT_MESSAGE)])
            return PlacePromptPage(form, UNKNOWN_PLACE_TITLE, status=UNPROCESSABLE)
        case _ if form.faults() or form.form_errors:
            return PlacePromptPage(form, INVALID_TITLE, status=UNPROCESSABLE)
        case _:
            return PlacePromptPage(
                form, PROMPT_TITLE, "Type a ZIP code, a city or an address, and the nearest providers come first."
            )


def invalid_position_page(form: SearchForm, position: NearMeForm) -> PlacePromptPage:
    """Return the search box with the errors of an invalid position."""
    form.add_errors(position.faults())
    _move_errors_to_form(form)
    return PlacePromptPage(form, INVALID_TITLE, "You can type a ZIP code instead.", status=UNPROCESSABLE)


def _move_errors_to_form(form: SearchForm) -> None:
    """Move the errors of `page` and `after` above the form, because neither has a visible control."""
    form.form_errors = [*form.form_errors, *form.page.errors, *form.after.errors]
    form.page.errors = form.after.errors = []
