"""What is asked back where a search has no list yet: a place, a better spelling, or which of several."""

from dataclasses import dataclass

from directory.errors import Fault
from directory.geocoding.gazetteer import Ambiguous, Found, Unknown
from directory.geocoding.place import Place
from directory.web.public.forms import NearMeForm
from directory.web.public.pages import AskPage
from directory.web.support.search_form import SearchForm

ASK = "Where are you looking?"
MEND = "Something needs to be corrected"
UNKNOWN = "We cannot find that place"
WHICH = "Which place do you mean?"

TO_MEND = 422
"""The status of a page that asks for a correction; to be asked which of several is no mistake."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`public/suggest.html`: options under the search box."""

    places: tuple[Place, ...]


def ask(form: SearchForm, answer: Found | Ambiguous | Unknown | None) -> AskPage:
    """The search box again, with what was typed and what to do about it."""
    _lift(form)
    others = {name: value for name, value in form.kept().items() if name != "near"}
    match answer:
        case Ambiguous(candidates, sentence):
            return AskPage(form, WHICH, sentence, "Choose one", candidates, others)
        case Unknown(_, places, sentence) if places:
            return AskPage(form, UNKNOWN, sentence, "Did you mean one of these?", places, others, TO_MEND)
        case Unknown(_, _, sentence):
            form.add_errors([Fault("near", sentence)])
            return AskPage(form, UNKNOWN, status=TO_MEND)
        case _ if form.faults() or form.form_errors:
            return AskPage(form, MEND, status=TO_MEND)
        case _:
            return AskPage(form, ASK, "Type a ZIP code, a city or an address, and the nearest providers come first.")


def refused(form: SearchForm, position: NearMeForm) -> AskPage:
    """The search box after a position that cannot be used."""
    form.add_errors(position.faults())
    _lift(form)
    return AskPage(form, MEND, "You can type a ZIP code instead.", status=TO_MEND)


def _lift(form: SearchForm) -> None:
    """Say above the form what is wrong with the page: no box shows it, to which a sentence could lead."""
    form.form_errors = [*form.form_errors, *form.page.errors, *form.after.errors]
    form.page.errors = form.after.errors = []
