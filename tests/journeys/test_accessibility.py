"""Every kind of page, wide and narrow, light and dark: axe finds nothing and nothing runs off sideways."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy.orm import Session
from support import sample_cases, sample_town, user_actions
from support.accessibility import assert_accessible
from support.input_devices import Mouse
from support.page_catalog import ADMIN, PAGES, Addresses, Arrive, settle

from directory import transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings.tables import Listing

WIDTHS = {"on a telephone": 390, "on a screen": 1280}


@pytest.fixture(scope="module")
def addresses(app: Flask) -> Addresses:
    user_actions.open_accounts(
        app, (sample_town.OWNER, Role.PROVIDER), (sample_town.CLAIMANT, Role.PROVIDER), (ADMIN, Role.ADMIN)
    )
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        sample_town.populate(
            app, session, session.scalars(sa.select(Account).where(Account.email == sample_town.OWNER)).one()
        )
        ids = {listing.name: listing.id for listing in session.scalars(sa.select(Listing))}
        waiting = session.scalars(sa.select(Attestation).where(Attestation.state == AttestationState.SUBMITTED)).one()
        troubles = sample_cases.add_cases(session)
        session.commit()
        return {
            **troubles,
            "people": f"/portal/listings/{ids[sample_town.WITH_BADGE]}/people",
            "published": f"/portal/listings/{ids[sample_town.WITH_BADGE]}",
            "questions": f"/portal/listings/{ids[sample_town.NO_ANSWERS]}/attestation",
            "technique": f"/portal/listings/{ids[sample_town.NO_ANSWERS]}/technique/1",
            "signed": f"/portal/attestations/{waiting.id}",
            "entry": f"/console/listings/{ids[sample_town.SUBMITTED_LISTING]}",
            "answers": f"/console/attestations/{waiting.id}",
        }


@pytest.fixture(scope="module")
def cookies(browser: Browser, live_server_url: str, addresses: Addresses) -> dict[str, Any]:
    """What is in the browsers of those who have signed in; a patient's holds nothing."""
    assert addresses
    states: dict[str, Any] = {"": None}
    for email, home in ((sample_town.OWNER, "/portal/"), (sample_town.CLAIMANT, "/portal/"), (ADMIN, "/console/")):
        context = browser.new_context(base_url=live_server_url)
        user_actions.sign_in(Mouse(context.new_page()), email, home)
        states[email] = context.storage_state()
        context.close()
    return states


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize(("who", "arrive"), PAGES.values(), ids=PAGES.keys())
def test_everybody_can_use(
    who: str,
    arrive: Arrive,
    width: int,
    cookies: dict[str, Any],
    addresses: Addresses,
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context(
        viewport={"width": width, "height": 900},
        storage_state=cookies[who],
        geolocation={"latitude": 39.9, "longitude": -105.1},
        permissions=["geolocation"],
    ).new_page()
    arrive(page, addresses)
    settle(page)
    assert_accessible(page)
