"""`evidence sweep` with real files, from the command line."""

import os
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from support import sample_files
from support.factories import NOW, make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.certification.ruleset import bundled_rulesets
from directory.config import Settings
from directory.errors import NotFound
from directory.evidence import commands, storage
from directory.evidence.attachment import StoredDocument
from directory.evidence.tables import Evidence


@pytest.fixture
def old_document(session: Session, provider: Account, settings: Settings) -> Evidence:
    """A document in a draft, whose file is old."""
    draft = make_attestation(session, make_listing(session, provider), state=AttestationState.DRAFT)
    name = storage.store(settings.uploads, sample_files.pdf())
    kept = StoredDocument("t.pdf", name, "application/pdf", len(sample_files.pdf()))
    made = commands.add(
        session, draft, bundled_rulesets().current, "volume_per_site_ml", kept, by=provider.actor, now=NOW
    )
    session.commit()
    os.utime(storage.find(settings.uploads, name), (0, 0))
    return made


def test_what_a_row_speaks_of_stays(
    run_command: Callable[..., str], settings: Settings, old_document: Evidence
) -> None:
    assert run_command("evidence", "sweep") == "Removed 0 documents.\n"
    assert storage.find(settings.uploads, old_document.sha256 or "").read_bytes() == sample_files.pdf()


def test_what_was_taken_out_of_a_draft_is_gone(
    run_command: Callable[..., str], settings: Settings, session: Session, provider: Account, old_document: Evidence
) -> None:
    name = old_document.sha256 or ""
    commands.remove(session, old_document, by=provider.actor, now=NOW)
    session.commit()
    assert run_command("evidence", "sweep") == "Removed 1 document.\n"
    with pytest.raises(NotFound):
        storage.find(settings.uploads, name)


def test_what_is_missing_is_named_and_fails(
    run_command: Callable[..., str], settings: Settings, old_document: Evidence
) -> None:
    name = old_document.sha256 or ""
    storage.find(settings.uploads, name).unlink()
    assert f"1 missing in {settings.uploads}:\n{name}" in run_command("evidence", "sweep", code=1)


def test_where_nothing_was_ever_sent_there_is_nothing_to_do(run_command: Callable[..., str]) -> None:
    assert run_command("evidence", "sweep") == "Removed 0 documents.\n"
