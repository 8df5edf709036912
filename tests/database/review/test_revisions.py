"""Changes of a published listing: what counts at once, what a reviewer accepts first, and what it does to the badge."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from support.factories import (
    LISTING_MOVES,
    NOW,
    make_listing,
)
from support.revision_actions import LATER, decide, draft, indexed, last_entry, live, submitted, waiting

from directory.accounts.tables import Account
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings import queries, revisions
from directory.listings.digest import listing_digest
from directory.listings.facts import ListingFacts
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import CHANGEABLE, ListingState
from directory.listings.revision_lifecycle import Move, RevisionState
from directory.listings.tables import ListingRevision
from directory.outbox.tables import Email
from directory.review.confirmation import confirm_listing
from directory.review.revisions import change_live, decide_revision


def test_a_phone_and_hours_change_at_once_and_the_log_the_index_and_the_history_know(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, phone="303-555-0100")
    before, version, seen = listing_digest(listing), listing.version, indexed(session, listing)
    hours = {"monday": [["08:00", "17:00"]]}
    changed = live(session, listing, provider, phone="303-555-0142", at={"opening_hours": hours})
    assert [(change.short, change.before, change.after) for change in changed] == [
        ("Phone", "303-555-0100", "303-555-0142"),
        ("Opening hours (403 Summit Boulevard)", "Not stated", "Mon 8\u00a0am\u00a0to\u00a05\u00a0pm"),
    ]
    session.commit()
    session.expire_all()
    assert (listing.phone, listing.locations[0].opening_hours) == ("303-555-0142", hours)
    assert listing.version > version
    assert listing.last_confirmed == NOW.date()
    entry = last_entry(session)
    assert (entry.action, entry.before, entry.after) == ("listing.change", before, listing_digest(listing))
    assert indexed(session, listing) > seen
    (public,) = queries.public_changes(session, listing.id)
    assert (public.changes, public.is_reviewed, public.by, public.at) == (changed, False, "Pat Provider", LATER)


def test_a_live_change_of_only_a_location_makes_an_older_version_stale(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    stale = listing.version
    live(session, listing, provider, at={"phone": "303-555-0143"})
    with pytest.raises(Conflict, match="changed in the meantime"):
        change_live(session, listing, {}, {}, version=stale, by=provider.actor, now=LATER)


def test_nothing_changed_writes_nothing(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    version, entry = listing.version, last_entry(session).seq
    assert live(session, listing, provider) == ()
    assert (listing.version, last_entry(session).seq) == (version, entry)
    assert queries.public_changes(session, listing.id) == []


def test_a_value_past_its_limit_is_refused_and_an_untouched_one_is_not_judged_anew(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider)
    listing.phone = "from an old import"
    session.flush()
    live(session, listing, provider, accepts_new_patients=True)
    with pytest.raises(Invalid, match="phone number"):
        live(session, listing, provider, phone="call me")


@pytest.mark.parametrize("state", [state for state in LISTING_MOVES if state not in CHANGEABLE])
def test_only_what_is_published_or_suspended_is_changed_this_way(
    session: Session, provider: Account, state: ListingState
) -> None:
    listing = make_listing(session, provider, state=state)
    for change in (lambda: live(session, listing, provider), lambda: draft(session, listing, provider, name="New")):
        with pytest.raises(Conflict, match=f"This listing is {state.value}"):
            change()


def test_nobody_else_changes_a_listing_nor_decides_on_it(
    session: Session, provider: Account, other_provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider)
    for account in (other_provider, reviewer):
        for change in (lambda by: live(session, listing, by), lambda by: draft(session, listing, by, name="New")):
            with pytest.raises(NotAllowed):
                change(account)
    begun = draft(session, listing, provider, name="New Name")
    assert begun is not None
    with pytest.raises(NotAllowed):
        revisions.submit(session, begun, by=other_provider.actor, now=LATER)
    revisions.submit(session, begun, by=provider.actor, now=LATER)
    with pytest.raises(NotAllowed):
        revisions.withdraw(session, begun, by=other_provider.actor, now=LATER)
    with pytest.raises(NotAllowed):
        decide_revision(session, begun, Move.ACCEPT, by=provider.actor, now=LATER)


def test_the_old_name_stays_public_until_a_reviewer_accepts(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, kind=ListingKind.CLINIC, name="Old Clinic")
    waits = submitted(session, listing, provider, name="New Clinic")
    assert (listing.name, waits.state) == ("Old Clinic", RevisionState.SUBMITTED)
    before, seen = listing_digest(listing), indexed(session, listing)
    decide(session, waits, Move.ACCEPT)
    session.commit()
    assert (listing.name, waits.state) == ("New Clinic", RevisionState.ACCEPTED)
    entry = last_entry(session)
    assert (entry.action, entry.before, entry.after) == ("listing.change", before, listing_digest(listing))
    assert indexed(session, listing) > seen
    assert [one.is_reviewed for one in queries.public_changes(session, listing.id)] == [True]
    mail = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert mail is not None
    assert mail.subject == "Your change is public: New Clinic"
    assert "Name: “Old Clinic” → “New Clinic”" in mail.body
    assert [step.move for step in queries.revision_history(session, listing.id)] == [
        "revision.accept",
        "revision.submit",
    ]


def test_one_draft_collects_what_its_sections_save_and_a_change_put_back_leaves_it(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, name="A Name", practice="A Practice")
    draft(session, listing, provider, name="B Name")
    draft(session, listing, provider, practice="B Practice")
    assert waiting(session, listing) == {"name": ("A Name", "B Name"), "practice": ("A Practice", "B Practice")}
    draft(session, listing, provider, name="A Name")
    assert waiting(session, listing) == {"practice": ("A Practice", "B Practice")}
    assert draft(session, listing, provider, practice="A Practice") is None
    assert session.scalar(sa.select(sa.func.count()).select_from(ListingRevision)) == 0


def test_a_change_is_put_back_alone_or_the_whole_draft_is_deleted(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, practice="A Practice")
    made = draft(session, listing, provider, practice="B Practice", website="https://b.example/", credential="DO")
    assert made is not None
    revisions.discard(session, made, field="practice", by=provider.actor, now=LATER)
    assert set(waiting(session, listing)) == {"website", "credential"}
    revisions.discard(session, made, by=provider.actor, now=LATER)
    assert waiting(session, listing) == {}


def test_two_windows_do_not_overwrite_each_other(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    token = revisions.edit_token(session, listing)
    draft(session, listing, provider, practice="Window one")
    with pytest.raises(Conflict, match="changed in the meantime"):
        revisions.save_draft(session, listing, {"practice": "Window two"}, token=token, by=provider.actor, now=LATER)


def test_the_database_holds_one_draft_and_one_submitted_revision_of_a_listing(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider)
    submitted(session, listing, provider, name="One Name")
    second = draft(session, listing, provider, practice="Another")
    assert second is not None
    with pytest.raises(Conflict, match="waits for a reviewer"):
        revisions.submit(session, second, by=provider.actor, now=LATER)
    session.commit()
    second.state = RevisionState.SUBMITTED
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_confirmation_tells_what_it_changes_and_not_what_a_live_change_told_already(
    session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, languages=("en",), accepts_new_patients=True)
    live(session, listing, provider, languages=["en", "es"])
    facts = ListingFacts(("en", "es"), accepts_new_patients=False)
    when = LATER + timedelta(days=1)
    confirm_listing(session, listing, facts, version=listing.version, by=provider.actor, now=when)
    _, said = queries.owner_statements(session, listing.id)
    assert [change.short for change in said.changed] == ["Takes new patients"]
