"""The cast and their things, made by the product's own commands in whatever state a test needs.

Commit what a request shall see: the factories flush and never commit.
"""

import itertools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask.json.tag import TaggedJSONSerializer
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from directory import transaction
from directory.accounts.commands import find_or_create_role
from directory.accounts.policy import Right, Role
from directory.accounts.sessions import create_session
from directory.accounts.tables import Account, UserSession
from directory.attestations import commands as attestation_commands
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationMove
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, details_from_json
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.listings import commands as listing
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.lifecycle import Move as ListingMove
from directory.listings.listing_data import Address, ListingData
from directory.listings.tables import Listing, ListingSource
from directory.review.commands import decide_attestation, decide_listing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""The moment of every test that does not care which."""

PASSWORD = "five quiet horses graze by the mill"
"""Long and dull enough for the rules of passwords."""

MATCHING_ANSWERS: dict[str, Any] = {
    "volume_per_site_ml": 8,
    "distinct_sites": [5, 6],
    "imaging_guidance": {"methods": ["fluoroscopy"], "how_often": "always"},
    "harvest_bone": "posterior_iliac_crest",
}
"""Answers that match every rule of bma-2021.1; change one to break one."""

BROOMFIELD = Point(39.9205, -105.0867)

LISTING_MOVES: Mapping[ListingState, Sequence[ListingMove]] = {
    ListingState.DRAFT: (),
    ListingState.SUBMITTED: (ListingMove.SUBMIT,),
    ListingState.PUBLISHED: (ListingMove.SUBMIT, ListingMove.PUBLISH),
    ListingState.SUSPENDED: (ListingMove.SUBMIT, ListingMove.PUBLISH, ListingMove.SUSPEND),
    ListingState.REJECTED: (ListingMove.SUBMIT, ListingMove.REJECT),
    ListingState.RETIRED: (ListingMove.SUBMIT, ListingMove.PUBLISH, ListingMove.RETIRE),
}
"""How a listing comes into each state."""

_numbers = itertools.count(1)


def make_account(
    session: Session, *roles: Role, name: str = "Sam Doe", email: str | None = None, password: str | None = None
) -> Account:
    """An active account, staff with a second factor. Without `password` (a stored hash) it signs in by `sign_in`."""
    account = Account(
        email=email or f"{uuid.uuid4().hex[:12]}@example.com",
        name=name,
        password=password,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=NOW,
        created_at=NOW,
        roles=[find_or_create_role(session, role) for role in roles],
    )
    if account.actor.reviews:
        set_second_factor(account)
    session.add(account)
    session.flush()
    return account


def set_second_factor(account: Account, secret: str = "") -> None:
    """What the console asks of a reviewer or admin: an authenticator app and recovery codes."""
    account.tf_primary_method = "authenticator"
    account.tf_totp_secret = secret or "never decrypted"
    account.mf_recovery_codes = ["never decrypted"]


def sign_in(client: FlaskClient, account: Account) -> FlaskClient:
    """`client` as a browser in which `account` has signed in; what the form does has tests of its own."""
    data = TaggedJSONSerializer().dumps({"_user_id": account.fs_uniquifier, "_fresh": True})
    with client.application.app_context(), transaction.atomic() as writing:
        token = create_session(writing, data=data, user_id=account.fs_uniquifier, now=NOW)
        # A test may set the clock to any year.
        writing.execute(sa.update(UserSession).values(expires_at=datetime.max.replace(tzinfo=UTC)))
    client.set_cookie("bma", token)
    return client


def make_place(point: Point = BROOMFIELD, *, precision: Precision = Precision.POSTAL) -> Place:
    """Somewhere in Colorado, unless told otherwise."""
    return Place(
        label="80021",
        city="Broomfield",
        state="CO",
        postal_code="80021",
        point=point,
        precision=precision,
        uncertainty_miles=3.0,
    )


def make_address(**changes: Any) -> Address:
    """A practice address that has a place."""
    facts: dict[str, Any] = {
        "line1": "403 Summit Boulevard",
        "city": "Broomfield",
        "state": "CO",
        "postal_code": "80021",
        "place": make_place(),
    }
    return Address(**facts | changes)


def make_entry(**changes: Any) -> ListingData:
    """What a provider says of themselves."""
    facts: dict[str, Any] = {
        "kind": ListingKind.PERSON,
        "name": f"Ann Example {next(_numbers)}",
        "credential": "MD",
        "practice": "Example Orthopedics",
        "specialty_code": "2081S0010X",
        "phone": "303-555-0100",
        "addresses": (make_address(),),
    }
    return ListingData(**facts | changes)


def make_listing(
    session: Session,
    owner: Account,
    *,
    state: ListingState = ListingState.PUBLISHED,
    reviewer: Account | None = None,
    now: datetime = NOW,
    rulesets: Rulesets | None = None,
    source: ListingSource = ListingSource.PROVIDER,
    **changes: Any,
) -> Listing:
    """A listing of `owner` in any state; `changes` go into its entry."""
    made = listing.create(session, make_entry(**changes), by=owner.actor, now=now, source=source)
    for move in LISTING_MOVES[state]:
        if move is ListingMove.SUBMIT:
            listing.submit(session, made, by=owner.actor, now=now)
        else:
            by = (reviewer or get_reviewer(session)).actor
            decide_listing(
                session, made, move, by=by, now=now, rulesets=rulesets or bundled_rulesets(), reason="For a test."
            )
    return made


def owner_of(session: Session, listing: Listing) -> Account:
    """The account that has been an owner of the listing the longest."""
    return session.get_one(Account, next(row.account_id for row in listing.managers if row.right is Right.OWNER))


def make_attestation(
    session: Session,
    on: Listing,
    *,
    state: AttestationState = AttestationState.ACCEPTED,
    answers: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    explanations: Mapping[str, str] | None = None,
    now: datetime = NOW,
    reviewer: Account | None = None,
    rulesets: Rulesets | None = None,
    ruleset_id: str | None = None,
) -> Attestation:
    """An attestation of a listing in any state, signed by its owner; `answers` as in JSON, RIGHT if left out."""
    rules = rulesets or bundled_rulesets()
    ruleset = rules.load(ruleset_id) if ruleset_id else rules.current
    owner = owner_of(session, on).actor
    made = attestation_commands.get_or_create_draft(session, on, ruleset, by=owner, now=now)
    typed = answers_from_json(ruleset, MATCHING_ANSWERS if answers is None else answers)
    said = details_from_json(ruleset, details or {})
    attestation_commands.save(session, made, ruleset, typed, said, version=made.version, by=owner, now=now)
    if state is AttestationState.DRAFT:
        return made
    signature = Signature("Ann Example", "Medical director", agreed=True, confirmed=frozenset(made.unconfirmed))
    attestation_commands.submit(
        session, made, ruleset, signature, explanations or {}, version=made.version, by=owner, now=now
    )
    if state is AttestationState.WITHDRAWN:
        attestation_commands.withdraw(session, made, by=owner, now=now)
    by = (reviewer or get_reviewer(session)).actor
    for move in _review_moves(state):
        decide_attestation(session, made, move, by=by, now=now, rulesets=rules, reason="For a test.")
    if state is AttestationState.SUPERSEDED:
        make_attestation(session, on, answers=answers, now=now, reviewer=reviewer, rulesets=rules)
    return made


def _review_moves(state: AttestationState) -> Iterable[AttestationMove]:
    if state is AttestationState.RETURNED:
        return (AttestationMove.RETURN,)
    if state in {AttestationState.ACCEPTED, AttestationState.SUPERSEDED}:
        return (AttestationMove.ACCEPT,)
    if state is AttestationState.REVOKED:
        return (AttestationMove.ACCEPT, AttestationMove.REVOKE)
    return ()


def get_reviewer(session: Session) -> Account:
    """The reviewer who decides where a test does not say who does."""
    email = "deciding.reviewer@example.com"
    found = session.scalar(sa.select(Account).where(Account.email == email))
    return found or make_account(session, Role.REVIEWER, name="Rae Reviewer", email=email)
