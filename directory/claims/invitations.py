"""Commands on invitations to manage a listing; an invitation that hands over ends the right of who sent it."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.email_address import normalize_email
from directory.accounts.policy import Action, Actor, Right, require
from directory.accounts.tables import Account
from directory.claims.managers import end_unmanaged, withdraw_invitations
from directory.claims.tables import ManagerInvitation
from directory.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound
from directory.listings.managers import end_right, grant_right
from directory.listings.tables import Listing
from directory.outbox.queue import enqueue_email

VALID_FOR = timedelta(days=14)
"""How long the link of an invitation works; arbitrary."""

MAX_PENDING = 20
"""How many invitations to a listing may be open at a time; arbitrary, so that it sends no mass mail."""


def invite(
    session: Session,
    listing: Listing,
    email: str,
    right: Right,
    *,
    by: Actor,
    now: datetime,
    home: str,
    hands_over: bool = False,
) -> ManagerInvitation:
    """Invite somebody by email to manage a listing; `home` is the base URL of this directory.

    Raises:
        Invalid: it is not an email address, or that person manages the listing or is invited already.
        Conflict: too many invitations are open.
    """
    require(by, Action.CHANGE_MANAGERS, right=listing.right_of(by.id))
    address = normalize_email(email)
    _require_new(session, listing, address, right, now=now)
    token = secrets.token_hex(32)
    made = ManagerInvitation(
        listing=listing,
        email=address,
        right=Right.OWNER if hands_over else right,
        hands_over=hands_over,
        token_hash=hash_token(token),
        by_id=by.id,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    session.add(made)
    session.flush()
    _mail_invitation(session, made, f"{home}/portal/invitations/{token}", now=now)
    return made


def find_invitation(session: Session, token: str, account: Account, *, now: datetime) -> ManagerInvitation:
    """Return a pending invitation to this account.

    Raises:
        NotFound: the link is altered, used, withdrawn or expired.
        NotAllowed: it is for another address, or the account's address is not confirmed.
    """
    found = session.scalar(
        sa.select(ManagerInvitation).where(
            ManagerInvitation.token_hash == hash_token(token),
            ManagerInvitation.ended_at.is_(None),
            ManagerInvitation.expires_at > now,
        )
    )
    if found is None:
        raise NotFound("This invitation was used or withdrawn, or it expired. Ask for another one.")
    if found.email != account.email.lower() or account.confirmed_at is None:
        raise NotAllowed("This invitation is for another email address. Sign in with the address that it was sent to.")
    return found


def accept_invitation(
    session: Session, invitation: ManagerInvitation, account: Account, *, by: Actor, now: datetime
) -> None:
    """Accept an invitation that `find_invitation` returned; the account gets the right.

    Raises:
        Conflict: who sent it does not own the listing any more.
    """
    listing = invitation.listing
    if listing.right_of(invitation.by_id) is not Right.OWNER:
        raise Conflict("The person who invited you does not own this listing any more.")
    invitation.ended_at, invitation.accepted_by_id = now, account.id
    if listing.right_of(account.id) is not Right.OWNER:
        grant_right(session, listing, account.id, invitation.right, by=by, now=now)
    if invitation.hands_over and invitation.by_id != account.id:
        end_right(session, listing, invitation.by_id, by=by, now=now)
        withdraw_invitations(session, ManagerInvitation.by_id == invitation.by_id, listing_id=listing.id, now=now)
    end_unmanaged(session, listing, now=now)
    session.flush()
    inviter = session.get_one(Account, invitation.by_id)
    facts = {"listing": listing, "right": invitation.right.value, "hands_over": invitation.hands_over}
    enqueue_email(
        session, "invitation_accepted", to=inviter.email, now=now, listing_id=listing.id, account=account, **facts
    )


def withdraw_invitation(session: Session, listing: Listing, invitation_id: int, *, by: Actor, now: datetime) -> None:
    """End a pending invitation; its link works no more.

    Raises:
        NotAllowed: `by` is not an owner.
    """
    require(by, Action.CHANGE_MANAGERS, right=listing.right_of(by.id))
    withdraw_invitations(session, ManagerInvitation.id == invitation_id, listing_id=listing.id, now=now)


def _mail_invitation(session: Session, made: ManagerInvitation, link: str, *, now: datetime) -> None:
    """Mail the link, which only the recipient may know: the outbox forgets it after sending."""
    facts = {"listing": made.listing, "inviter": session.get_one(Account, made.by_id), "link": link}
    about = made.listing_id
    mail = enqueue_email(
        session, "manager_invitation", to=made.email, now=now, listing_id=about, invitation=made, **facts
    )
    mail.forget = True


def _require_new(session: Session, listing: Listing, address: str, right: Right, *, now: datetime) -> None:
    withdraw_invitations(session, ManagerInvitation.expires_at <= now, listing_id=listing.id, now=now)
    pending = session.scalars(
        sa.select(ManagerInvitation.email).where(
            ManagerInvitation.listing_id == listing.id, ManagerInvitation.ended_at.is_(None)
        )
    ).all()
    if address in pending:
        raise Invalid([FieldError("email", "This person is invited already. Withdraw that invitation first.")])
    if len(pending) >= MAX_PENDING:
        raise Conflict(f"{MAX_PENDING} invitations are open. Withdraw one first.")
    held = session.scalar(sa.select(Account).where(Account.email == address))
    if held is not None and listing.right_of(held.id) in {right, Right.OWNER}:
        raise Invalid([FieldError("email", "This person has that right already.")])


def hash_token(token: str) -> str:
    """Return the hash of a token from a link, as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
