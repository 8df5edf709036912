"""Replies to a reviewer's comments: kept with the draft, read at the next review, and never changed after signing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations import commands, replies
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.replies import MAX_REPLY, returned_round, save_reply
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation

RULESETS = bundled_rulesets()
RULES = RULESETS.current
SITES, BONE = "distinct_sites", "harvest_bone"
LATER = NOW + timedelta(days=2)
COMMENTS = {SITES: "Count both sides.", BONE: "Always the hip bone?"}


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider)


@pytest.fixture
def returned(session: Session, listing: Listing, reviewer: Account) -> Attestation:
    """Answers that came back with two comments."""
    made = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    decide_attestation(
        session, made, Move.RETURN, by=reviewer.actor, now=NOW, rulesets=RULESETS, reason="Look again.",
        comments=COMMENTS,
    )  # fmt: skip
    return made


@pytest.fixture
def draft(session: Session, listing: Listing, provider: Account, returned: Attestation) -> Attestation:
    assert returned.state is AttestationState.RETURNED
    return commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=LATER)


def reply(session: Session, draft: Attestation, by: Account, text: str, key: str = SITES) -> None:
    save_reply(session, draft, key, text, by=by.actor, now=LATER)


def sign(session: Session, draft: Attestation, by: Account) -> None:
    signature = Signature("Ann Example", "Medical director", agreed=True)
    commands.submit(session, draft, RULES, signature, {}, version=draft.version, by=by.actor, now=LATER)


def test_the_next_review_has_comment_reply_and_what_changed(
    session: Session, provider: Account, draft: Attestation
) -> None:
    reply(session, draft, provider, " Six in all,\r\nthree a side. ")
    answers = answers_from_json(RULES, MATCHING_ANSWERS | {SITES: 7, "volume_per_site_ml": 5})
    commands.save(session, draft, RULES, answers, {}, version=draft.version, by=provider.actor, now=LATER)
    sign(session, draft, provider)
    found = returned_round(session, draft, RULESETS)
    assert found is not None
    assert (found.decision.reason, found.decision.at) == ("Look again.", NOW)
    sites, bone = found.answers
    assert (sites.comment, sites.reply) == (COMMENTS[SITES], "Six in all,\nthree a side.")
    assert (sites.before, sites.answer) == ("5 to 6 places", "7 places")
    assert (bone.comment, bone.reply, bone.before) == (COMMENTS[BONE], "", "")
    assert bone.answer == "Back of the hip bone (posterior iliac crest)"
    assert [(one.before, one.after) for one in found.other_changes] == [("8 mL", "5 mL")]


def test_a_reply_survives_taking_the_answers_back(
    session: Session, listing: Listing, provider: Account, draft: Attestation
) -> None:
    reply(session, draft, provider, "Both sides.")
    sign(session, draft, provider)
    commands.withdraw(session, draft, by=provider.actor, now=LATER)
    again = commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=LATER)
    found = returned_round(session, again, RULESETS)
    assert again.replies == {SITES: "Both sides."}
    assert found is not None
    assert [one.reply for one in found.answers] == ["Both sides.", ""]


def test_after_an_acceptance_the_return_before_it_is_over(
    session: Session, listing: Listing, provider: Account, reviewer: Account, draft: Attestation
) -> None:
    reply(session, draft, provider, "Both sides.")
    sign(session, draft, provider)
    decide_attestation(session, draft, Move.ACCEPT, by=reviewer.actor, now=LATER, rulesets=RULESETS)
    renewal = commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=LATER)
    assert (renewal.replies, returned_round(session, renewal, RULESETS)) == ({}, None)


@pytest.mark.parametrize("text", ["x" * MAX_REPLY, "", " \n "])
def test_a_reply_may_be_as_long_as_the_limit_or_left_out(
    session: Session, provider: Account, draft: Attestation, text: str
) -> None:
    reply(session, draft, provider, "Earlier.")
    reply(session, draft, provider, text)
    assert draft.replies == ({SITES: text} if text.strip() else {})


def test_a_reply_past_the_limit_is_refused_with_the_limit(
    session: Session, provider: Account, draft: Attestation
) -> None:
    with pytest.raises(Invalid, match="Your reply may have at most 500 characters; this has 501") as refusal:
        reply(session, draft, provider, "x" * (MAX_REPLY + 1))
    assert [fault.field for fault in refusal.value.faults] == [replies.FIELD]


def test_nothing_is_replied_after_signing_or_by_somebody_else(
    session: Session, provider: Account, other_provider: Account, draft: Attestation
) -> None:
    with pytest.raises(NotAllowed):
        reply(session, draft, other_provider, "Not mine.")
    sign(session, draft, provider)
    with pytest.raises(Conflict):
        reply(session, draft, provider, "Too late.")
    session.commit()
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.update(Attestation).where(Attestation.id == draft.id).values(replies={SITES: "Other."}))
