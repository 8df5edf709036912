"""Time on the pages: an hour before the end all say badge, an hour after all say that they ran out, and no job ran.

The pages ask the real clock. So the past is moved, not the clock: answers are signed so long ago that they end an hour
from now, or ended an hour ago.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import databases
from support.factories import make_attestation, make_listing
from support.two_rulesets import FIRST, both_versions_from, first_version_text

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.tables import Attestation
from directory.certification.ruleset import MIN_NOTICE, Rulesets, parse_ruleset
from directory.config import Settings

HOUR = timedelta(hours=1)
SEARCH = "/api/v1/providers?near=80021&within=50&badge=1"


@dataclass(frozen=True)
class Said:
    """What each place says of one listing."""

    page: str
    verify: str
    svg: str
    json: dict[str, Any]
    api: dict[str, Any]
    found: int

    @classmethod
    def by(cls, client: FlaskClient, attestation: Attestation) -> "Said":
        slug = attestation.listing.slug
        return cls(
            page=client.get(f"/providers/{slug}").text,
            verify=client.get(f"/verify/{attestation.public_id}").text,
            svg=client.get(f"/badges/{slug}.svg").text,
            json=client.get(f"/badges/{slug}.json").get_json(),
            api=client.get(f"/api/v1/providers/{slug}").get_json(),
            found=client.get(SEARCH).get_json()["total"],
        )

    def counts(self) -> bool:
        """Whether all places say that the badge shows; False where all say that it does not.

        A place that disagrees with the others fails the test.
        """
        told = {
            "page": "Their answers ran out" not in self.page and "All 4 answers match" in self.page,
            "verify": "This badge counts today" in self.verify,
            "verify, expired": "Their answers ran out" not in self.verify,
            "svg": "ran out" not in self.svg.lower() and "expired" not in self.svg.lower(),
            "json": self.json["badge"],
            "api": self.api["technique"]["badge"],
            "search": self.found == 1,
        }
        assert len(set(told.values())) == 1, told
        return told["page"]


@pytest.fixture
def start_app(settings: Settings) -> Iterator[Callable[[Rulesets], FlaskClient]]:
    """Starts the application with rules of its own; all are closed in the end."""
    with ExitStack() as stack:

        def start(rulesets: Rulesets) -> FlaskClient:
            return stack.enter_context(databases.create_application(settings, rulesets)).test_client()

        yield start


@pytest.mark.parametrize(("ends_in", "counts"), [(HOUR, True), (-HOUR, False)])
def test_every_place_says_expired_at_once(
    session: Session,
    start_app: Callable[[Rulesets], FlaskClient],
    provider: Account,
    ends_in: timedelta,
    counts: bool,
) -> None:
    ends = clock.now() + ends_in
    # Four years, so that the test has a day to sign on even when today is February 29.
    signed = ends.replace(year=ends.year - 4)
    rulesets = Rulesets((parse_ruleset(first_version_text().replace("valid_months = 12", "valid_months = 48", 1)),))
    listing = make_listing(session, provider, now=signed, rulesets=rulesets)
    attestation = make_attestation(session, listing, now=signed, rulesets=rulesets)
    assert attestation.valid_until == ends
    session.commit()
    assert Said.by(start_app(rulesets), attestation).counts() is counts


@pytest.mark.parametrize(("days", "counts"), [(1, True), (0, False)])
def test_every_place_follows_the_day_that_newer_rules_name(
    session: Session, start_app: Callable[[Rulesets], FlaskClient], provider: Account, days: int, counts: bool
) -> None:
    now = clock.now()
    rulesets = both_versions_from(now.date() + timedelta(days=days) - MIN_NOTICE, notice=MIN_NOTICE)
    signed = now - timedelta(days=30)
    listing = make_listing(session, provider, now=signed, rulesets=rulesets)
    attestation = make_attestation(session, listing, now=signed, rulesets=rulesets, ruleset_id=FIRST)
    session.commit()
    assert Said.by(start_app(rulesets), attestation).counts() is counts
