"""Provider pages to change a published listing: its sections, and what becomes of changes that are not public yet."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action
from directory.errors import NotFound
from directory.listings import lifecycle, revisions
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.revision_store import find_revision
from directory.listings.tables import Listing, ListingRevision
from directory.review.revisions import change_live, undo_live
from directory.web.portal import autosave_response, view_models
from directory.web.portal.blueprint import blueprint
from directory.web.portal.pending_changes import PendingChanges, pending_changes
from directory.web.portal.section_forms import PatientsForm, PlacesForm, WhoForm
from directory.web.support.form_errors import FieldDifference, FormErrorHandler, submitted_version
from directory.web.support.guards import LISTING_ID, REVISION_ID
from directory.web.support.history import describe_changes
from directory.web.support.listing_form import AddressListForm, ListingForm
from directory.web.support.merge import Merge, merge_forms, snapshot
from directory.web.support.preview import render_preview
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response
SectionForm = WhoForm | PlacesForm | PatientsForm

PATIENTS = "patients"
SECTIONS = {"who": "Who you are", "places": "Where you work", PATIENTS: "For patients"}
PROPOSED = (RevisionState.SUBMITTED, RevisionState.DRAFT)
FORMS: dict[str, Any] = {"who": WhoForm, "places": PlacesForm, PATIENTS: PatientsForm}

_SECTION = f"/listings/{LISTING_ID}/listing/<any({','.join(SECTIONS)}):section>"


@dataclass(frozen=True, slots=True)
class SectionPage:
    """`portal/section.html`; `differences` is set if the listing was changed meanwhile."""

    listing: Listing
    section: str
    form: SectionForm
    pending: PendingChanges
    differences: tuple[FieldDifference, ...] = ()

    @property
    def title(self) -> str:
        """The name of the section."""
        return SECTIONS[self.section]

    @property
    def is_live(self) -> bool:
        """Whether changes go live at once."""
        return self.section == PATIENTS

    @property
    def sections(self) -> tuple[tuple[str, str], ...]:
        """The sections as pairs of key and title."""
        return tuple(SECTIONS.items())


@blueprint.get(_SECTION)
def edit_section(listing_id: int, section: str) -> ViewResponse:
    """Show one section of a published listing; another listing has no sections."""
    found = view_models.own_listing(listing_id, Action.EDIT_LISTING)
    if found.state not in lifecycle.CHANGEABLE:
        return redirect(url_for("portal.listing", listing_id=listing_id), 303)
    return render("portal/section.html", _page(found, section, _stored_form(found, section)))


@blueprint.post(_SECTION)
def save_section(listing_id: int, section: str) -> ViewResponse:
    """Save one section, or show the form with errors or an edit conflict; what goes live is not saved by itself."""
    found, form = view_models.own_listing(listing_id, Action.EDIT_LISTING), FORMS[section](request.form)
    if section == PATIENTS and autosave_response.is_autosave():
        return autosave_response.not_saved("Press Save: patients see these changes at once.", 409)
    if isinstance(form, AddressListForm) and (rearranged := form.rearranged()):
        return render("portal/section.html", _page(found, section, rearranged))
    if merged := _merge_if_stale(found, section, form):
        return _refused(_merged_page(found, section, merged), 409)
    said = ""
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        said = _save(writing, found, form)
    return _saved(found, section, form, said) if said else _refused(_page(found, section, form), refused.status)


@blueprint.get(f"/listings/{LISTING_ID}/preview")
def preview(listing_id: int) -> ViewResponse:
    """Show the listing as patients would see it, with the changes that are not public yet."""
    found = view_models.own_listing(listing_id, Action.EDIT_LISTING)
    return render_preview(revisions.detached_proposal(session(), found, *_proposals(found)))


@blueprint.post(f"/listings/{LISTING_ID}/changes/send")
def send_changes(listing_id: int) -> ViewResponse:
    """Send the draft of the changes for review."""
    found, form = view_models.own_listing(listing_id, Action.EDIT_LISTING), ListingForm(request.form)
    with transaction.atomic() as writing:
        draft = _revision(writing, found, RevisionState.DRAFT)
        revisions.submit(writing, draft, version=submitted_version(form.version), by=actor(), now=now())
    return _redirect_to_listing(listing_id, "Sent for review. Patients see the old text until a reviewer accepts.")


@blueprint.post(f"/listings/{LISTING_ID}/changes/take-back")
def take_changes_back(listing_id: int) -> ViewResponse:
    """Take the changes back that wait for review; they become the draft again."""
    found = view_models.own_listing(listing_id, Action.EDIT_LISTING)
    with transaction.atomic() as writing:
        waiting = _revision(writing, found, RevisionState.SUBMITTED)
        revisions.withdraw(writing, waiting, by=actor(), now=now())
    return _redirect_to_listing(listing_id, "Taken back. The change is kept here, and nobody reviews it.")


@blueprint.post(f"/listings/{LISTING_ID}/changes/put-back")
def put_change_back(listing_id: int) -> ViewResponse:
    """Discard one change of the draft, or all of them if no field is named."""
    found, form = view_models.own_listing(listing_id, Action.EDIT_LISTING), ListingForm(request.form)
    with transaction.atomic() as writing:
        draft, field = _revision(writing, found, RevisionState.DRAFT), request.form.get("field", "")
        version = submitted_version(form.version)
        revisions.discard(writing, draft, field=field, version=version, by=actor(), now=now())
    return _redirect_to_listing(listing_id, "Put back. The listing stays as patients see it.")


@blueprint.post(f"/listings/{LISTING_ID}/changes/{REVISION_ID}/undo")
def undo_last_change(listing_id: int, revision_id: int) -> ViewResponse:
    """Undo the last live change; patients see the old value again at once."""
    found = view_models.own_listing(listing_id, Action.EDIT_LISTING)
    with transaction.atomic() as writing:
        undone = undo_live(writing, found, revision_id, by=actor(), now=now())
    return _redirect_to_listing(listing_id, f"Undone. {describe_changes(undone)}")


def _revision(writing: Session, listing: Listing, state: RevisionState) -> ListingRevision:
    found = find_revision(writing, listing, state)
    if found is None:
        raise NotFound("There is no such change. It was sent, taken back or decided in the meantime.")
    return found


def _base(listing: Listing) -> dict[str, Any]:
    """Return the values that the reviewed sections start from: the public ones, and what was proposed since."""
    return revisions.proposed_values(listing, *_proposals(listing))


def _proposals(listing: Listing) -> list[ListingRevision | None]:
    """Return what waits for a reviewer and then the draft, which was made on top of it."""
    return [find_revision(session(), listing, state) for state in PROPOSED]


def _stored_form(listing: Listing, section: str) -> SectionForm:
    form: SectionForm = PatientsForm.of(listing) if section == PATIENTS else FORMS[section].of(_base(listing))
    form.version.data, form.base.data = _token(listing, section), snapshot(form)
    return form


def _token(listing: Listing, section: str) -> str:
    """Return the version that a form of this section is made from."""
    return str(listing.version) if section == PATIENTS else revisions.edit_token(session(), listing)


def _merge_if_stale(listing: Listing, section: str, typed: SectionForm) -> Merge | None:
    """Return the merge of a form that was made from an older version, if there is something in it to look at."""
    token = _token(listing, section)
    if typed.version.data == token:
        return None
    typed.version.data = token
    merged = merge_forms(_stored_form(listing, section), typed, request.form, typed.base.data)
    return merged if merged.differences else None


def _merged_page(listing: Listing, section: str, merged: Merge) -> SectionPage:
    """Return the page with the merged form; sending it again overwrites the version that is stored now."""
    form, stored = FORMS[section](merged.formdata), _stored_form(listing, section)
    form.version.data, form.base.data = stored.version.data, stored.base.data
    return _page(listing, section, form, merged.differences)


def _save(writing: Session, listing: Listing, form: SectionForm) -> str:
    """Save the typed values and return the message for the provider."""
    if isinstance(form, PatientsForm):
        values, locations = form.typed({row.id for row in listing.locations})
        _let_phones_follow(listing, values, locations)
        version = submitted_version(form.version)
        changed = change_live(writing, listing, values, locations, version=version, by=actor(), now=now())
        return "Saved. Patients see it now." if changed else "Nothing changed."
    values = form.proposed(services().gazetteer, _base(listing))
    token = str(form.version.data)
    draft = revisions.save_draft(writing, listing, values, token=token, by=actor(), now=now())
    return "Saved, and not public yet. Send it for review when it is complete." if draft else "Nothing changed."


def _let_phones_follow(listing: Listing, values: dict[str, Any], locations: dict[int, dict[str, Any]]) -> None:
    """Give the new phone of the listing to addresses that had the old one, unless another was typed there."""
    for row in listing.locations:
        if row.phone == listing.phone and locations.get(row.id, {}).get("phone") == row.phone:
            locations[row.id]["phone"] = values["phone"]


def _saved(listing: Listing, section: str, form: SectionForm, said: str) -> Response:
    if autosave_response.is_autosave():
        return autosave_response.saved(_token(listing, section), "Not public yet", form=form)
    flash(said, "success")
    return redirect(url_for(".edit_section", listing_id=listing.id, section=section), 303)


def _refused(page: SectionPage, status: int) -> ViewResponse:
    if not autosave_response.is_autosave():
        return render("portal/section.html", page), status
    if page.differences:
        return autosave_response.not_saved("Another window changed this listing. Press Save to see both.", status)
    return autosave_response.not_saved_form(page.form, status)


def _page(
    listing: Listing, section: str, form: SectionForm, differing: tuple[FieldDifference, ...] = ()
) -> SectionPage:
    return SectionPage(listing, section, form, pending_changes(listing), differing)


def _redirect_to_listing(listing_id: int, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("portal.listing", listing_id=listing_id), 303)
