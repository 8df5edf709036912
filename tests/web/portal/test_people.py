"""The people page: invite, accept, remove, hand over and leave, and who may not."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, make_listing, sign_in
from support.http_client import Browser

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.listings.tables import Listing, ListingManager
from directory.outbox.tables import Email


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider)
    session.commit()
    return made


@pytest.fixture
def as_other(app: Flask, other_provider: Account, session: Session) -> Browser:
    session.commit()
    client = app.test_client()
    sign_in(client, other_provider)
    return Browser(client)


def people(listing: Listing) -> str:
    return f"/portal/listings/{listing.id}/people"


def link(session: Session) -> str:
    session.expire_all()
    address = session.scalars(sa.select(Email.action_path).order_by(Email.id.desc())).first()
    return re.search(r"/portal/invitations/\w+", address)[0]


def rights(session: Session, listing: Listing) -> dict[int, Right]:
    session.expire_all()
    return {row.account_id: row.right for row in session.get_one(Listing, listing.id).managers}


def test_an_invited_editor_accepts_and_is_removed_again(
    as_provider: Browser,
    as_other: Browser,
    session: Session,
    listing: Listing,
    provider: Account,
    other_provider: Account,
) -> None:
    page = as_provider.press(
        as_provider.open(people(listing)), "Invite", {"email": other_provider.email, "right": "editor"}
    )
    assert other_provider.email in page.text
    accepted = as_other.press(as_other.open(link(session)), "Accept the invitation")
    assert f"You now manage {listing.name}." in accepted.text
    assert rights(session, listing) == {provider.id: Right.OWNER, other_provider.id: Right.EDITOR}
    who = other_provider.name or other_provider.email
    as_provider.press(as_provider.open(people(listing)), f"Remove {who}")
    assert rights(session, listing) == {provider.id: Right.OWNER}
    assert as_other.open(people(listing)).status == 404


def test_an_owner_changes_a_right_and_steps_down_themselves(
    as_provider: Browser, session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    listing.managers.append(ListingManager(account_id=other_provider.id, right=Right.EDITOR, since=NOW))
    session.commit()
    page = as_provider.open(people(listing))
    assert "Make me" not in page.text
    page = as_provider.press(page, "Make them an owner")
    assert "Changed." in page.text
    assert rights(session, listing) == {provider.id: Right.OWNER, other_provider.id: Right.OWNER}
    assert "Make them" not in page.text
    page = as_provider.press(page, "Make me a signer")
    assert rights(session, listing) == {provider.id: Right.SIGNER, other_provider.id: Right.OWNER}
    assert "Invite somebody" not in page.text
    said = sa.select(Email.subject).where(Email.letter == "right_changed").order_by(Email.id)
    assert session.scalars(said).all() == [
        f"You are now an owner of {listing.name}",
        f"{provider.name} is now a signer of {listing.name}",
    ]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [("god", 422, "Choose what they may do"), ("editor", 409, "You are the last owner"), (None, 422, "Choose what")],
)
def test_a_right_that_cannot_be_is_refused(
    as_provider: Browser,
    session: Session,
    listing: Listing,
    provider: Account,
    sent: str | None,
    status: int,
    words: str,
) -> None:
    token = as_provider.open(people(listing)).form("Invite").fields["csrf_token"]
    fields = {"csrf_token": token} | ({"right": sent} if sent else {})
    answer = as_provider.client.post(f"{people(listing)}/{provider.id}/right", data=fields)
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True)
    assert rights(session, listing) == {provider.id: Right.OWNER}


def test_a_link_is_for_the_invited_address_works_once_and_can_be_withdrawn(
    as_provider: Browser, as_other: Browser, session: Session, listing: Listing, other_provider: Account
) -> None:
    page = as_provider.press(as_provider.open(people(listing)), "Invite", {"email": "x@example.com", "right": "signer"})
    address = link(session)
    assert as_other.open(address).status == 403
    as_provider.press(page, "Withdraw the invitation of x@example.com")
    assert as_other.open(address).status == 404
    as_provider.press(as_provider.open(people(listing)), "Invite", {"email": other_provider.email, "right": "signer"})
    address = link(session)
    as_other.press(as_other.open(address), "Accept the invitation")
    assert as_other.open(address).status == 404
    assert as_other.open(f"{address[:-1]}x").status == 404


def test_a_listing_is_handed_over_with_the_consent_of_both(
    as_provider: Browser,
    as_other: Browser,
    session: Session,
    listing: Listing,
    provider: Account,
    other_provider: Account,
) -> None:
    page = as_provider.open(people(listing))
    as_provider.press(page, "Invite", {"email": other_provider.email, "hands_over": "y"})
    assert rights(session, listing) == {provider.id: Right.OWNER}
    as_other.press(as_other.open(link(session)), "Accept the invitation")
    assert rights(session, listing) == {other_provider.id: Right.OWNER}


def test_the_last_owner_says_what_becomes_of_the_listing(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    page = as_provider.press(as_provider.open(people(listing)), "Leave this listing")
    assert (page.status, "say what becomes of the listing" in page.text) == (422, True)
    as_provider.press(page, "Leave this listing", {"fate": "unmanaged"})
    assert rights(session, listing) == {}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"email": "nobody", "right": "editor"}, "not an email address"),
        ({"email": "x@example.com"}, "Choose what they may do"),
        ({"email": "x@example.com", "right": "god"}, "Choose what they may do"),
        ({"email": "x@example.com", "right": "editor", "hands_over": "y"}, "Only an owner can take a listing over"),
    ],
)
def test_bad_invitations_are_refused_and_nothing_is_lost(
    as_provider: Browser, listing: Listing, sent: dict[str, str], words: str
) -> None:
    page = as_provider.press(as_provider.open(people(listing)), "Invite", sent)
    assert (page.status, words in page.text) == (422, True)
    assert f'value="{sent["email"]}"' in page.html


def test_an_editor_sees_the_people_and_invites_nobody(
    as_other: Browser, session: Session, listing: Listing, other_provider: Account
) -> None:
    listing.managers.append(ListingManager(account_id=other_provider.id, right=Right.EDITOR, since=NOW))
    session.commit()
    page = as_other.open(people(listing))
    assert "Invite somebody" not in page.text
    token = page.form("Leave this listing").fields["csrf_token"]
    sent = {"email": "x@example.com", "right": "owner", "csrf_token": token}
    assert as_other.client.post(people(listing), data=sent).status_code == 403
    as_other.press(page, "Leave this listing")
    assert other_provider.id not in rights(session, listing)
