"""Evidence in the portal: added to a draft, taken out again, signed with it, and seen by nobody else."""

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support import sample_files
from support.factories import MATCHING_ANSWERS, make_attestation, make_listing
from support.http_client import Browser, Page
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.config import Settings
from directory.evidence.commands import MAX_ATTACHMENTS
from directory.evidence.tables import Evidence, EvidenceKind
from directory.evidence.validation import MAX_BYTES
from directory.web.support.uploads import MAX_UPLOAD_BYTES

HOME = "/portal/attestations/1/evidence"
VOLUME = "volume_per_site_ml"


@pytest.fixture
def draft(session: Session, provider: Account) -> Attestation:
    answers = {**MATCHING_ANSWERS, "harvest_bone": None}
    made = make_attestation(session, make_listing(session, provider), state=AttestationState.DRAFT, answers=answers)
    session.commit()
    return made


def send(
    browser: Browser, name: str = "", content: bytes = b"", *, criterion: str = VOLUME, path: str = HOME, **typed: str
) -> Page:
    """What a browser sends, the file among it, from the form as it stands on the page."""
    form = browser.open(HOME).form("Add")
    sent: MultiDict[str, object] = MultiDict(form.fields)
    for field, value in {"criterion": criterion, "document": FileStorage(io.BytesIO(content), name), **typed}.items():
        sent[field] = value
    # Encoded here, because the client would leave a large body open in a file of its own.
    boundary, body = encode_multipart(sent)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return Page(browser.client.post(path, data=body, content_type=kind, follow_redirects=True))


def rows(session: Session) -> list[Evidence]:
    session.expire_all()
    return session.query(Evidence).order_by(Evidence.id).all()


def uploads(settings: Settings) -> list[Path]:
    return sorted(path for path in settings.uploads.rglob("*") if path.is_file() and path.name != "lock")


@pytest.mark.usefixtures("draft")
def test_the_review_leads_to_it_and_it_warns_of_patients_in_plain_words(as_provider: Browser) -> None:
    assert f'href="{HOME}"' in as_provider.open("/portal/attestations/1/review").html
    page = as_provider.open(HOME)
    assert "Nothing may show a patient" in page.text
    assert 'enctype="multipart/form-data"' in page.html


@pytest.mark.usefixtures("draft")
def test_a_note_a_link_and_a_document_are_kept_with_who_and_when(
    as_provider: Browser, session: Session, provider: Account, settings: Settings
) -> None:
    page = send(as_provider, "Template 2026.pdf", sample_files.pdf(), note="Since May.", link="https://example.org/t")
    assert page.status == 200
    kept = rows(session)
    assert [(row.kind, row.criterion, row.by_id) for row in kept] == [
        (kind, VOLUME, provider.id) for kind in (EvidenceKind.NOTE, EvidenceKind.LINK, EvidenceKind.DOCUMENT)
    ]
    assert all(words in page.text for words in ("Since May.", "https://example.org/t", "Template 2026.pdf"))
    assert 'rel="noopener noreferrer nofollow external"' in page.html
    (file,) = uploads(settings)
    assert file.name == kept[2].sha256
    assert file.read_bytes() == sample_files.pdf()


@pytest.mark.usefixtures("draft")
def test_a_photo_is_given_back_as_a_download_that_says_nothing_of_where_it_was_taken(as_provider: Browser) -> None:
    send(as_provider, "photo.jpg", sample_files.photo_with_exif())
    with as_provider.client.get(f"{HOME}/1") as answer:
        content = answer.data
    assert answer.status_code == 200
    assert not [word for word in (b"Secretphone", b"Jane", b"Exif") if word in content]
    assert answer.headers["Content-Disposition"] == "attachment; filename=photo.jpg"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.usefixtures("draft")
def test_a_pdf_is_only_ever_a_download(as_provider: Browser) -> None:
    send(as_provider, "Muster für 8 mL.pdf", sample_files.pdf())
    with as_provider.client.get(f"{HOME}/1") as answer:
        content = answer.data
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert content == sample_files.pdf()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"", "This file is empty"),
        ("a.pdf", sample_files.png(), "its name must end in .png"),
        ("a.gif", b"GIF89a" + b"\0" * 30, "none of them"),
        ("a.pdf", sample_files.pdf(sample_files.zip_archive()), "archive"),
        ("a.pdf", sample_files.pdf(b"<html><script>"), "web page or a script"),
        ("a.png", sample_files.png() + b"<script>alert(1)</script>", "something behind the picture"),
        ("a.png", sample_files.png_bomb(30_000, 30_000), "million pixels at most"),
        ("a.jpg", sample_files.jpeg_with_declared_size(65_000, 65_000), "million pixels at most"),
        ("a.jpg", sample_files.jpeg()[:300], "damaged or incomplete"),
        ("a.pdf", sample_files.pdf(b" " * MAX_BYTES), "10 MB at most; this has 10.0 MB"),
    ],
)
@pytest.mark.usefixtures("draft")
def test_a_bad_file_comes_back_with_a_sentence_and_nothing_is_kept(
    as_provider: Browser, session: Session, settings: Settings, name: str, content: bytes, words: str
) -> None:
    page = send(as_provider, name, content, note="What I typed stays.")
    assert page.status == 422
    assert words in page.text
    assert page.form("Add").fields["note"] == "What I typed stays."
    assert (rows(session), uploads(settings)) == ([], [])


@pytest.mark.usefixtures("draft")
def test_a_far_too_large_request_is_refused_with_the_limit_and_not_read(as_provider: Browser, session: Session) -> None:
    page = send(as_provider, "a.pdf", sample_files.pdf(b" " * (MAX_UPLOAD_BYTES + 1)))
    assert page.status == 413
    assert "10 MB at most; this has 10.1 MB" in page.text
    assert rows(session) == []


@pytest.mark.parametrize("path", ["/portal/listings/new", "/portal/attestations/1/review"])
@pytest.mark.usefixtures("draft")
def test_no_other_address_takes_more_than_a_form(as_provider: Browser, path: str) -> None:
    assert send(as_provider, "a.pdf", sample_files.pdf(b" " * 300_000), path=path).status == 413


@pytest.mark.usefixtures("draft")
def test_nobody_without_a_sign_in_makes_the_server_read_more_than_a_form(visitor: Browser) -> None:
    sent = {"document": (io.BytesIO(sample_files.pdf(b" " * 300_000)), "a.pdf")}
    assert visitor.client.post(HOME, data=sent, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Add a note, a link or a document."),
        ({"link": "http://example.org"}, "begins with https://"),
        ({"link": "javascript:alert(1)"}, "begins with https://"),
        ({"note": "a" * 2001}, "at most 2,000 characters"),
        ({"note": "Fine.", "criterion": ""}, "Choose the answer"),
        ({"note": "Fine.", "criterion": "shoe_size"}, "Choose the answer"),
        ({"note": "Fine.", "criterion": "harvest_bone"}, "is not answered"),
    ],
)
@pytest.mark.usefixtures("draft")
def test_what_cannot_be_kept_comes_back_with_a_sentence(
    as_provider: Browser, session: Session, typed: dict[str, str], words: str
) -> None:
    page = send(as_provider, **typed)
    assert page.status == 422
    assert words in page.text
    assert rows(session) == []


@pytest.mark.usefixtures("draft")
def test_one_answer_has_a_handful_of_pieces_at_most(as_provider: Browser, session: Session) -> None:
    for number in range(MAX_ATTACHMENTS):
        assert send(as_provider, note=f"Note {number}").status == 200
    page = send(as_provider, note="One more")
    assert page.status == 422
    assert "5 pieces of evidence at most" in page.text
    assert len(rows(session)) == MAX_ATTACHMENTS


@pytest.mark.usefixtures("draft")
def test_a_piece_can_be_taken_out_of_a_draft(as_provider: Browser, session: Session) -> None:
    page = send(as_provider, "photo.jpg", sample_files.photo_with_exif(), note="Keep me.")
    as_provider.press(page, "Remove this document")
    assert [row.text for row in rows(session)] == ["Keep me."]


@pytest.mark.usefixtures("draft")
def test_what_was_signed_with_it_stays(as_provider: Browser, session: Session) -> None:
    page = send(as_provider, "t.pdf", sample_files.pdf())
    token = page.form("Add").fields["csrf_token"]
    review = as_provider.open("/portal/attestations/1/review")
    typed = {"signer_name": "Ann Example", "signer_role": "Medical director"}
    assert as_provider.press(review, "I agree and sign", typed).status == 200
    page = as_provider.open(HOME)
    assert "t.pdf" in page.text
    assert not [button for form in page.forms for button in form.buttons if button == "Add" or "Remove" in button]
    sent = {"csrf_token": token, "criterion": VOLUME, "note": "Too late."}
    late = Page(as_provider.client.post(HOME, data=sent))
    assert (late.status, "These answers are signed" in late.text) == (409, True)
    gone = Page(as_provider.client.post(f"{HOME}/1/remove", data={"csrf_token": token}))
    assert (gone.status, "These answers are signed" in gone.text) == (409, True)
    assert [row.text for row in rows(session)] == ["t.pdf"]


@pytest.mark.usefixtures("draft")
def test_who_signs_from_an_older_review_has_to_look_again(as_provider: Browser, session: Session) -> None:
    review = as_provider.open("/portal/attestations/1/review")
    send(as_provider, note="Added in another window.")
    typed = {"signer_name": "Ann Example", "signer_role": "Medical director"}
    page = as_provider.press(review, "I agree and sign", typed)
    assert page.status == 409
    assert session.query(Attestation.state).scalar() is AttestationState.DRAFT


@pytest.mark.usefixtures("draft")
def test_nothing_is_taken_without_the_token_of_the_form(app: Flask, as_provider: Browser, session: Session) -> None:
    assert app.config.get("WTF_CSRF_ENABLED", True)
    sent = {"criterion": VOLUME, "note": "Forged."}
    assert as_provider.client.post(HOME, data=sent).status_code == 400
    send(as_provider, note="Real.")
    assert as_provider.client.post(f"{HOME}/1/remove").status_code == 400
    assert [row.text for row in rows(session)] == ["Real."]


@pytest.mark.usefixtures("draft")
def test_to_everybody_else_there_is_nothing(
    as_provider: Browser, as_other_provider: Browser, as_reviewer: Browser, visitor: Browser
) -> None:
    send(as_provider, "t.pdf", sample_files.pdf())
    for path in (HOME, f"{HOME}/1"):
        assert as_other_provider.open(path).status == 404
        assert visitor.open(path, follow=False).location.startswith("/signin")
        assert as_reviewer.open(path).status == 403
    # A draft is nobody's business, not even a reviewer's.
    assert as_reviewer.open("/console/attestations/1/evidence/1").status == 404
    for path in (f"{HOME}/2", "/portal/attestations/2/evidence/1", f"{HOME}/99999999999"):
        assert as_provider.open(path).status == 404


@pytest.mark.usefixtures("draft")
def test_a_note_is_no_file_to_download(as_provider: Browser) -> None:
    send(as_provider, note="A note.")
    assert as_provider.open(f"{HOME}/1").status == 404


@pytest.mark.usefixtures("draft")
def test_no_address_leads_into_the_folder(as_provider: Browser, visitor: Browser, settings: Settings) -> None:
    send(as_provider, "t.pdf", sample_files.pdf())
    (file,) = uploads(settings)
    inside = file.relative_to(settings.home)
    for path in (f"/{inside}", f"/static/{inside}", f"/static/../{inside}", f"/uploads/{file.name}", f"/{file.name}"):
        assert visitor.open(path).status == 404
