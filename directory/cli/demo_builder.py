"""Creates the listings, attestations and decisions of the demo with the application's own commands."""

import math
import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.commands import find_or_create_role
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations import commands as attestation_commands
from directory.attestations.lifecycle import Move as AttestationMove
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, details_from_json
from directory.certification.ruleset import Ruleset, Rulesets
from directory.cli.demo_cases import UNMANAGED, add_cases
from directory.cli.demo_facts import generate_later_facts
from directory.cli.demo_providers import PROVIDER_COUNT, SEED, SHARED_BUILDING, DemoProvider, generate_providers
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.listings import commands as listing_commands
from directory.listings.facts import ListingFacts
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import Move as ListingMove
from directory.listings.listing_data import Address, ListingData
from directory.listings.tables import Listing, ListingSource
from directory.outbox.tables import Email
from directory.review import commands as review
from directory.review.confirmation import confirm_listing

RULESET = "bma-2021.1"
DEMO_OWNER_EMAIL = "cast@demo.example"
VISITOR_FATES = ("accepted", "expired", "returned", "expiring")
"""The outcomes of the listings owned by the demo provider account, which come first."""

EXPIRING_DAYS = 345
"""How long ago the answers were signed that soon run out."""

# The outcomes of demo listings, and how many in a hundred have each.
OUTCOME_WEIGHTS = {
    "accepted": 58,
    "not stated": 20,
    "expired": 7,
    "waiting": 5,
    "submitted": 4,
    "returned": 2,
    "revoked": 2,
    "draft": 1,
    "suspended": 1,
}

RETURNED_COMMENTS = {"volume_per_site_ml": "Is this the most that you take from one place, or the amount in all?"}
"""What the reviewer says of single answers that come back."""

REVIEW_PERIOD = timedelta(days=3)
"""The time between the publication of a listing and the decision on its answers."""

CONFIRMING_OUTCOMES = frozenset({"accepted", "expired", "not stated"})
"""The outcomes after which an owner may later confirm the listing."""

SCATTER_MILES = 4.0
"""The greatest distance of a fictitious office from the town's center; arbitrary."""


@dataclass
class DemoBuilder:
    """An iterable that creates one provider at each step."""

    session: Session
    accounts: Mapping[Role, Account]
    gazetteer: Gazetteer
    rulesets: Rulesets
    now: datetime
    length: int = PROVIDER_COUNT
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311  the same story each time

    def __iter__(self) -> Iterator[Listing]:
        nobody = _create_owner_account(self.session, self.now)
        made = []
        for number, character in enumerate(generate_providers(self.chance)):
            owner = self.accounts[Role.PROVIDER] if number < len(VISITOR_FATES) else nobody
            fate = self._fate(number)
            listing = self._play(character, owner, fate)
            if fate in CONFIRMING_OUTCOMES and (later := generate_later_facts(number, ListingFacts.of(listing))):
                self._confirm(listing, owner, *later)
            made.append(listing)
            yield listing
        visitor = self.accounts[Role.PROVIDER]
        add_cases(self.session, made, owner=visitor, rulesets=self.rulesets, now=self.now)
        self.session.execute(sa.delete(Email).where(Email.to == DEMO_OWNER_EMAIL))

    def _fate(self, number: int) -> str:
        if number < len(VISITOR_FATES):
            return VISITOR_FATES[number]
        if number in UNMANAGED:
            return "not stated"
        return self.chance.choices(list(OUTCOME_WEIGHTS), weights=list(OUTCOME_WEIGHTS.values()))[0]

    def _play(self, character: DemoProvider, owner: Account, fate: str) -> Listing:
        signed = self.now - timedelta(days=self.chance.randrange(375, 700) if fate == "expired" else 0)
        signed -= timedelta(days=self.chance.randrange(5, 330), hours=self.chance.randrange(24))
        if fate == "expiring":
            signed = self.now - timedelta(days=EXPIRING_DAYS)
        if fate == "waiting":
            signed = self.now - timedelta(days=self.chance.randrange(1, 9))
        by = owner.actor
        listing = listing_commands.create(
            self.session, self._entry(character), by=by, now=signed - timedelta(days=3), source=ListingSource.DEMO
        )
        if fate == "draft":
            return listing
        listing_commands.submit(self.session, listing, by=by, now=signed - timedelta(days=2))
        if fate == "submitted":
            return listing
        self._decide(listing, ListingMove.PUBLISH, signed - timedelta(days=1))
        if fate != "not stated":
            self._attest(listing, character, owner, fate, signed)
        if fate == "suspended":
            self._decide(listing, ListingMove.SUSPEND, self.now, "The practice has moved; we wait for its new address.")
        return listing

    def _attest(self, listing: Listing, character: DemoProvider, owner: Account, fate: str, signed: datetime) -> None:
        ruleset, by = self.rulesets.load(RULESET), owner.actor
        draft = attestation_commands.get_or_create_draft(self.session, listing, ruleset, by=by, now=signed)
        answers, details = self._answers(ruleset)
        attestation_commands.save(
            self.session,
            draft,
            ruleset,
            answers_from_json(ruleset, answers),
            details_from_json(ruleset, details),
            version=draft.version,
            by=by,
            now=signed,
        )
        signature = attestation_commands.Signature(
            name=character.signer,
            role="Physician" if character.entry.kind is ListingKind.PERSON else "Medical director",
            agreed=True,
        )
        attestation_commands.submit(
            self.session, draft, ruleset, signature, {}, version=draft.version, by=by, now=signed
        )
        self._judge(draft, fate, signed + timedelta(days=2))

    def _judge(self, attestation: Attestation, fate: str, when: datetime) -> None:
        moves = {
            "waiting": [],
            "returned": [(AttestationMove.RETURN, "One answer needs another look.")],
            "revoked": [
                (AttestationMove.ACCEPT, ""),
                (AttestationMove.REVOKE, "The practice tells us that it no longer offers the procedure."),
            ],
        }.get(fate, [(AttestationMove.ACCEPT, "")])
        for move, reason in moves:
            review.decide_attestation(
                self.session,
                attestation,
                move,
                by=self.accounts[Role.REVIEWER].actor,
                now=when,
                rulesets=self.rulesets,
                reason=reason,
                comments=RETURNED_COMMENTS if move is AttestationMove.RETURN else None,
            )

    def _decide(self, listing: Listing, move: ListingMove, when: datetime, reason: str = "") -> None:
        by = self.accounts[Role.REVIEWER].actor
        review.decide_listing(self.session, listing, move, by=by, now=when, rulesets=self.rulesets, reason=reason)

    def _confirm(self, listing: Listing, owner: Account, part: float, facts: ListingFacts) -> None:
        """Confirm the listing at `part` (0 to 1) of the time between the last decision and now."""
        decided = listing.updated_at + REVIEW_PERIOD
        when = decided + (self.now - decided) * part
        version, by = listing.version, owner.actor
        confirm_listing(self.session, listing, facts, version=version, by=by, now=when)

    def _entry(self, character: DemoProvider) -> ListingData:
        return replace(character.entry, addresses=tuple(map(self._address, character.entry.addresses)))

    def _address(self, office: Address) -> Address:
        town = self.gazetteer.place_address(office.line1, office.city, office.state, office.postal_code)
        if town is None:
            raise LookupError(f"the demonstration's town {office.city}, {office.state} is in no gazetteer")
        return replace(office, place=self._scattered(town, office))

    def _scattered(self, town: Place, office: Address) -> Place:
        """Give an office its own point, so that pins do not all appear at the town's center."""
        shared = office.line1 == SHARED_BUILDING[-1]
        miles = 0.0 if shared else SCATTER_MILES * math.sqrt(self.chance.random())
        bearing = self.chance.random() * 2 * math.pi
        lat = town.point.lat + miles / 69.0 * math.cos(bearing)
        lon = town.point.lon + miles / (69.0 * math.cos(math.radians(town.point.lat))) * math.sin(bearing)
        return Place(
            label=f"{office.line1}, {office.city}, {office.state} {office.postal_code}",
            city=office.city,
            state=office.state,
            postal_code=office.postal_code,
            point=Point(round(lat, 5), round(lon, 5)),
            precision=Precision.POINT,
            uncertainty_miles=0.0,
        )

    def _answers(self, ruleset: Ruleset) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return answers that match every rule; for 40%, change one or two answers to others."""
        low = self.chance.choice((2, 3, 4, 5))
        sites = self.chance.randrange(5, 13)
        method = self.chance.choice(("fluoroscopy", "ultrasound", "ct", "fluoroscopy", "ultrasound"))
        answers: dict[str, Any] = {
            "volume_per_site_ml": self.chance.choice((low, low + 5, [low, low + 5], 7.5)),
            "distinct_sites": self.chance.choice((sites, [sites, sites + 3])),
            "imaging_guidance": {"methods": [method], "how_often": "always"},
            "harvest_bone": self.chance.choice(("posterior_iliac_crest",) * 4 + ("anterior_iliac_crest",)),
        }
        weaker: dict[str, list[Any]] = {
            "volume_per_site_ml": [20, 30, 60, [10, 20], None],
            "distinct_sites": [1, 2, 3, 4, 20, [2, 4], None],
            "imaging_guidance": [{"methods": []}, {"methods": [method], "how_often": "sometimes"}, None],
            "harvest_bone": ["tibia", "vertebra", "humerus", None],
        }
        if self.chance.random() < 0.4:
            for key in self.chance.sample(sorted(weaker), k=self.chance.choice((1, 1, 2))):
                answers[key] = self.chance.choice(weaker[key])
        details = {
            "performed_by": {"methods": ["physician"]},
            "procedures_per_year": self.chance.randrange(20, 400),
            "sides": self.chance.choice(("one", "both")),
        }
        known = {detail.key for detail in ruleset.details}
        return answers, {key: value for key, value in details.items() if key in known}


def build_demo(
    session: Session,
    accounts: Mapping[Role, Account],
    *,
    gazetteer: Gazetteer,
    rulesets: Rulesets,
    now: datetime,
) -> DemoBuilder:
    """Return the builder, which creates the demo as it is iterated; it does not commit."""
    return DemoBuilder(session, accounts, gazetteer, rulesets, now)


def _create_owner_account(session: Session, now: datetime) -> Account:
    """Create the owner of all other listings; nobody can sign in to this account."""
    account = Account(
        email=DEMO_OWNER_EMAIL,
        name="The cast of the demonstration",
        password=None,
        active=False,
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=now,
        created_at=now,
        roles=[find_or_create_role(session, Role.PROVIDER)],
    )
    session.add(account)
    session.flush()
    return account
