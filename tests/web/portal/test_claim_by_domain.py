"""Claims by the domain of the practice, and the answers that are prepared while a claim waits."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support import databases
from support.claims import GOOD, SEND, home, only_claim
from support.factories import sign_in
from support.http_client import Browser

from directory import config
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.claims.lifecycle import ClaimState
from directory.listings.tables import Listing
from directory.web.support.limits import limiter


@pytest.fixture
def publish(app: Flask) -> Callable[..., None]:
    """Allow outgoing requests, and say what each domain publishes."""

    def answer(*texts: str) -> None:
        services = app.extensions["directory"]
        app.extensions["directory"] = replace(services, domain_lookup=lambda _domain: frozenset(texts))

    return answer


def test_a_domain_is_offered_only_where_the_operator_allows_outgoing_requests(
    as_provider: Browser, managed: Listing, publish
) -> None:
    words = "A record or file at your practice’s own domain"
    assert words not in as_provider.open(home(managed)).text
    publish()
    assert words in as_provider.open(home(managed)).text


def test_a_claim_by_domain_shows_how_to_publish_the_token_and_checks_it(
    as_provider: Browser, as_reviewer: Browser, session: Session, managed: Listing, publish
) -> None:
    publish()
    page = as_provider.press(as_provider.open(home(managed)), SEND, {**GOOD, "proof": "domain"})
    token = only_claim(session).token
    for shown in (
        token,
        "_bma-directory-challenge.example-practice.org",
        "https://example-practice.org/.well-known/bma-directory-challenge.txt",
    ):
        assert shown in page.text
    nothing = as_provider.press(page, "Check now")
    assert (nothing.status, "We found no token at your domain yet." in nothing.text) == (422, True)
    publish("bma-directory-of-another-claim")
    other = as_provider.press(nothing, "Check now")
    assert (other.status, "We found another token at your domain." in other.text) == (422, True)
    assert only_claim(session).state is ClaimState.DRAFT
    publish(token)
    assert "We have what we need" in as_provider.press(other, "Check now").text
    made = only_claim(session)
    assert made.state is ClaimState.DISPUTED
    assert "They published our token at example-practice.org" in as_reviewer.open(f"/console/claims/{made.id}").text


def test_an_expired_token_is_replaced_by_a_button(
    as_provider: Browser, session: Session, managed: Listing, publish
) -> None:
    publish()
    page = as_provider.press(as_provider.open(home(managed)), SEND, {**GOOD, "proof": "domain"})
    made = only_claim(session)
    old, made.token_expires_at = made.token, made.created_at
    session.commit()
    late = as_provider.press(page, "Check now")
    assert (late.status, "This token is expired" in late.text, old in late.text) == (409, True, False)
    page = as_provider.press(late, "Make a new token")
    assert only_claim(session).token != old
    assert only_claim(session).token in page.text


def test_nothing_is_contacted_once_the_operator_no_longer_allows_it(
    app: Flask, as_provider: Browser, managed: Listing, publish
) -> None:
    publish()
    page = as_provider.press(as_provider.open(home(managed)), SEND, {**GOOD, "proof": "domain"})
    app.extensions["directory"] = replace(app.extensions["directory"], domain_lookup=None)
    refused = as_provider.press(page, "Check now")
    assert (refused.status, "checks no domains" in refused.text) == (409, True)
    assert "Check now" not in refused.text


def test_a_domain_is_checked_20_times_an_hour_at_most(
    environment: dict[str, str], provider: Account, session: Session, managed: Listing
) -> None:
    provider_id = provider.id
    with databases.create_application(config.read(environment | {"BMA_RATE_LIMITS": "1"})) as limited:
        lookups: list[str] = []
        services = limited.extensions["directory"]
        limited.extensions["directory"] = replace(
            services, domain_lookup=lambda domain: lookups.append(domain) or frozenset()
        )
        browser = Browser(sign_in(limited.test_client(), session.get_one(Account, provider_id)))
        page = browser.press(browser.open(home(managed)), SEND, {**GOOD, "proof": "domain"})
        answers = [browser.press(page, "Check now").status for _ in range(21)]
        limiter.enabled = False
    assert answers == [422] * 20 + [429]
    assert lookups == ["example-practice.org"] * 20


def test_answers_are_prepared_while_the_claim_waits_and_become_the_draft_on_approval(
    as_provider: Browser, as_reviewer: Browser, session: Session, imported: Listing
) -> None:
    claimed = as_provider.press(as_provider.open(home(imported)), SEND, {**GOOD, "proof": "phone"})
    assert f'href="{home(imported)}/answers"' in claimed.html
    page = as_provider.open(f"{home(imported)}/answers")
    assert "Nothing is saved yet" in page.text
    wrong = as_provider.press(page, "Save", {"volume_per_site_ml-low": "a lot"})
    assert (wrong.status, 'value="a lot"' in wrong.html, "Saved" in wrong.text) == (422, True, True)
    stale = as_provider.press(page, "Save", {"volume_per_site_ml-low": "9"})
    assert (stale.status, "Another window saved other answers" in stale.text) == (409, True)
    assert "Your answers are saved" in as_provider.press(stale, "Save", {"volume_per_site_ml-low": "8"}).text
    assert 'value="8"' in as_provider.open(f"{home(imported)}/answers").html
    case = as_reviewer.open(f"/console/claims/{only_claim(session).id}")
    assert "8 mL" not in case.text, "nobody else sees them"
    code = re.search(r"Read out this code\s*(\d{3}) (\d{3})", as_reviewer.press(case, "Show a code to read out").text)
    as_provider.press(as_provider.open(home(imported)), "Send the code", {"code": "".join(code.groups())})
    as_reviewer.press(as_reviewer.open(f"/console/claims/{only_claim(session).id}"), "Approve")
    session.expire_all()
    draft = session.scalars(sa.select(Attestation)).one()
    assert (draft.listing_id, draft.state) == (imported.id, AttestationState.DRAFT)
    assert "8 mL" in as_provider.open(f"/portal/listings/{imported.id}/technique/1").text
    assert as_provider.open(f"{home(imported)}/answers").status == 404


def test_nobody_prepares_answers_without_a_claim(as_provider: Browser, imported: Listing) -> None:
    assert as_provider.open(f"{home(imported)}/answers").status == 404
