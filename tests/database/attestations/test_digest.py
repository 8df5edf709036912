"""The hash of all that was signed: made once, held against what is stored, and never got round."""

import hashlib
import json
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations import commands
from directory.attestations.commands import Signature
from directory.attestations.digest import signed_digest, signed_document, verify
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.audit.tables import AuditEntry
from directory.certification.answers import answers_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.errors import NotAllowed
from directory.listings.managers import grant_right
from directory.listings.tables import Listing

SIGNED = sorted(set(AttestationState) - {AttestationState.DRAFT})
EXPLAINED: dict[str, Any] = {
    "details": {"total_volume_ml": 2000},
    "explanations": {"total_volume": "Two visits – “both” counted. 😀"},
}

OTHER: dict[str, Any] = {
    "public_id": "f" * 32,
    "ruleset_id": "other",
    "answers": MATCHING_ANSWERS | {"volume_per_site_ml": 8.5},
    "details": {},
    "explanations": {"total_volume": "Another."},
    "replies": {"harvest_bone": "Another."},
    "typed": {"harvest_bone": {"harvest_bone-value": ["a text"]}},
    "subject_name": "Bo Other",
    "subject_npi": "1000000004",
    "statement": "Something else.",
    "signer_name": "Bo Other",
    "signer_role": "Nurse",
    "signed_by_id": None,
    "signed_at": NOW.replace(microsecond=1),
    "valid_until": NOW,
    "digest": "0" * 64,
}
"""For every column that is kept as it was signed, something else."""


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider, name="Ann Exämple", npi="1234567893")


@pytest.mark.parametrize("state", SIGNED)
def test_whatever_becomes_of_it_its_hash_is_that_of_what_was_signed(
    session: Session, listing: Listing, state: AttestationState
) -> None:
    made = make_attestation(session, listing, state=state, **EXPLAINED)
    session.commit()
    assert verify(made)
    assert made.digest == signed_digest(made)
    about = AuditEntry.object == f"attestation:{made.public_id}"
    told = set(session.scalars(sa.select(AuditEntry.after).where(about)))
    assert told == {made.digest}


def test_a_draft_has_none_and_proves_nothing(session: Session, listing: Listing) -> None:
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    assert (draft.digest, verify(draft)) == (None, False)


def test_the_hash_can_be_made_again_by_anybody_who_has_a_json_library(session: Session, listing: Listing) -> None:
    made = make_attestation(session, listing, answers=MATCHING_ANSWERS | {"volume_per_site_ml": [2.5, 8]}, **EXPLAINED)
    session.commit()
    explanations = json.dumps(made.explanations, ensure_ascii=False, separators=(",", ":"))
    document = {
        "answers": MATCHING_ANSWERS | {"volume_per_site_ml": ["2.5", 8]},
        "attestation": made.public_id,
        "details": {"total_volume_ml": 2000},
        "explanations": hashlib.sha256(explanations.encode()).hexdigest(),
        "format": "bma-attestation-1",
        "listing": {"id": listing.id, "name": "Ann Exämple", "npi": "1234567893"},
        "ruleset": "bma-2021.1",
        "signed_at": "2026-11-22T12:00:00.000000Z",
        "signed_by": listing.managers[0].account_id,
        "signer_name": "Ann Example",
        "signer_role": "Medical director",
        "statement": made.statement,
        "valid_until": "2027-11-22T12:00:00.000000Z",
    }
    assert signed_document(made) == document
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert made.digest == hashlib.sha256(text.encode()).hexdigest()


def test_an_entry_that_is_renamed_leaves_what_was_signed_for_it(session: Session, listing: Listing) -> None:
    made = make_attestation(session, listing)
    listing.name, listing.npi = "Ann Married", "1000000004"
    session.commit()
    assert verify(made)
    assert (made.subject_name, made.subject_npi) == ("Ann Exämple", "1234567893")


@pytest.mark.parametrize("column", OTHER)
def test_the_database_refuses_every_edit_of_what_was_signed(session: Session, listing: Listing, column: str) -> None:
    made = make_attestation(session, listing, **EXPLAINED)
    session.commit()
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.update(Attestation).where(Attestation.id == made.id).values({column: OTHER[column]}))
    session.rollback()
    assert verify(made)


def without_triggers(session: Session) -> None:
    """What somebody can do who owns the database."""
    on = " ON attestations" if session.get_bind().dialect.name == "postgresql" else ""
    session.execute(sa.text(f"DROP TRIGGER attestations_signed{on}"))


@pytest.mark.parametrize("column", sorted(set(OTHER) - {"typed", "replies"}))
def test_an_edit_past_the_database_is_found(session: Session, listing: Listing, column: str) -> None:
    made = make_attestation(session, listing, **EXPLAINED)
    without_triggers(session)
    session.execute(sa.update(Attestation).where(Attestation.id == made.id).values({column: OTHER[column]}))
    session.commit()
    assert not verify(made)


@pytest.mark.parametrize("value", [2**60, True, None, "8", [8], {"low": 8}])
def test_an_answer_of_another_kind_is_found_too(session: Session, listing: Listing, value: object) -> None:
    made = make_attestation(session, listing)
    without_triggers(session)
    changed = MATCHING_ANSWERS | {"volume_per_site_ml": value}
    session.execute(sa.update(Attestation).where(Attestation.id == made.id).values(answers=changed))
    session.commit()
    assert not verify(made)


@pytest.mark.parametrize("state", SIGNED)
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE attestations SET state = 'draft'",
        "DELETE FROM attestations",
        "UPDATE attestations SET digest = NULL",
        "UPDATE attestations SET subject_name = ''",
    ],
)
def test_what_was_signed_is_never_a_draft_again_and_never_gone(
    session: Session, listing: Listing, state: AttestationState, change: str
) -> None:
    made = make_attestation(session, listing, state=state)
    session.commit()
    with pytest.raises(DatabaseError):
        session.execute(sa.text(f"{change} WHERE id = {made.id}"))
    session.rollback()
    assert (made.state, verify(made)) == (state, True)


@pytest.mark.parametrize("state", SIGNED)
@pytest.mark.parametrize("digest", [None, "", "a" * 63])
def test_the_database_lets_nothing_be_signed_without_its_hash(
    session: Session, listing: Listing, state: AttestationState, digest: str | None
) -> None:
    make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    signing = {"signer_name": "a", "signer_role": "b", "statement": "c", "signed_at": NOW, "valid_until": NOW}
    with pytest.raises(DatabaseError, match="hashed_when_signed"):
        session.execute(sa.update(Attestation).values(**signing, subject_name="d", state=state, digest=digest))


@pytest.mark.parametrize("name", [None, ""])
def test_the_database_lets_nothing_be_signed_for_nobody(session: Session, listing: Listing, name: str | None) -> None:
    make_attestation(session, listing, state=AttestationState.DRAFT)
    session.commit()
    signing = {"signer_name": "a", "signer_role": "b", "statement": "c", "signed_at": NOW, "valid_until": NOW}
    with pytest.raises(DatabaseError, match="hashed_when_signed"):
        session.execute(
            sa.update(Attestation).values(
                **signing, subject_name=name, state=AttestationState.SUBMITTED, digest="a" * 64
            )
        )


@pytest.mark.usefixtures("installation")
def test_what_was_signed_before_there_were_hashes_gets_the_one_it_would_have_now(
    session: Session, provider: Account
) -> None:
    for state in AttestationState:
        answers = MATCHING_ANSWERS | {"volume_per_site_ml": [2.5, 8]}
        make_attestation(session, make_listing(session, provider), state=state, answers=answers, **EXPLAINED)
    session.commit()
    of_all = sa.select(Attestation.id, Attestation.digest, Attestation.subject_name).order_by(Attestation.id)
    before = session.execute(of_all).all()
    session.close()
    flask_migrate.downgrade(revision="0006")
    assert "digest" not in {column["name"] for column in sa.inspect(session.connection()).get_columns("attestations")}
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.text("UPDATE attestations SET statement = 'Something else.' WHERE state <> 'draft'"))
    session.close()
    flask_migrate.upgrade()
    assert session.execute(of_all).all() == before
    assert sum(row.digest is None for row in before) == 1
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.text("UPDATE attestations SET digest = NULL WHERE state <> 'draft'"))


def test_answers_that_somebody_else_prepared_have_the_second_format_and_say_who(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    """One signature counts, and it covers who prepared what was signed."""
    grant_right(session, listing, other_provider.id, Right.EDITOR, by=provider.actor, now=NOW)
    rules = bundled_rulesets().current
    draft = commands.get_or_create_draft(session, listing, rules, by=other_provider.actor, now=NOW)
    answers = answers_from_json(rules, MATCHING_ANSWERS)
    commands.save(session, draft, rules, answers, {}, version=draft.version, by=other_provider.actor, now=NOW)
    signature = Signature("Ann Example", "Medical director", agreed=True)
    with pytest.raises(NotAllowed):
        commands.submit(session, draft, rules, signature, {}, version=draft.version, by=other_provider.actor, now=NOW)
    commands.submit(session, draft, rules, signature, {}, version=draft.version, by=provider.actor, now=NOW)
    session.commit()
    document = signed_document(draft)
    assert (document["format"], document["prepared_by"]) == ("bma-attestation-2", other_provider.id)
    assert document["signed_by"] == provider.id
    assert verify(draft)
    for change in (None, provider.id):
        with pytest.raises(DatabaseError, match="never changed"):
            session.execute(sa.update(Attestation).values(prepared_by_id=change))
        session.rollback()
    without_triggers(session)
    session.execute(sa.update(Attestation).values(prepared_by_id=None))
    session.commit()
    assert not verify(draft)
