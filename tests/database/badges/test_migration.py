"""Upgrading a directory that is older than credentials: what counts gets one, and nothing else does."""

import flask_migrate
import pytest
import sqlalchemy as sa
from support.factories import make_account, make_attestation, make_listing

from directory import transaction
from directory.accounts.policy import Role
from directory.attestations.lifecycle import AttestationState
from directory.badges.status_list import LIST_SIZE
from directory.badges.tables import Credential


@pytest.mark.usefixtures("installation")
def test_only_what_counts_gets_a_credential_when_an_older_directory_is_upgraded() -> None:
    with transaction.atomic() as session:
        provider = make_account(session, Role.PROVIDER)
        made = {
            state: make_attestation(session, make_listing(session, provider), state=state).id
            for state in AttestationState
        }
    session.close()
    flask_migrate.downgrade(revision="0002")
    flask_migrate.upgrade()
    rows = session.execute(sa.select(Credential.attestation_id, Credential.status_list, Credential.status_index)).all()
    # The one that superseded the superseded is accepted too.
    assert len(rows) == 2
    assert made[AttestationState.ACCEPTED] in {row.attestation_id for row in rows}
    assert not {row.attestation_id for row in rows} & {
        made[state] for state in AttestationState if state is not AttestationState.ACCEPTED
    }
    assert {row.status_list for row in rows} == {1}
    assert all(0 <= row.status_index < LIST_SIZE for row in rows)
    assert len({row.status_index for row in rows}) == 2
