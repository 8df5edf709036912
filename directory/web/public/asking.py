"""What is asked back where a search has no list yet: a place, a better spelling, or which of several."""

from dataclasses import dataclass

from directory.errors import Fault
from directory.geocoding.gazetteer import Ambiguous, Found, Unknown
from directory.geocoding.place import Place
from directory.web.public.forms import NearMeForm
from directory.web.public.pages import AskPage
from directory.web.support.searching import SearchForm

ASK = "Where are you looking?"
MEND = "Something needs to be corrected"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`public/suggest.html`: options under the search box."""

    places: tuple[Place, ...]


def ask(form: SearchForm, answer: Found | Ambiguous | Unknown | None) -> AskPage:
    """The search box again, with what was typed and what to do about it."""
    others = {name: value for name, value in form.kept().items() if name != "near"}
    form.form_errors = [*form.form_errors, *form.page.errors]  # no box shows the page, to which a sentence could lead
    form.page.errors = []
    match answer:
        case Ambiguous(candidates, sentence):
            return AskPage(form, "Which place do you mean?", sentence, "", candidates, others)
        case Unknown(_, did_you_mean, sentence):
            form.blame([Fault("near", sentence)])
            question = "Did you mean one of these?" if did_you_mean else ""
            return AskPage(form, "We cannot find that place", "", question, did_you_mean, others)
        case _ if form.errors:
            return AskPage(form, MEND)
        case _:
            return AskPage(form, ASK, "Type a ZIP code, a city or an address, and the nearest providers come first.")


def refused(form: SearchForm, position: NearMeForm) -> AskPage:
    """The search box after a position that cannot be used."""
    form.blame(position.faults())
    return AskPage(form, MEND, "You can type a ZIP code instead.")


def status_of(page: AskPage) -> int:
    """422 where something is to be mended; to be asked which of several is no mistake."""
    return 422 if page.form.errors else 200
