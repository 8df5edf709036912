"""A document that a reviewer asks for after signing: sent from the messages page, and seen by both sides."""

import io

import pytest
from sqlalchemy.orm import Session
from support import sample_files
from support.factories import make_attestation, make_listing
from support.http_client import Browser, Page
from support.message_factories import make_message, make_subject
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.tables import Attestation


@pytest.fixture
def attestation(session: Session, provider: Account) -> Attestation:
    made = make_attestation(session, make_listing(session, provider, now=clock.now()), now=clock.now())
    make_message(
        session, made.listing, "Please show us.", subject=make_subject(made, asks_for_evidence=True), now=clock.now()
    )
    session.commit()
    return made


def send(browser: Browser, path: str, name: str = "", content: bytes = b"", **typed: str) -> Page:
    """What a browser sends, the file among it, from the form as it stands on the page."""
    form = browser.open(path).form("Send my answer")
    sent: MultiDict[str, object] = MultiDict(form.fields)
    for field, value in {"document": FileStorage(io.BytesIO(content), name), **typed}.items():
        sent[field] = value
    boundary, body = encode_multipart(sent)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return Page(browser.client.post(form.action, data=body, content_type=kind, follow_redirects=True))


def test_a_document_is_sent_and_both_sides_see_that_it_was_added_later(
    as_provider: Browser, as_reviewer: Browser, session: Session, attestation: Attestation
) -> None:
    path = f"/portal/listings/{attestation.listing_id}/messages"
    page = as_provider.open(path)
    for words in ("A reviewer asks for a document", "What you signed stays as it is", "Nothing may show a patient"):
        assert words in page.text
    page = send(as_provider, path, "Protocol.pdf", sample_files.pdf())
    assert page.status == 200
    console = f"/console/listings/{attestation.listing_id}/messages"
    evidence = (f"/portal/attestations/{attestation.id}/evidence", f"/console/attestations/{attestation.id}")
    pages = [page, as_reviewer.open(console), as_provider.open(evidence[0]), as_reviewer.open(evidence[1])]
    for shown in pages:
        assert "Protocol.pdf" in shown.text, shown.path
        assert "after signing" in shown.text, shown.path
    href = f"/console/attestations/{attestation.id}/evidence/1"
    assert href in pages[1].html
    with as_reviewer.client.get(href) as download:
        assert download.data == sample_files.pdf()
    session.expire_all()
    seen = {"seen_volume_per_site_ml": "It says 8 mL."}
    as_reviewer.press(as_reviewer.open(evidence[1]), "I looked at this", seen)
    public = Browser(as_provider.client.application.test_client()).open(f"/providers/{attestation.listing.slug}")
    assert "It says 8 mL. Evidence was added on" in public.text


def test_what_is_refused_comes_back_with_all_that_was_typed(as_provider: Browser, attestation: Attestation) -> None:
    path = f"/portal/listings/{attestation.listing_id}/messages"
    page = send(as_provider, path, message="See there.", link="http://example.org")
    assert page.status == 422
    assert "begins with https://" in page.text
    assert page.form("Send my answer").fields["message"] == "See there."
    page = send(as_provider, path, "Protocol.pdf", b"no PDF", message="See there.")
    assert page.status == 422
    assert page.form("Send my answer").fields["message"] == "See there."
    assert send(as_provider, path).status == 422
