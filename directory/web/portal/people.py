"""Pages on the people who manage a listing: invite, change a right, remove, hand over, leave, accept an invitation."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, Form, RadioField, StringField
from wtforms.fields import SelectChoice

from directory import transaction
from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.claims import invitations, managers, queries
from directory.claims.managers import Fate
from directory.claims.tables import ManagerInvitation
from directory.errors import FieldError, Invalid, NotAllowed
from directory.listings.managers import owner_ids
from directory.listings.tables import Listing, ListingManager
from directory.web.portal import view_models
from directory.web.portal.blueprint import blueprint
from directory.web.support.form_errors import FormErrorHandler, Required
from directory.web.support.guards import LISTING_ID
from directory.web.support.limits import limiter
from directory.web.support.requests import account, actor, now, services, session
from directory.web.support.templating import render

PEOPLE = f"/listings/{LISTING_ID}/people"
ACCOUNT_ID, INVITATION_ID = "<int(max=2147483647):account_id>", "<int(max=2147483647):invitation_id>"

INVITE_LIMIT = "30 per hour"
"""The most invitations from one IP address, against mass mail; the number is arbitrary."""

RIGHT_LABELS = {
    Right.OWNER: "Owner: may do everything, and decides who manages the listing",
    Right.EDITOR: "Editor: may change the listing and prepare answers",
    Right.SIGNER: "Signer: may sign the answers",
}

ViewResponse = str | tuple[str, int] | Response


class InviteForm(Form):  # type: ignore[misc]  # WTForms has no types
    """An invitation by email, with a right."""

    email = EmailField("Mail address", [Required()], render_kw={"autocomplete": "off", "maxlength": 254})
    right = RadioField(
        "They become",
        [Required()],
        choices=[SelectChoice(right.value, label) for right, label in RIGHT_LABELS.items()],
        validate_choice=False,
    )
    hands_over = BooleanField("Hand the listing over: once they accept, they own it and I no longer manage it")

    def chosen(self) -> Right:
        """Return the chosen right; a listing is handed over to an owner.

        Raises:
            Invalid: none is chosen, or another right than the owner's together with the hand-over.
        """
        if self.hands_over.data and self.right.data in {None, "", Right.OWNER.value}:
            return Right.OWNER
        if self.hands_over.data:
            raise Invalid([FieldError("hands_over", "Only an owner can take a listing over: choose Owner, or untick.")])
        if self.right.data not in set(Right):
            raise Invalid([FieldError("right", "Choose what they may do.")])
        return Right(self.right.data)


class RightForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The buttons that change the right of somebody; each has the right as its value."""

    right = StringField()

    def chosen(self) -> Right:
        """Return the right of the button that was pressed.

        Raises:
            Invalid: it is none of the rights.
        """
        if self.right.data not in set(Right):
            raise Invalid([FieldError("", "Choose what they may do.")])
        return Right(self.right.data)


class LeaveForm(Form):  # type: ignore[misc]  # WTForms has no types
    """What becomes of the listing when its last owner leaves."""

    fate = RadioField(
        "What becomes of the listing?",
        choices=[
            SelectChoice(
                Fate.UNMANAGED.value, "It stays listed. After 60 days without anybody, its answers are revoked."
            ),
            SelectChoice(Fate.TAKE_DOWN.value, "It is taken down. A reviewer decides on it."),
        ],
        validate_choice=False,
    )

    def chosen(self) -> Fate | None:
        """Return the choice, or None."""
        return Fate(self.fate.data) if self.fate.data in set(Fate) else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who manages the listing; `choices` are the other rights that I may give them."""

    manager: ListingManager
    account: Account
    is_me: bool
    can_remove: bool
    choices: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`portal/people.html`; `is_owner` is set if I may invite and remove, `is_last_owner` if the choice is mine."""

    listing: Listing
    people: tuple[Person, ...]
    pending: tuple[ManagerInvitation, ...]
    form: InviteForm
    right_form: RightForm
    leave_form: LeaveForm
    is_owner: bool
    is_last_owner: bool


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """`portal/invitation.html`: an invitation to accept."""

    invitation: ManagerInvitation
    right: str
    token: str


@blueprint.get(PEOPLE)
def people(listing_id: int) -> ViewResponse:
    """Show who manages a listing."""
    return render("portal/people.html", _page(view_models.own_listing(listing_id), InviteForm()))


@blueprint.post(PEOPLE)
@limiter.limit(INVITE_LIMIT)
def invite(listing_id: int) -> ViewResponse:
    """Invite somebody, or show the form with errors."""
    found, form, home = view_models.own_listing(listing_id), InviteForm(request.form), services().settings.base_url
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        made = invitations.invite(
            writing, found, form.email.data or "", form.chosen(), by=actor(), now=now(), home=home,
            hands_over=bool(form.hands_over.data),
        )  # fmt: skip  # two lines read better than eight
        return _redirect_to_people(listing_id, f"We invited {made.email}. The link works for two weeks.")
    return render("portal/people.html", _page(found, form)), refused.status


@blueprint.post(f"{PEOPLE}/{ACCOUNT_ID}/remove")
def remove_person(listing_id: int, account_id: int) -> ViewResponse:
    """End the right of an editor or a signer."""
    found = view_models.own_listing(listing_id)
    with transaction.atomic() as writing:
        managers.remove_manager(writing, found, account_id, by=actor(), now=now())
    return _redirect_to_people(listing_id, "They no longer manage this listing.")


@blueprint.post(f"{PEOPLE}/{ACCOUNT_ID}/right")
def change_right(listing_id: int, account_id: int) -> ViewResponse:
    """Change the right of somebody, or show the page with the reason why not."""
    found, form = view_models.own_listing(listing_id), RightForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        managers.change_right(writing, found, account_id, form.chosen(), by=actor(), now=now())
        return _redirect_to_people(listing_id, "Changed. Everybody else concerned gets a mail.")
    return render("portal/people.html", _page(found, InviteForm(), right_form=form)), refused.status


@blueprint.post(f"{PEOPLE}/invitations/{INVITATION_ID}/withdraw")
def withdraw_invitation(listing_id: int, invitation_id: int) -> ViewResponse:
    """Withdraw an invitation."""
    found = view_models.own_listing(listing_id)
    with transaction.atomic() as writing:
        invitations.withdraw_invitation(writing, found, invitation_id, by=actor(), now=now())
    return _redirect_to_people(listing_id, "The invitation is withdrawn.")


@blueprint.post(f"{PEOPLE}/leave")
def leave(listing_id: int) -> ViewResponse:
    """Leave a listing, or show the page with the question what becomes of it."""
    found, form = view_models.own_listing(listing_id), LeaveForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        managers.leave(writing, found, form.chosen(), by=actor(), now=now())
        flash(f"You no longer manage {found.name}.", "success")
        return redirect(url_for("portal.home"), 303)
    return render("portal/people.html", _page(found, InviteForm(), form)), refused.status


@blueprint.get("/invitations/<token>")
def invitation(token: str) -> ViewResponse:
    """Show an invitation; nothing happens before the button is pressed."""
    found = invitations.find_invitation(session(), token, _me(), now=now())
    return render("portal/invitation.html", InvitationPage(found, RIGHT_LABELS[found.right], token))


@blueprint.post("/invitations/<token>")
def accept_invitation(token: str) -> ViewResponse:
    """Accept an invitation."""
    with transaction.atomic() as writing:
        found = invitations.find_invitation(writing, token, _me(), now=now())
        invitations.accept_invitation(writing, found, _me(), by=actor(), now=now())
        listing_id, name = found.listing_id, found.listing.name
    flash(f"You now manage {name}.", "success")
    return redirect(url_for("portal.listing", listing_id=listing_id), 303)


def _me() -> Account:
    me = account()
    if me is None:
        raise NotAllowed("Please sign in first.")
    return me


def _page(
    listing: Listing, form: InviteForm, leave_form: LeaveForm | None = None, right_form: RightForm | None = None
) -> PeoplePage:
    owns, is_last_owner = listing.right_of(actor().id) is Right.OWNER, owner_ids(listing) == (actor().id,)
    return PeoplePage(
        listing=listing,
        people=tuple(
            _person(row, who, owns=owns, is_last_owner=is_last_owner)
            for row, who in queries.managers_of(session(), listing.id)
        ),
        pending=tuple(queries.pending_invitations(session(), listing.id)),
        form=form,
        right_form=right_form or RightForm(),
        leave_form=leave_form or LeaveForm(),
        is_owner=owns,
        is_last_owner=is_last_owner,
    )


def _person(row: ListingManager, account: Account, *, owns: bool, is_last_owner: bool) -> Person:
    is_me, is_owner = account.id == actor().id, row.right is Right.OWNER
    can_change = owns and (not is_owner or (is_me and not is_last_owner))
    choices = tuple(right for right in Right if right is not row.right) if can_change else ()
    return Person(row, account, is_me, owns and not is_owner, choices)


def _redirect_to_people(listing_id: int, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("portal.people", listing_id=listing_id), 303)
