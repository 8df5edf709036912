"""The people of a listing: invited, removed, leaving, handing over; and what becomes of a listing without an owner."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from support.factories import NOW, make_account, make_attestation, make_listing

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.audit.tables import AuditEntry
from directory.claims import commands, invitations, managers
from directory.claims.managers import Fate
from directory.claims.tables import ManagerInvitation, Removal, UnmanagedListing
from directory.errors import Conflict, Invalid, NotAllowed, NotFound
from directory.listings.managers import grant_right, owner_ids
from directory.listings.tables import Listing
from directory.outbox.tables import Email
from directory.review.unmanaged import GRACE_PERIOD, REASON, revoke_unmanaged

HOME = "https://directory.example"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider)


def invite(session: Session, listing: Listing, owner: Account, email: str, right: Right, **changes: object) -> str:
    invitations.invite(session, listing, email, right, by=owner.actor, now=NOW, home=HOME, **changes)
    address = session.scalars(sa.select(Email.action_path).order_by(Email.id.desc())).first()
    return re.search(rf"{HOME}/portal/invitations/(\S+)", address)[1]


def accept(session: Session, token: str, account: Account, now=NOW) -> None:
    found = invitations.find_invitation(session, token, account, now=now)
    invitations.accept_invitation(session, found, account, by=account.actor, now=now)


@pytest.mark.parametrize("right", Right)
def test_who_was_invited_gets_the_right_once(
    session: Session, listing: Listing, provider: Account, other_provider: Account, right: Right
) -> None:
    token = invite(session, listing, provider, other_provider.email.upper(), right)
    accept(session, token, other_provider)
    assert listing.right_of(other_provider.id) is right
    with pytest.raises(NotFound, match="used or withdrawn"):
        accept(session, token, other_provider)


def test_an_invitation_is_for_one_confirmed_address_and_for_two_weeks(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    token = invite(session, listing, provider, "somebody@example.com", Right.EDITOR)
    with pytest.raises(NotAllowed, match="another email address"):
        accept(session, token, other_provider)
    invited = make_account(session, Role.PROVIDER, email="somebody@example.com")
    invited.confirmed_at = None
    with pytest.raises(NotAllowed):
        accept(session, token, invited)
    invited.confirmed_at = NOW
    with pytest.raises(NotFound):
        accept(session, token + "x", invited)
    with pytest.raises(NotFound, match="expired"):
        accept(session, token, invited, now=NOW + invitations.VALID_FOR)
    accept(session, token, invited, now=NOW + invitations.VALID_FOR - timedelta(seconds=1))


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@example.com", "a@example.com\n"])
def test_only_a_mail_address_is_invited(session: Session, listing: Listing, provider: Account, email: str) -> None:
    if email.strip() == "a@example.com":
        assert invite(session, listing, provider, email, Right.EDITOR)
        return
    with pytest.raises(Invalid) as refused:
        invite(session, listing, provider, email, Right.EDITOR)
    assert refused.value.faults[0].field == "email"


def test_only_an_owner_invites_and_removes(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    grant_right(session, listing, other_provider.id, Right.EDITOR, by=provider.actor, now=NOW)
    with pytest.raises(NotAllowed):
        invite(session, listing, other_provider, "x@example.com", Right.SIGNER)
    with pytest.raises(NotAllowed):
        managers.remove_manager(session, listing, provider.id, by=other_provider.actor, now=NOW)
    managers.remove_manager(session, listing, other_provider.id, by=provider.actor, now=NOW)
    assert listing.right_of(other_provider.id) is None
    with pytest.raises(Conflict, match="any more"):
        managers.remove_manager(session, listing, other_provider.id, by=provider.actor, now=NOW)


@pytest.mark.parametrize("right", [Right.EDITOR, Right.OWNER])
def test_an_owner_changes_a_right_and_everybody_concerned_is_told(
    session: Session, listing: Listing, provider: Account, other_provider: Account, right: Right
) -> None:
    third = make_account(session, Role.PROVIDER)
    grant_right(session, listing, other_provider.id, Right.SIGNER, by=provider.actor, now=NOW)
    grant_right(session, listing, third.id, Right.OWNER, by=provider.actor, now=NOW)
    managers.change_right(session, listing, other_provider.id, right, by=provider.actor, now=NOW)
    assert listing.right_of(other_provider.id) is right
    told = sa.select(Email.to).where(Email.letter == "right_changed")
    assert sorted(session.scalars(told)) == sorted([other_provider.email, third.email])
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor) == ("listing.grant_right", provider.id)


def test_a_right_is_changed_by_an_owner_alone_and_another_owner_keeps_theirs(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    third = make_account(session, Role.PROVIDER)
    grant_right(session, listing, other_provider.id, Right.EDITOR, by=provider.actor, now=NOW)
    grant_right(session, listing, third.id, Right.OWNER, by=provider.actor, now=NOW)
    with pytest.raises(NotAllowed):
        managers.change_right(session, listing, other_provider.id, Right.OWNER, by=other_provider.actor, now=NOW)
    with pytest.raises(Conflict, match="owners themselves"):
        managers.change_right(session, listing, third.id, Right.EDITOR, by=provider.actor, now=NOW)
    managers.remove_manager(session, listing, other_provider.id, by=third.actor, now=NOW)
    with pytest.raises(Conflict, match="any more"):
        managers.change_right(session, listing, other_provider.id, Right.SIGNER, by=provider.actor, now=NOW)


def test_an_owner_steps_down_but_not_the_last_one(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    grant_right(session, listing, other_provider.id, Right.EDITOR, by=provider.actor, now=NOW)
    with pytest.raises(Conflict, match="last owner"):
        managers.change_right(session, listing, provider.id, Right.EDITOR, by=provider.actor, now=NOW)
    managers.change_right(session, listing, other_provider.id, Right.OWNER, by=provider.actor, now=NOW)
    invited = make_account(session, Role.PROVIDER)
    token = invite(session, listing, provider, invited.email, Right.EDITOR)
    managers.change_right(session, listing, provider.id, Right.SIGNER, by=provider.actor, now=NOW)
    assert {row.account_id: row.right for row in listing.managers} == {
        provider.id: Right.SIGNER,
        other_provider.id: Right.OWNER,
    }
    with pytest.raises(NotFound):
        accept(session, token, invited)


def test_of_two_owners_who_step_down_at_once_one_stays(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    grant_right(session, listing, other_provider.id, Right.OWNER, by=provider.actor, now=NOW)
    session.commit()
    mine, theirs = provider.actor, other_provider.actor
    with Session(session.get_bind()) as elsewhere:
        read_before = elsewhere.get_one(Listing, listing.id)
        assert set(owner_ids(read_before)) == {mine.id, theirs.id}
        managers.change_right(session, listing, mine.id, Right.EDITOR, by=mine, now=NOW)
        session.commit()
        with pytest.raises((StaleDataError, OperationalError)):
            managers.change_right(elsewhere, read_before, theirs.id, Right.EDITOR, by=theirs, now=NOW)
    session.expire_all()
    assert owner_ids(listing) == (theirs.id,)


def test_nobody_is_invited_twice_and_a_withdrawn_invitation_works_no_more(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    token = invite(session, listing, provider, other_provider.email, Right.SIGNER)
    with pytest.raises(Invalid, match="invited already"):
        invite(session, listing, provider, other_provider.email, Right.EDITOR)
    [row] = session.scalars(sa.select(ManagerInvitation))
    invitations.withdraw_invitation(session, listing, row.id, by=provider.actor, now=NOW)
    with pytest.raises(NotFound):
        accept(session, token, other_provider)
    with pytest.raises(Invalid, match="that right already"):
        invite(session, listing, provider, provider.email, Right.EDITOR)


def test_a_listing_is_handed_over_when_the_other_side_accepts(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    token = invite(session, listing, provider, other_provider.email, Right.OWNER, hands_over=True)
    assert listing.right_of(provider.id) is Right.OWNER
    accept(session, token, other_provider)
    assert {row.account_id: row.right for row in listing.managers} == {other_provider.id: Right.OWNER}
    assert session.scalar(sa.select(UnmanagedListing)) is None


def test_an_invitation_of_somebody_who_left_is_worth_nothing(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    grant_right(session, listing, other_provider.id, Right.OWNER, by=provider.actor, now=NOW)
    invited = make_account(session, Role.PROVIDER)
    token = invite(session, listing, other_provider, invited.email, Right.EDITOR)
    managers.leave(session, listing, None, by=other_provider.actor, now=NOW)
    with pytest.raises(NotFound):
        accept(session, token, invited)


def test_the_last_owner_says_what_becomes_of_the_listing(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    grant_right(session, listing, other_provider.id, Right.SIGNER, by=provider.actor, now=NOW)
    with pytest.raises(Invalid) as refused:
        managers.leave(session, listing, None, by=provider.actor, now=NOW)
    assert refused.value.faults[0].field == "fate"
    managers.leave(session, listing, Fate.TAKE_DOWN, by=provider.actor, now=NOW)
    assert listing.managers == [], "nobody manages a listing without an owner"
    assert session.scalars(sa.select(Removal.by_id)).one() == provider.id
    assert session.scalars(sa.select(UnmanagedListing.listing_id)).one() == listing.id


def test_a_closed_account_keeps_neither_rights_nor_claims_nor_invitations(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    shared = make_listing(session, other_provider)
    grant_right(session, shared, provider.id, Right.OWNER, by=other_provider.actor, now=NOW)
    invite(session, shared, provider, "x@example.com", Right.EDITOR)
    commands.release_listings(session, provider, now=NOW)
    assert (listing.managers, [row.account_id for row in shared.managers]) == ([], [other_provider.id])
    assert session.scalars(sa.select(UnmanagedListing.listing_id)).one() == listing.id
    assert session.scalars(sa.select(ManagerInvitation.ended_at)).one() == NOW


def test_after_sixty_days_without_anybody_the_answers_are_revoked_once(
    session: Session, listing: Listing, provider: Account
) -> None:
    signed = make_attestation(session, listing)
    commands.release_listings(session, provider, now=NOW)
    assert revoke_unmanaged(session, now=NOW + GRACE_PERIOD - timedelta(seconds=1), limit=9) == 0
    assert signed.state is AttestationState.ACCEPTED
    assert revoke_unmanaged(session, now=NOW + GRACE_PERIOD, limit=9) == 1
    assert signed.state is AttestationState.REVOKED
    reason = session.execute(sa.text("SELECT reason FROM attestation_moves ORDER BY id DESC LIMIT 1")).scalar()
    assert reason == REASON
    assert revoke_unmanaged(session, now=NOW + GRACE_PERIOD, limit=9) == 0
