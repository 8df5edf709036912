"""What may befall a town's providers: reports, answers that ended, documents that are looked at, a draw by lot."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory import clock
from directory.accounts.tables import Account
from directory.attestations import commands as attestation_commands
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.claims import commands as claims
from directory.claims.request import ClaimRequest
from directory.claims.tables import Proof
from directory.disputes.lifecycle import DisputeState
from directory.evidence import commands as evidence_commands
from directory.evidence.attachment import Link, Note
from directory.listings import revisions
from directory.listings.tables import Listing
from directory.review import random_audit
from directory.review.commands import decide_attestation, retire_listing
from directory.review.sample import Quarter
from directory.statistics.commands import refresh_figures
from support import sample_town
from support.claims import DOCUMENT
from support.dispute_factories import make_dispute
from support.factories import get_reviewer, make_attestation, owner_of
from support.message_factories import make_message, make_subject

REVOKED, SUPERSEDED = "Example 10", "Example 16"
CHANGED, RETIRED = "Example 20", "Example 22"
TO_CLAIM, CLAIMED, CALLED, WITH_TOKEN = "Example 21", "Example 24", "Example 25", sample_town.WITH_WEBSITE
EVIDENCE_WAITING, EVIDENCE_REVIEWED = "Example 17", "Example 19"
DISPUTED: Mapping[DisputeState, str] = {
    DisputeState.REPORTED: "Example 11",
    DisputeState.OPEN: "Example 13",
    DisputeState.ANSWERED: "Example 14",
    DisputeState.UPHELD: REVOKED,
}
"""Who is reported, by where it stands; all have answered, and the first search pages name other providers."""


def add_cases(session: Session) -> dict[str, str]:
    """Let it happen; gives where each thing is seen, by name."""
    listings = {listing.name: listing for listing in session.scalars(sa.select(Listing))}
    make_attestation(session, listings[SUPERSEDED], now=clock.now())
    shown = _get_attestation(session, listings[sample_town.WITH_BADGE], AttestationState.ACCEPTED)
    places = {
        "slug of revoked": listings[REVOKED].slug,
        "counts": _public_id(session, listings[sample_town.WITH_BADGE], AttestationState.ACCEPTED),
        "my badge": f"/portal/attestations/{shown.id}",
        "out of date": _public_id(session, listings[sample_town.EXPIRED], AttestationState.ACCEPTED),
        "to renew": f"/portal/listings/{listings[sample_town.EXPIRED].id}/attestation",
        "two windows": f"/portal/listings/{listings[sample_town.FROM_NPPES].id}/attestation",
        "replaced": _public_id(session, listings[SUPERSEDED], AttestationState.SUPERSEDED),
    }
    places |= _claim(session, listings)
    places |= _add_changes(session, listings[CHANGED]) | _retire(session, listings[RETIRED])
    waiting = _submit_with_evidence(session, listings[EVIDENCE_WAITING])
    places["with a document"] = f"/console/attestations/{waiting.id}"
    seen = _submit_with_evidence(session, listings[EVIDENCE_REVIEWED])
    by, rulesets = get_reviewer(session).actor, bundled_rulesets()
    decide_attestation(session, seen, Move.ACCEPT, by=by, now=clock.now(), rulesets=rulesets, reason="")
    places["seen"] = seen.public_id
    for state, name in DISPUTED.items():
        made = make_dispute(session, listings[name], state=state, now=clock.now())
        places[f"{state} report"] = f"/providers/{listings[name].slug}/report/{made.public_id}"
        places[f"{state} for the console"] = f"/console/disputes/{made.id}"
        places[f"{state} for the portal"] = f"/portal/disputes/{made.id}"
    places |= _ask_for_evidence(session, shown)
    return {
        **places,
        "revoked": _public_id(session, listings[REVOKED], AttestationState.REVOKED),
        **_hold_audit_draw(session),
    }


def _ask_for_evidence(session: Session, attestation: Attestation) -> dict[str, str]:
    subject = make_subject(attestation, asks_for_evidence=True)
    make_message(session, attestation.listing, subject=subject, now=clock.now())
    path = f"listings/{attestation.listing_id}/messages"
    return {"my messages": f"/portal/{path}", "messages": f"/console/{path}"}


def _submit_with_evidence(session: Session, listing: Listing) -> Attestation:
    """Signed again, with two answers backed up, at one of which a reviewer has looked."""
    rules, now, owner = bundled_rulesets().current, clock.now(), owner_of(session, listing).actor
    made = make_attestation(session, listing, state=AttestationState.DRAFT, now=now)
    first, second = (criterion.key for criterion in rules.criteria[:2])
    for key, piece in ((first, Link("https://example.org/kit")), (second, Link("https://example.org/" + "a" * 200))):
        evidence_commands.add(session, made, rules, key, piece, by=owner, now=now)
    evidence_commands.add(session, made, rules, first, Note("It is on our kit sheet."), by=owner, now=now)
    signature = Signature("Ann Example", "Medical director", agreed=True, confirmed=frozenset(made.unconfirmed))
    attestation_commands.submit(session, made, rules, signature, {}, version=made.version, by=owner, now=now)
    evidence_commands.record_inspection(
        session, made, rules, first, "The kit sheet: 8 mL.", by=get_reviewer(session).actor, now=now
    )
    return made


def _hold_audit_draw(session: Session) -> dict[str, str]:
    held = random_audit.run_draw(
        session, Quarter.of(clock.now()), seed="six dice on a table", rulesets=bundled_rulesets(), now=clock.now()
    )
    refresh_figures(session, bundled_rulesets(), now=clock.now())
    return {"quarter": held.quarter, "drawn": f"/console/draws/{random_audit.drawn_attestations(session, held)[0].id}"}


def _public_id(session: Session, listing: Listing, state: AttestationState) -> str:
    """The public name of its answers in that state."""
    return _get_attestation(session, listing, state).public_id


def _get_attestation(session: Session, listing: Listing, state: AttestationState) -> Attestation:
    wanted = sa.select(Attestation).where(Attestation.listing_id == listing.id, Attestation.state == state)
    return session.scalars(wanted).one()


def _add_changes(session: Session, listing: Listing) -> dict[str, str]:
    """A change that waits for a reviewer, and a draft beside it."""
    how = {"by": session.get_one(Account, listing.managers[0].account_id).actor, "now": clock.now()}
    for values in ({"practice": "Another Practice"}, {"website": "https://changed.example/"}):
        token = revisions.edit_token(session, listing)
        draft = revisions.save_draft(session, listing, values, token=token, **how)
        if "practice" in values:
            assert draft is not None
            revisions.submit(session, draft, **how)
            waiting = draft.id
    return {"changed": f"/portal/listings/{listing.id}", "change": f"/console/revisions/{waiting}"}


def _claim(session: Session, listings: Mapping[str, Listing]) -> dict[str, str]:
    """A listing that can be claimed, and claims that wait: for a reviewer, for a call and for a token."""
    claimant = session.scalars(sa.select(Account).where(Account.email == sample_town.CLAIMANT)).one()
    for name, proof in ((CLAIMED, Proof.DOCUMENT), (CALLED, Proof.PHONE), (WITH_TOKEN, Proof.DOMAIN)):
        document = DOCUMENT if proof is Proof.DOCUMENT else None
        request = ClaimRequest("Practice manager", "303-555-0199", proof, document=document)
        how = {"by": claimant.actor, "now": clock.now(), "checks_domains": True}
        made = claims.make_claim(session, listings[name], request, **how)
        if name == CALLED:
            to_decide_on = f"/console/claims/{made.id}"
    places = {"to claim": TO_CLAIM, "claimed": CLAIMED, "called": CALLED, "with token": WITH_TOKEN}
    return {
        "claim to decide on": to_decide_on,
        **{place: f"/providers/{listings[name].slug}" for place, name in places.items()},
    }


def _retire(session: Session, listing: Listing) -> dict[str, str]:
    by = session.get_one(Account, listing.managers[0].account_id).actor
    retire_listing(session, listing, reason="The practice has closed.", by=by, now=clock.now())
    return {"slug of retired": listing.slug}
