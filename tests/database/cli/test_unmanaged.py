"""`attestations revoke-unmanaged`: what it says, and that it handles each listing once."""

from datetime import timedelta

from support.factories import make_attestation, make_listing

from directory import clock
from directory.attestations.lifecycle import AttestationState
from directory.claims.commands import release_listings
from directory.review.unmanaged import GRACE_PERIOD


def test_answers_of_a_listing_that_nobody_manages_are_revoked_once(run_command, session, provider):
    signed = make_attestation(session, make_listing(session, provider))
    assert run_command("attestations", "revoke-unmanaged") == "No listing is due.\n"
    release_listings(session, provider, now=clock.now() - GRACE_PERIOD - timedelta(days=1))
    session.commit()
    assert run_command("attestations", "revoke-unmanaged") == "1 listings were handled.\n"
    session.refresh(signed)
    assert signed.state is AttestationState.REVOKED
    assert run_command("attestations", "revoke-unmanaged") == "No listing is due.\n"
