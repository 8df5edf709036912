"""What may befall a town's providers: reports, answers that ended, documents that are looked at, a draw by lot."""

from collections.abc import Mapping

import sqlalchemy as sa
from factories import make_attestation, reviewer_of
from journeys import town
from reports import make_dispute
from sqlalchemy.orm import Session

from directory import clock
from directory.accounts.tables import Account
from directory.attestations import commands as attesting
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import AttestationState as Signed
from directory.attestations.lifecycle import Move
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.disputes.lifecycle import DisputeState
from directory.evidence import commands as backing
from directory.evidence.attachment import Link, Note
from directory.listings.tables import Listing
from directory.review import random_audit
from directory.review.commands import decide_attestation
from directory.review.sample import Quarter

REVOKED, REPLACED = "Example 10", "Example 16"
TO_BE_LOOKED_AT, LOOKED_AT = "Example 17", "Example 19"
REPORTED: Mapping[DisputeState, str] = {
    DisputeState.REPORTED: "Example 11",
    DisputeState.OPEN: "Example 13",
    DisputeState.ANSWERED: "Example 14",
    DisputeState.UPHELD: REVOKED,
}
"""Who is reported, by where it stands; all have answered, and the first search pages name other providers."""


def befall(session: Session) -> dict[str, str]:
    """Let it happen; gives where each thing is seen, by name."""
    listings = {listing.name: listing for listing in session.scalars(sa.select(Listing))}
    make_attestation(session, listings[REPLACED], now=clock.now())
    places = {
        "slug of revoked": listings[REVOKED].slug,
        "counts": _named(session, listings[town.WITH_BADGE], Signed.ACCEPTED),
        "my badge": f"/portal/attestations/{_signed(session, listings[town.WITH_BADGE], Signed.ACCEPTED).id}",
        "out of date": _named(session, listings[town.OUT_OF_DATE], Signed.ACCEPTED),
        "to renew": f"/portal/listings/{listings[town.OUT_OF_DATE].id}/attestation",
        "two windows": f"/portal/listings/{listings[town.FROM_REGISTRY].id}/attestation",
        "replaced": _named(session, listings[REPLACED], Signed.SUPERSEDED),
    }
    waiting = _backed_up(session, listings[TO_BE_LOOKED_AT])
    places["with a document"] = f"/console/attestations/{waiting.id}"
    seen = _backed_up(session, listings[LOOKED_AT])
    by, rulesets = reviewer_of(session).actor, bundled_rulesets()
    decide_attestation(session, seen, Move.ACCEPT, by=by, now=clock.now(), rulesets=rulesets, reason="")
    places["seen"] = seen.public_id
    for state, name in REPORTED.items():
        made = make_dispute(session, listings[name], state=state, now=clock.now())
        places[f"{state} report"] = f"/providers/{listings[name].slug}/report/{made.public_id}"
        places[f"{state} for the console"] = f"/console/disputes/{made.id}"
        places[f"{state} for the portal"] = f"/portal/disputes/{made.id}"
    return {
        **places,
        "revoked": _named(session, listings[REVOKED], Signed.REVOKED),
        **_draw(session),
    }


def _backed_up(session: Session, listing: Listing) -> Attestation:
    """Signed again, with two answers backed up, at one of which a reviewer has looked."""
    rules, now, owner = bundled_rulesets().current, clock.now(), session.get_one(Account, listing.owner_id).actor
    made = make_attestation(session, listing, state=Signed.DRAFT, now=now)
    first, second = (criterion.key for criterion in rules.criteria[:2])
    for key, piece in ((first, Link("https://example.org/kit")), (second, Link("https://example.org/" + "a" * 200))):
        backing.add(session, made, rules, key, piece, by=owner, now=now)
    backing.add(session, made, rules, first, Note("It is on our kit sheet."), by=owner, now=now)
    signature = Signature("Ann Example", "Medical director", agreed=True, confirmed=frozenset(made.unconfirmed))
    attesting.submit(session, made, rules, signature, {}, version=made.version, by=owner, now=now)
    backing.record_inspection(
        session, made, rules, first, "The kit sheet: 8 mL.", by=reviewer_of(session).actor, now=now
    )
    return made


def _draw(session: Session) -> dict[str, str]:
    held = random_audit.run_draw(
        session, Quarter.of(clock.now()), seed="six dice on a table", rulesets=bundled_rulesets(), now=clock.now()
    )
    return {"quarter": held.quarter, "drawn": f"/console/draws/{random_audit.drawn_attestations(session, held)[0].id}"}


def _named(session: Session, listing: Listing, state: Signed) -> str:
    """The public name of its answers in that state."""
    return _signed(session, listing, state).public_id


def _signed(session: Session, listing: Listing, state: Signed) -> Attestation:
    wanted = sa.select(Attestation).where(Attestation.listing_id == listing.id, Attestation.state == state)
    return session.scalars(wanted).one()
