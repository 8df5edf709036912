"""A provider's own pages: listings, answers, signatures."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.attestations import commands as attesting
from directory.attestations.queries import attestations_of
from directory.listings import commands as listings
from directory.listings import queries
from directory.listings.kinds import Kind
from directory.web.portal import assembling, confirming, disputes, evidence, keeping, overtaken  # noqa: F401  importing a module of views registers them
from directory.web.portal.blueprint import blueprint
from directory.web.portal.forms import ListingForm
from directory.web.portal.pages import EntryPage, HomePage
from directory.web.support.guards import ATTESTATION, LISTING
from directory.web.support.refusals import Refused, seen
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

__all__ = ["blueprint"]

Answer = str | tuple[str, int] | Response


@blueprint.get("/")
def home() -> Answer:
    """My listings, and what is next for each."""
    mine = queries.listings_of(session(), actor().id)
    signed = attestations_of(session(), [listing.id for listing in mine])
    return render("portal/home.html", HomePage(assembling.own_listings(mine, signed, now=now())))


@blueprint.get("/listings/new")
def new_listing() -> Answer:
    """An empty entry."""
    return render("portal/entry.html", EntryPage(ListingForm(kind=Kind.PERSON.value)))


@blueprint.post("/listings/new")
def create_listing() -> Answer:
    """A new draft, or the form again."""
    form = ListingForm(request.form)
    if rearranged := form.rearranged():
        return render("portal/entry.html", EntryPage(rearranged))
    with Refused(form) as refused, transaction.writing() as writing:
        made = listings.create(writing, form.entry(services().gazetteer), by=actor(), now=now())
        return _on_to("listing", "Your listing is kept as a draft.", listing_id=made.id)
    return render("portal/entry.html", EntryPage(form)), refused.status


@blueprint.get(f"/listings/{LISTING}")
def listing(listing_id: int) -> Answer:
    """One listing: what it says, where it stands, what happened to it."""
    return render("portal/listing.html", assembling.listing_page(assembling.own_listing(listing_id)))


@blueprint.get(f"/listings/{LISTING}/edit")
def edit_listing(listing_id: int) -> Answer:
    """The entry, to be changed."""
    found = assembling.own_listing(listing_id)
    return render("portal/entry.html", EntryPage(ListingForm.of(found), found))


@blueprint.post(f"/listings/{LISTING}/edit")
def change_listing(listing_id: int) -> Answer:
    """The changed entry, or the form again."""
    found, form = assembling.own_listing(listing_id), ListingForm(request.form)
    form.offer(found.specialty_code)
    if rearranged := form.rearranged():
        return render("portal/entry.html", EntryPage(rearranged, found))
    if seen(form.version) != found.version:
        return render("portal/entry.html", assembling.outdated_entry(found, form)), 409
    with Refused(form) as refused, transaction.writing() as writing:
        entry = form.entry(services().gazetteer)
        listings.change(writing, found, entry, version=seen(form.version), by=actor(), now=now())
        return _on_to("listing", "Your changes are kept.", listing_id=listing_id)
    return render("portal/entry.html", EntryPage(form, found)), refused.status


@blueprint.post(f"/listings/{LISTING}/submit")
def submit_listing(listing_id: int) -> Answer:
    """Ask for it to be published."""
    found, form = assembling.own_listing(listing_id), ListingForm(request.form)
    with transaction.writing() as writing:
        listings.submit(writing, found, version=seen(form.version), by=actor(), now=now())
    return _on_to("listing", "Submitted. We write to you when it is decided.", listing_id=listing_id)


@blueprint.get(f"/listings/{LISTING}/attestation")
def questions(listing_id: int) -> Answer:
    """The questions, with the answers kept so far."""
    return render("portal/questions.html", assembling.questions_page(assembling.own_listing(listing_id)))


@blueprint.post(f"/listings/{LISTING}/attestation")
def keep_answers(listing_id: int) -> Answer:
    """Answers kept as a draft, the form again, or what two windows say side by side."""
    return keeping.keep(assembling.own_listing(listing_id))


@blueprint.get(f"/attestations/{ATTESTATION}/review")
def review(attestation_id: int) -> Answer:
    """How the answers grade, and what will be signed."""
    found = assembling.own_attestation(attestation_id)
    if not assembling.can_be_signed(found):
        return redirect(assembling.home_of(found), 303)
    return render("portal/review.html", assembling.review_page(found))


@blueprint.post(f"/attestations/{ATTESTATION}/review")
def sign(attestation_id: int) -> Answer:
    """The signature, or the page again."""
    found, ruleset = assembling.own_attestation(attestation_id), services().rulesets.current
    page = assembling.review_page(found, request.form)
    form = page.form
    with Refused(form) as refused, transaction.writing() as writing:
        attesting.submit(
            writing,
            found,
            ruleset,
            form.signature(),
            form.explanations,
            version=seen(form.version),
            by=actor(),
            now=now(),
        )
        return _on_to("signed", "Signed. We write to you when it is decided.", attestation_id=attestation_id)
    return overtaken.answer(found, page, refused.status)


@blueprint.get(f"/attestations/{ATTESTATION}")
def signed(attestation_id: int) -> Answer:
    """What was signed, and what became of it."""
    return render("portal/signed.html", assembling.signed_page(assembling.own_attestation(attestation_id)))


@blueprint.post(f"/attestations/{ATTESTATION}/withdraw")
def withdraw(attestation_id: int) -> Answer:
    """Take back what waits."""
    found = assembling.own_attestation(attestation_id)
    with transaction.writing() as writing:
        attesting.withdraw(writing, found, by=actor(), now=now())
    return _on_to("signed", "Taken back. Nobody reviews it any more.", attestation_id=attestation_id)


def _on_to(endpoint: str, said: str, **parts: int) -> Response:
    """The next page, which says what was done."""
    flash(said, "success")
    return redirect(url_for(f".{endpoint}", **parts), 303)  # type: ignore[arg-type]  # the parts are the address's
