"""Claiming a listing: the way there, each proof, what is typed wrong, and what the page says."""

import io
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import sample_files
from support.claims import GOOD, SEND, home, only_claim
from support.factories import make_account, make_listing
from support.http_client import Browser

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.claims.lifecycle import ClaimState
from directory.claims.tables import Claim, ClaimCode
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.outbox.tables import Email


def test_the_public_page_asks_only_where_nobody_manages_the_listing_and_sets_no_cookie(
    client: FlaskClient, imported: Listing, managed: Listing
) -> None:
    page = client.get(f"/providers/{imported.slug}")
    assert f'<a href="{home(imported)}">Is this your practice?</a>' in page.text
    assert "Set-Cookie" not in page.headers
    assert "Is this your practice?" not in client.get(f"/providers/{managed.slug}").text


def test_without_a_sign_in_the_way_leads_back_to_the_claim(client: FlaskClient, imported: Listing) -> None:
    answer = client.get(home(imported))
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"next=/providers/{imported.slug}/claim")


def test_a_reviewer_who_is_no_provider_claims_nothing(as_reviewer: Browser, imported: Listing) -> None:
    assert as_reviewer.open(home(imported)).status == 403


def test_an_imported_listing_is_claimed_by_phone(as_provider: Browser, session: Session, imported: Listing) -> None:
    page = as_provider.open(home(imported))
    assert "A call to your practice’s number" in page.text
    assert "@" not in page.text.replace("email address", ""), "registers have no websites"
    after = as_provider.press(page, SEND, {**GOOD, "proof": "phone"})
    assert "reads a code of six digits to the person who answers" in after.text
    assert only_claim(session).state is ClaimState.SUBMITTED
    assert f'<a href="{home(imported)}">Imported Clinic</a>' in as_provider.open("/portal/").html
    wrong = as_provider.press(after, "Send the code", {"code": "12345"})
    assert (wrong.status, "Enter the six digits" in wrong.text) == (422, True)


def test_a_claim_by_mail_asks_for_the_part_before_the_at_sign_and_then_for_the_code(
    as_provider: Browser, session: Session, managed: Listing
) -> None:
    page = as_provider.open(home(managed))
    assert "@example-practice.org" in page.text
    assert "They are told of your claim" in page.text
    bad = as_provider.press(page, SEND, {**GOOD, "proof": "mail", "mailbox": "me@gmail.com"})
    assert bad.status == 422
    assert "Enter only the part before the @" in bad.text
    assert 'value="Practice manager"' in bad.html, "nothing that was typed is lost"
    after = as_provider.press(bad, SEND, {**GOOD, "proof": "mail", "mailbox": "office"})
    body = session.scalars(sa.select(Email.body).where(Email.to == "office@example-practice.org")).one()
    code = re.search(r"type this code: (\d{6})", body)[1]
    wrong = as_provider.press(after, "Send the code", {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert (wrong.status, "This is not the code" in wrong.text) == (422, True)
    session.expire_all()
    assert session.scalars(sa.select(ClaimCode.tries)).one() == 1, "a wrong try counts"
    done = as_provider.press(wrong, "Send the code", {"code": f"{code[:3]} {code[3:]}"})
    assert "You are not the only one" in done.text
    assert only_claim(session).state is ClaimState.DISPUTED


def test_another_code_can_be_asked_for_and_the_claim_can_be_withdrawn(
    as_provider: Browser, session: Session, managed: Listing
) -> None:
    page = as_provider.press(as_provider.open(home(managed)), SEND, {**GOOD, "proof": "mail", "mailbox": "office"})
    page = as_provider.press(page, "Mail me another code")
    assert "another code" in page.text
    assert session.scalar(sa.select(sa.func.count()).select_from(ClaimCode)) == 2
    as_provider.press(page, "Withdraw the claim")
    assert only_claim(session).state is ClaimState.WITHDRAWN
    assert as_provider.open(home(managed)).form(SEND)


@pytest.mark.parametrize(
    ("name", "content", "status"), [("letter.pdf", sample_files.pdf(), 200), ("a.pdf", b"no", 422), ("", b"", 422)]
)
def test_a_document_is_checked_before_it_proves_anything(
    as_provider: Browser, session: Session, imported: Listing, name: str, content: bytes, status: int
) -> None:
    form = as_provider.open(home(imported)).form(SEND)
    sent = {**form.fields, **GOOD, "proof": "document", "document": (io.BytesIO(content), name)}
    answer = as_provider.client.post(
        home(imported), data=sent, content_type="multipart/form-data", follow_redirects=True
    )
    assert answer.status_code == status
    assert session.scalar(sa.select(sa.func.count()).select_from(Claim)) == (status == 200)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"role": ""}, "Enter your role"),
        ({"role": "x" * 201}, "Your role may have at most 200 characters"),
        ({"contact": "a\u202eb"}, "holds characters that cannot be seen"),
        ({"proof": "mail"}, "Choose how you show"),
        ({"proof": "\0"}, "Choose how you show"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(
    as_provider: Browser, session: Session, imported: Listing, changes: dict[str, str], words: str
) -> None:
    page = as_provider.press(as_provider.open(home(imported)), SEND, {**GOOD, "proof": "phone", **changes})
    assert page.status == 422
    assert words in page.text
    assert session.scalar(sa.select(Claim)) is None


def test_who_manages_it_is_sent_to_their_listing(as_provider: Browser, provider: Account, session: Session) -> None:
    mine = make_listing(session, provider)
    session.commit()
    assert as_provider.client.get(home(mine)).headers["Location"] == f"/portal/listings/{mine.id}"


@pytest.mark.parametrize("path", ["/providers/nobody/claim", "/providers/a%00b/claim"])
def test_what_is_not_listed_cannot_be_claimed(as_provider: Browser, path: str) -> None:
    assert as_provider.open(path).status == 404


def test_a_draft_of_somebody_else_shows_only_its_npi(as_provider: Browser, session: Session) -> None:
    other = make_listing(
        session,
        make_account(session, Role.PROVIDER),
        state=ListingState.DRAFT,
        name="Secret Plans",
        npi="1234567893",
    )
    session.commit()
    page = as_provider.open(home(other))
    assert "NPI 1234567893" in page.text
    assert "Secret" not in page.html.replace(other.slug, "")


def test_an_npi_that_is_listed_already_offers_the_claim_and_keeps_what_was_typed(
    as_provider: Browser, imported: Listing
) -> None:
    from_form = {
        "kind": "person", "name": "Ann Typed", "npi": "1234567893", "specialty_code": "2081S0010X",
        "addresses-0-line1": "403 Summit Blvd", "addresses-0-city": "Broomfield", "addresses-0-state": "CO",
        "addresses-0-postal_code": "80021",
    }  # fmt: skip
    page = as_provider.press(as_provider.open("/portal/listings/new"), "Save and continue", from_form)
    assert page.status == 409
    assert f'<a href="{home(imported)}">show that it is yours</a>' in page.html
    assert 'value="Ann Typed"' in page.html


def test_whatever_somebody_typed_is_text_on_the_pages(
    as_provider: Browser, as_reviewer: Browser, session: Session, imported: Listing
) -> None:
    evil = "<script>alert(1)</script>"
    page = as_provider.press(as_provider.open(home(imported)), SEND, {"role": evil, "contact": evil, "proof": "phone"})
    assert evil not in page.html
    shown = as_reviewer.open(f"/console/claims/{only_claim(session).id}")
    assert evil not in shown.html
    assert evil in shown.text


def test_an_approved_claim_appears_in_the_portal(
    as_provider: Browser, as_reviewer: Browser, provider: Account, session: Session, imported: Listing
) -> None:
    mine = as_provider.press(as_provider.open(home(imported)), SEND, {**GOOD, "proof": "phone"})
    assert "Imported Clinic" in as_reviewer.open("/console/").text
    case = as_reviewer.open(f"/console/claims/{only_claim(session).id}")
    assert as_reviewer.press(case, "Approve").status == 409, "nothing proves it yet"
    called = as_reviewer.press(case, "Show a code to read out")
    code = re.search(r"Read out this code\s*(\d{3}) (\d{3})", called.text)
    as_provider.press(mine, "Send the code", {"code": "".join(code.groups())})
    as_reviewer.press(as_reviewer.open(f"/console/claims/{only_claim(session).id}"), "Approve")
    session.expire_all()
    assert session.get_one(Listing, imported.id).right_of(provider.id) is Right.OWNER
    assert "Imported Clinic" in as_provider.open("/portal/").text
    assert f"/console/cases/{imported.id}" not in as_reviewer.open("/console/").html
