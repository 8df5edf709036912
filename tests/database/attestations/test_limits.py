"""Every state and every limit of what a signer can do: kept or refused, and nothing in between."""

from typing import Any

import pytest
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations import commands, draft_input
from directory.attestations.commands import MAX_EXPLANATION, MAX_SIGNER_TEXT, Signature
from directory.attestations.draft_input import MAX_TYPED
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification import form_values
from directory.certification.answers import answers_from_json, details_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, Invalid
from directory.listings.lifecycle import OPEN, ListingState
from directory.listings.tables import Listing

RULES = bundled_rulesets().current
SIGNATURE = Signature("Ann Example", "Medical director", agreed=True)
VOLUME, SITES = "volume_per_site_ml", "distinct_sites"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider)


@pytest.fixture
def draft(session: Session, listing: Listing) -> Attestation:
    return make_attestation(session, listing, state=AttestationState.DRAFT)


def keep(session: Session, draft: Attestation, by: Account, texts: dict[str, str], *, behind: int = 0) -> None:
    sent = {name: [text] for name, text in texts.items()}
    reading, version = draft_input.parse(RULES, sent), draft.version - behind
    commands.save_input(session, draft, RULES, reading, version=version, by=by.actor, now=NOW)


def sign(session: Session, draft: Attestation, by: Account, signature: Signature = SIGNATURE, **explained: str) -> None:
    commands.submit(session, draft, RULES, signature, explained, version=draft.version, by=by.actor, now=NOW)


@pytest.mark.parametrize("state", AttestationState)
@pytest.mark.parametrize("behind", [0, 1])
def test_only_a_draft_as_it_is_now_takes_what_is_typed(
    session: Session, listing: Listing, provider: Account, state: AttestationState, behind: int
) -> None:
    made = make_attestation(session, listing, state=state)
    if state is AttestationState.DRAFT and not behind:
        keep(session, made, provider, {f"{VOLUME}-low": "lots"})
        assert (made.answers, set(made.typed)) == ({}, {VOLUME})
        return
    with pytest.raises(Conflict):
        keep(session, made, provider, {f"{VOLUME}-low": "lots"}, behind=behind)
    assert (made.answers, made.typed) == (MATCHING_ANSWERS, {})


@pytest.mark.parametrize("question", RULES.questions, ids=lambda question: question.key)
def test_nothing_is_signed_while_anything_typed_to_any_question_is_no_answer(
    session: Session, draft: Attestation, provider: Account, question: Any
) -> None:
    field = form_values.input_name(question, form_values.input_parts(question)[0])
    keep(session, draft, provider, {field: "no such answer"})
    with pytest.raises(Invalid) as refused:
        sign(session, draft, provider)
    assert {fault.field.rpartition("-")[0] for fault in refused.value.faults} == {question.key}
    assert (draft.state, draft.digest) == (AttestationState.DRAFT, None)
    keep(session, draft, provider, {f"{VOLUME}-low": "8"})
    sign(session, draft, provider)
    assert (draft.state, draft.typed, draft.answers) == (AttestationState.SUBMITTED, {}, {VOLUME: 8})


@pytest.mark.parametrize(("over", "is_kept"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("split", [0, 1, 1000])
def test_what_is_typed_to_one_question_is_kept_up_to_its_limit_in_all_its_fields(
    session: Session, draft: Attestation, provider: Account, over: int, split: int, *, is_kept: bool
) -> None:
    texts = {f"{VOLUME}-low": "x" * (MAX_TYPED + over - split), f"{VOLUME}-high": "y" * split, f"{SITES}-low": "7"}
    keep(session, draft, provider, texts)
    assert (VOLUME in draft.typed) is is_kept
    assert draft.answers == ({SITES: 7} if is_kept else {SITES: 7, VOLUME: MATCHING_ANSWERS[VOLUME]})


def test_what_is_too_long_leaves_what_was_typed_before(session: Session, draft: Attestation, provider: Account) -> None:
    keep(session, draft, provider, {f"{VOLUME}-low": "lots"})
    keep(session, draft, provider, {f"{VOLUME}-low": "x" * (MAX_TYPED + 1)})
    assert draft.typed == {VOLUME: {f"{VOLUME}-low": ["lots"]}}
    with pytest.raises(Invalid):
        sign(session, draft, provider)


@pytest.mark.parametrize("field", ["name", "role"])
@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("", False),
        ("  ", False),
        ("A", True),
        ("A" * MAX_SIGNER_TEXT, True),
        (f" {'A' * MAX_SIGNER_TEXT} ", True),
        ("A" * (MAX_SIGNER_TEXT + 1), False),
        ("A\u202eB", False),
        ("A\nB", False),
    ],
)
def test_a_name_and_a_role_have_their_limits(
    session: Session, draft: Attestation, provider: Account, field: str, text: str, *, is_taken: bool
) -> None:
    said = {"name": "Ann Example", "role": "Owner"} | {field: text}
    if not is_taken:
        with pytest.raises(Invalid) as refused:
            Signature(**said, agreed=True)
        assert {fault.field for fault in refused.value.faults} == {f"signer_{field}"}
        return
    sign(session, draft, provider, Signature(**said, agreed=True))
    session.expire_all()
    assert {"name": draft.signer_name, "role": draft.signer_role}[field] == text.strip()


@pytest.mark.parametrize(
    ("length", "is_taken"), [(0, False), (1, True), (MAX_EXPLANATION, True), (MAX_EXPLANATION + 1, False)]
)
def test_an_explanation_has_its_limits(
    session: Session, draft: Attestation, provider: Account, length: int, *, is_taken: bool
) -> None:
    answers, details = answers_from_json(RULES, MATCHING_ANSWERS), details_from_json(RULES, {"total_volume_ml": 2000})
    commands.save(session, draft, RULES, answers, details, version=draft.version, by=provider.actor, now=NOW)
    if not is_taken:
        with pytest.raises(Invalid):
            sign(session, draft, provider, total_volume="x" * length)
        assert draft.state is AttestationState.DRAFT
        return
    sign(session, draft, provider, total_volume="x" * length)
    assert draft.explanations == {"total_volume": "x" * length}


@pytest.mark.parametrize("state", ListingState)
def test_a_draft_is_begun_for_every_open_entry_and_for_no_other(
    session: Session, provider: Account, state: ListingState
) -> None:
    listing = make_listing(session, provider, state=state)
    if state in OPEN:
        assert (
            commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=NOW).state
            is AttestationState.DRAFT
        )
        return
    with pytest.raises(Conflict):
        commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=NOW)


@pytest.mark.parametrize("state", ListingState)
def test_a_draft_that_was_begun_is_kept_and_signed_while_the_entry_is_open_and_then_no_more(
    session: Session, listing: Listing, draft: Attestation, provider: Account, state: ListingState
) -> None:
    listing.state = state
    if state in OPEN:
        keep(session, draft, provider, {f"{VOLUME}-low": "9"})
        sign(session, draft, provider)
        assert (draft.state, draft.answers) == (AttestationState.SUBMITTED, {VOLUME: 9})
        return
    with pytest.raises(Conflict):
        keep(session, draft, provider, {f"{VOLUME}-low": "9"})
    with pytest.raises(Conflict):
        sign(session, draft, provider)
    assert (draft.state, draft.answers) == (AttestationState.DRAFT, MATCHING_ANSWERS)


@pytest.mark.parametrize(
    "later",
    [AttestationState.SUBMITTED, AttestationState.ACCEPTED, AttestationState.RETURNED, AttestationState.WITHDRAWN],
)
def test_a_new_attestation_supersedes_the_old_one_only_when_it_is_accepted_and_edits_nothing(
    session: Session, listing: Listing, later: AttestationState
) -> None:
    first = make_attestation(session, listing)
    said = (first.answers, first.statement, first.signer_name, first.signed_at, first.digest)
    second = make_attestation(session, listing, state=later, answers=MATCHING_ANSWERS | {SITES: 9})
    session.expire_all()
    assert first.state is (
        AttestationState.SUPERSEDED if later is AttestationState.ACCEPTED else AttestationState.ACCEPTED
    )
    assert (first.answers, first.statement, first.signer_name, first.signed_at, first.digest) == said
    assert second.digest != first.digest
