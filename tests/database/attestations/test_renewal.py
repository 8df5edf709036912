"""Renewing: it starts from the last answers, and none is signed again unless somebody says that it is still so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing
from support.two_rulesets import FIRST, NEW_QUESTION, SECOND_MAX_ML, both_versions, second_version, second_version_text

from directory.accounts.tables import Account
from directory.attestations import commands
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, details_from_json
from directory.certification.ruleset import Ruleset, Rulesets, bundled_rulesets, parse_ruleset
from directory.certification.scoring import Grade
from directory.certification.standing import grade_stored
from directory.errors import Invalid
from directory.listings.tables import Listing

FIRST_RULES = bundled_rulesets().load(FIRST)
DETAILS = {"total_volume_ml": 30}
EVERY_KEY = sorted(MATCHING_ANSWERS)
STRAY_FREQUENCY = {"methods": [], "how_often": "always"}
LATER = NOW + timedelta(days=300)


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider)


def begin(session: Session, listing: Listing, provider: Account, ruleset: Ruleset = FIRST_RULES) -> Attestation:
    return commands.get_or_create_draft(session, listing, ruleset, by=provider.actor, now=LATER)


def sign(session: Session, draft: Attestation, by: Account, confirmed: Any, ruleset: Ruleset = FIRST_RULES) -> None:
    signature = Signature("Ann Example", "Medical director", agreed=True, confirmed=frozenset(confirmed))
    facts = {"version": draft.version, "by": by.actor, "now": LATER}
    commands.submit(session, draft, ruleset, signature, {}, **facts)


def answer(session: Session, draft: Attestation, by: Account, ruleset: Ruleset = FIRST_RULES, **changes: Any) -> None:
    said = {key: value for key, value in {**draft.answers, **changes}.items() if value is not None}
    typed, more = answers_from_json(ruleset, said), details_from_json(ruleset, draft.details)
    commands.save(session, draft, ruleset, typed, more, version=draft.version, by=by.actor, now=LATER)


@pytest.mark.parametrize("state", [AttestationState.ACCEPTED, AttestationState.SUPERSEDED, AttestationState.REVOKED])
def test_a_renewal_starts_from_the_last_answers_and_each_graded_one_is_to_be_confirmed(
    session: Session, listing: Listing, provider: Account, state: AttestationState
) -> None:
    last = make_attestation(session, listing, details=DETAILS)
    last.state = state
    draft = begin(session, listing, provider)
    assert (draft.answers, draft.details) == (last.answers, last.details)
    assert draft.unconfirmed == EVERY_KEY


def test_nothing_is_signed_before_every_answer_is_confirmed(
    session: Session, listing: Listing, provider: Account
) -> None:
    make_attestation(session, listing, details=DETAILS)
    draft = begin(session, listing, provider)
    for left_out in EVERY_KEY:
        with pytest.raises(Invalid) as refusal:
            sign(session, draft, provider, set(EVERY_KEY) - {left_out})
        assert [fault.field for fault in refusal.value.faults] == [f"confirm_{left_out}"]
        assert "still so" in refusal.value.sentence
        assert draft.state is AttestationState.DRAFT
    with pytest.raises(Invalid) as refusal:
        sign(session, draft, provider, ())
    assert sorted(fault.field for fault in refusal.value.faults) == [f"confirm_{key}" for key in EVERY_KEY]
    sign(session, draft, provider, EVERY_KEY)
    assert (draft.state, draft.unconfirmed) == (AttestationState.SUBMITTED, [])


def test_a_draft_that_names_details_as_well_needs_no_more_than_the_graded_answers(
    session: Session, listing: Listing, provider: Account
) -> None:
    make_attestation(session, listing, details=DETAILS)
    draft = begin(session, listing, provider)
    draft.unconfirmed = sorted({*EVERY_KEY, *DETAILS})
    sign(session, draft, provider, EVERY_KEY)
    assert (draft.state, draft.details) == (AttestationState.SUBMITTED, DETAILS)


def test_an_answer_that_is_changed_or_taken_out_is_said_anew(
    session: Session, listing: Listing, provider: Account
) -> None:
    make_attestation(session, listing)
    draft = begin(session, listing, provider)
    answer(session, draft, provider, volume_per_site_ml=5, harvest_bone=None)
    assert draft.unconfirmed == ["distinct_sites", "imaging_guidance"]
    answer(session, draft, provider, volume_per_site_ml=MATCHING_ANSWERS["volume_per_site_ml"])
    assert draft.unconfirmed == ["distinct_sites", "imaging_guidance"]
    sign(session, draft, provider, ["distinct_sites", "imaging_guidance"])


def test_saving_the_same_answers_again_confirms_nothing(session: Session, listing: Listing, provider: Account) -> None:
    make_attestation(session, listing)
    draft = begin(session, listing, provider)
    for _ in range(2):
        answer(session, draft, provider)
    session.expire_all()
    assert draft.unconfirmed == sorted(MATCHING_ANSWERS)


def signed_by_an_earlier_version(session: Session, listing: Listing) -> Attestation:
    """Signed answers with a how-often beside none, which earlier versions accepted."""
    like = make_attestation(session, listing)
    kept = ("listing_id", "ruleset_id", "statement", "signer_name", "signer_role", "signed_by_id", "signed_at",
            "valid_until", "subject_name", "digest", "created_at", "updated_at")  # fmt: skip
    made = Attestation(
        state=AttestationState.SUPERSEDED,
        answers=MATCHING_ANSWERS | {"imaging_guidance": STRAY_FREQUENCY},
        **{name: getattr(like, name) for name in kept},
    )
    session.add(made)
    session.flush()
    return made


def test_a_how_often_beside_none_is_left_out_of_a_renewal(
    session: Session, listing: Listing, provider: Account
) -> None:
    signed = signed_by_an_earlier_version(session, listing)
    assert grade_stored(bundled_rulesets(), FIRST, signed.answers).assessment.grade is Grade.WRONG
    draft = begin(session, listing, provider)
    assert draft.answers == MATCHING_ANSWERS | {"imaging_guidance": {"methods": []}}
    assert "imaging_guidance" in draft.unconfirmed


def test_a_draft_with_a_how_often_beside_none_is_not_signed(
    session: Session, listing: Listing, provider: Account
) -> None:
    draft = begin(session, listing, provider)
    draft.answers = MATCHING_ANSWERS | {"imaging_guidance": STRAY_FREQUENCY}
    session.flush()
    with pytest.raises(Invalid, match="does not apply to none"):
        sign(session, draft, provider, ())


def test_first_answers_need_no_confirming(session: Session, listing: Listing, provider: Account) -> None:
    draft = begin(session, listing, provider)
    assert (draft.answers, draft.unconfirmed) == ({}, [])
    answer(session, draft, provider, **MATCHING_ANSWERS)
    sign(session, draft, provider, ())


@pytest.mark.parametrize("state", [AttestationState.RETURNED, AttestationState.WITHDRAWN])
def test_what_came_back_is_corrected_and_not_confirmed_again(
    session: Session, listing: Listing, provider: Account, state: AttestationState
) -> None:
    make_attestation(session, listing, state=state)
    draft = begin(session, listing, provider)
    assert draft.unconfirmed == []
    sign(session, draft, provider, ())


@pytest.mark.parametrize("state", [AttestationState.RETURNED, AttestationState.ACCEPTED])
def test_under_newer_rules_the_same_questions_keep_their_answers_and_all_are_confirmed(
    session: Session, listing: Listing, provider: Account, state: AttestationState
) -> None:
    make_attestation(session, listing, state=state, details=DETAILS, rulesets=both_versions(), ruleset_id=FIRST)
    draft = begin(session, listing, provider, second_version())
    assert draft.ruleset_id == second_version().id
    assert draft.answers == from_first(session, listing).answers
    assert draft.unconfirmed == EVERY_KEY
    answer(session, draft, provider, second_version(), **{NEW_QUESTION: "fast", "volume_per_site_ml": SECOND_MAX_ML})
    sign(session, draft, provider, set(EVERY_KEY) - {"volume_per_site_ml"}, second_version())


def from_first(session: Session, listing: Listing) -> Attestation:
    return session.query(Attestation).filter_by(listing_id=listing.id, ruleset_id=FIRST).one()


def test_what_newer_rules_do_not_take_or_ask_is_left_out(session: Session, listing: Listing, provider: Account) -> None:
    narrow = parse_ruleset(
        second_version_text()
        .replace("limits = { at_least = 1, at_most = 60 }", "limits = { at_least = 1, at_most = 20 }", 1)
        .replace('key = "harvest_bone"', 'key = "bone_drawn_from"', 1)
        .replace('question = "harvest_bone"', 'question = "bone_drawn_from"')
    )
    rulesets = Rulesets((narrow, FIRST_RULES))
    make_attestation(
        session, listing, answers={**MATCHING_ANSWERS, "distinct_sites": 40}, rulesets=rulesets, ruleset_id=FIRST
    )
    draft = begin(session, listing, provider, narrow)
    assert sorted(draft.answers) == ["imaging_guidance", "volume_per_site_ml"]
    assert draft.unconfirmed == ["imaging_guidance", "volume_per_site_ml"]
