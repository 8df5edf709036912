"""Every kind of page, wide and narrow, light and dark: axe finds nothing and nothing runs off sideways."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session
from support import sample_cases, sample_town, user_actions
from support.accessibility import assert_accessible
from support.browser_monitor import BrowserMonitor
from support.input_devices import Mouse
from support.page_catalog import ADMIN, PAGES, PATIENT, SIGNED_OUT, Addresses, Arrive, settle

from directory import transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings.tables import Listing

NARROW, WIDE, HEIGHT = 390, 1280, 900
TIMEOUT_MS = 15_000

Window = tuple[Page, BrowserMonitor]


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
            "listed": f"/console/listings/{ids[sample_town.WITH_BADGE]}",
            "answers": f"/console/attestations/{waiting.id}",
        }


@pytest.fixture(scope="module")
def windows(
    browser: Browser, browser_context_args: dict[str, Any], live_server_url: str, addresses: Addresses
) -> Iterator[dict[str, Window]]:
    """A window for each reader, in which one page after the other is opened: a new one takes longer than a page."""
    assert addresses
    opened: dict[str, Window] = {}
    for who in dict.fromkeys(who for who, _ in PAGES.values()):
        context = browser.new_context(
            **browser_context_args,
            geolocation={"latitude": 39.9, "longitude": -105.1},
            permissions=["geolocation"],
        )
        context.set_default_timeout(TIMEOUT_MS)
        monitor = BrowserMonitor(live_server_url)
        monitor.over(context)
        opened[who] = context.new_page(), monitor
        if who not in {PATIENT, SIGNED_OUT}:
            user_actions.sign_in(Mouse(opened[who][0]), who, "/console/" if who == ADMIN else "/portal/")
    yield opened
    for page, _ in opened.values():
        page.context.close()


@pytest.mark.parametrize(("who", "arrive"), PAGES.values(), ids=PAGES.keys())
def test_everybody_can_use(who: str, arrive: Arrive, windows: dict[str, Window], addresses: Addresses) -> None:
    page, monitor = windows[who]
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    page.emulate_media(color_scheme="light")
    arrive(page, addresses)
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        settle(page)
        assert_accessible(page)
    for other in page.context.pages[1:]:
        other.close()
    monitor.finally_over(page.context)
    faults, monitor.faults = monitor.faults, []
    assert not faults, "\n".join(faults)
