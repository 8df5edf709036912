"""Evidence in the console: what a reviewer reads, what they say to have seen, and where everybody reads it."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support import sample_files
from support.factories import MATCHING_ANSWERS, make_account, make_attestation, make_listing, set_second_factor, sign_in
from support.http_client import Browser, Page

from directory import clock
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations import commands as attestation_commands
from directory.attestations.commands import Signature
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.config import Settings
from directory.evidence import commands, storage
from directory.evidence.attachment import Link, Note, StoredDocument
from directory.evidence.commands import inspection_digest
from directory.evidence.tables import Inspection
from directory.review.commands import decide_attestation

PAGE, HOME = "/console/attestations/1", "/console/attestations/1/evidence"
RULES = bundled_rulesets().current
KEYS = [criterion.key for criterion in RULES.criteria]
VOLUME = KEYS[0]
LOOKED = "I looked at this"
WHAT = "Looked at the procedure template of 2026, says 8 mL per site"


@pytest.fixture
def signed(session: Session, provider: Account, settings: Settings) -> Attestation:
    """A document for the first answer, a link for the second, a note for the third, and nothing for the last."""
    made = make_attestation(session, make_listing(session, provider), state=AttestationState.DRAFT, now=clock.now())
    content = sample_files.pdf()
    kept = StoredDocument("t.pdf", storage.store(settings.uploads, content), "application/pdf", len(content))
    pieces = (kept, Link("https://example.org/t"), Note("We use pictures."))
    for key, piece in zip(KEYS, pieces, strict=False):
        commands.add(session, made, RULES, key, piece, by=provider.actor, now=clock.now())
    signature = Signature("Ann Example", "Medical director", agreed=True)
    attestation_commands.submit(
        session, made, RULES, signature, {}, version=made.version, by=provider.actor, now=clock.now()
    )
    session.commit()
    return made


@pytest.fixture
def decide(session: Session, signed: Attestation, admin: Account) -> Callable[[Move], None]:
    def decided(move: Move) -> None:
        session.refresh(signed)
        now = clock.now()
        decide_attestation(
            session, signed, move, by=admin.actor, now=now, rulesets=bundled_rulesets(), reason="For a test."
        )
        session.commit()

    return decided


def look(browser: Browser, key: str = VOLUME, what: str = WHAT) -> Page:
    """Press the button beside one answer."""
    page = browser.open(PAGE)
    for form in page.forms:
        if form.buttons.get(LOOKED) == ("criterion", key):
            sent = {**form.fields, f"seen_{key}": what, "criterion": key}
            return Page(browser.client.post(form.action, data=sent, follow_redirects=True))
    raise AssertionError(f"nothing to look at for {key}")


def forced(browser: Browser, key: str, what: str = WHAT) -> Page:
    """The same without a button on the page."""
    token = next(form.fields["csrf_token"] for form in browser.open(PAGE).forms if "csrf_token" in form.fields)
    sent = {"csrf_token": token, "criterion": key, f"seen_{key}": what}
    return Page(browser.client.post(HOME, data=sent, follow_redirects=True))


def looks(session: Session) -> list[Inspection]:
    session.expire_all()
    return session.query(Inspection).order_by(Inspection.id).all()


@pytest.mark.usefixtures("signed")
def test_a_reviewer_reads_what_backs_each_answer_up(as_reviewer: Browser) -> None:
    page = as_reviewer.open(PAGE)
    for words in ("t.pdf", "https://example.org/t", "We use pictures.", "Nothing added."):
        assert words in page.text
    keys = [form.buttons[LOOKED][1] for form in page.forms if LOOKED in form.buttons]
    assert keys == KEYS[:2], "a note is nothing to look at"
    with as_reviewer.client.get(f"{HOME}/1") as answer:
        assert answer.data == sample_files.pdf()
        assert answer.headers["Content-Disposition"] == "attachment; filename=t.pdf"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_look_is_kept_with_who_and_when_and_is_in_the_log(
    as_reviewer: Browser, session: Session, reviewer: Account, signed: Attestation
) -> None:
    page = look(as_reviewer)
    assert page.status == 200
    (kept,) = looks(session)
    assert (kept.criterion, kept.what, kept.by_id) == (VOLUME, WHAT, reviewer.id)
    assert "by Ruth Reviewer" in page.text
    entry = session.query(AuditEntry).order_by(AuditEntry.seq.desc()).first()
    assert entry is not None
    assert (entry.action, entry.object, entry.actor) == (
        "evidence.look",
        f"attestation:{signed.public_id}",
        reviewer.id,
    )
    assert entry.after == inspection_digest(signed, kept)


@pytest.mark.usefixtures("signed")
def test_nobody_looks_twice_at_one_answer(as_reviewer: Browser, as_admin: Browser, session: Session) -> None:
    look(as_reviewer)
    page = forced(as_admin, VOLUME, "Something else")
    assert page.status == 409
    assert "looked at this answer already" in page.text
    assert [kept.what for kept in looks(session)] == [WHAT]


@pytest.mark.parametrize(
    ("key", "what", "words"),
    [
        (VOLUME, "", "Enter what you saw"),
        (VOLUME, "  \n ", "Enter what you saw"),
        (VOLUME, "a" * 301, "at most 300 characters"),
        (VOLUME, "a\u202eb", "cannot be seen"),
        (VOLUME, "Verified by me", "promise nothing more than a look"),
        (VOLUME, "The technique is approved", "promise nothing more than a look"),
        (KEYS[2], WHAT, "neither a document nor a link"),
        (KEYS[3], WHAT, "neither a document nor a link"),
        ("shoe_size", WHAT, "Choose the answer"),
        ("", WHAT, "Choose the answer"),
    ],
)
@pytest.mark.usefixtures("signed")
def test_what_was_not_seen_cannot_be_said(
    as_reviewer: Browser, session: Session, key: str, what: str, words: str
) -> None:
    page = forced(as_reviewer, key, what)
    assert page.status == 422
    assert words in page.text
    assert looks(session) == []


@pytest.mark.usefixtures("signed")
def test_nobody_looks_for_their_own_listing(app: Flask, session: Session, provider: Account) -> None:
    provider.roles = [*provider.roles, *make_account(session, Role.REVIEWER).roles]
    set_second_factor(provider)
    session.commit()
    both = Browser(sign_in(app.test_client(), provider))
    assert LOOKED not in both.open(PAGE).text
    token = both.open("/portal/listings/new").forms[-1].fields["csrf_token"]
    sent = {"csrf_token": token, "criterion": VOLUME, f"seen_{VOLUME}": WHAT}
    assert both.client.post(HOME, data=sent).status_code == 403
    assert looks(session) == []


@pytest.mark.usefixtures("signed")
def test_a_provider_cannot_look_and_nobody_can_without_the_forms_token(
    as_provider: Browser, as_other_provider: Browser, as_reviewer: Browser, visitor: Browser, session: Session
) -> None:
    for browser in (as_provider, as_other_provider):
        assert browser.open(f"{HOME}/1").status == 403
    assert visitor.open(f"{HOME}/1", follow=False).location.startswith("/signin")
    assert as_reviewer.client.post(HOME, data={"criterion": VOLUME, f"seen_{VOLUME}": WHAT}).status_code == 400
    assert looks(session) == []


@pytest.mark.parametrize("path", [f"{HOME}/2", f"{HOME}/9", "/console/attestations/2/evidence/1"])
@pytest.mark.usefixtures("signed")
def test_a_link_and_what_is_not_there_are_no_downloads(as_reviewer: Browser, path: str) -> None:
    assert as_reviewer.open(path).status == 404


@pytest.mark.parametrize("moves", [(Move.RETURN,), (Move.ACCEPT, Move.REVOKE)])
@pytest.mark.usefixtures("signed")
def test_what_counts_no_more_is_not_looked_at(
    as_reviewer: Browser, session: Session, decide: Callable[[Move], None], moves: tuple[Move, ...]
) -> None:
    for move in moves:
        decide(move)
    page = forced(as_reviewer, VOLUME)
    assert (page.status, "too late or too early" in page.text) == (409, True)
    assert looks(session) == []


def test_everybody_reads_for_which_answers_a_document_was_seen(
    as_reviewer: Browser, visitor: Browser, signed: Attestation, decide: Callable[[Move], None]
) -> None:
    decide(Move.ACCEPT)
    slug = signed.listing.slug
    before = visitor.open(f"/providers/{slug}")
    assert before.text.count("Stated by the provider") == 4
    assert "Document seen" not in before.text
    look(as_reviewer)
    for path in (f"/providers/{slug}", f"/verify/{signed.public_id}"):
        page = visitor.open(path)
        assert page.text.count("Stated by the provider") == 3
        assert page.text.count("Document seen") == 1
        assert WHAT in page.text
        assert "A reviewer saw documents for 1 of 4 answers." in page.text
        assert "documents seen" not in page.text.replace("A reviewer saw documents", "")
        assert "Ruth Reviewer" not in page.text
    technique = visitor.client.get(f"/api/v1/providers/{slug}").get_json()["technique"]
    assert [finding["proof"] for finding in technique["findings"]] == ["document_seen", "stated", "stated", "stated"]
    assert "documents seen" not in technique["words"]


def test_the_badge_says_so_once_documents_were_seen_for_all(
    visitor: Browser, session: Session, provider: Account, reviewer: Account
) -> None:
    now = clock.now()
    listing = make_listing(session, provider)
    made = make_attestation(session, listing, state=AttestationState.DRAFT, now=now)
    for key in KEYS:
        commands.add(session, made, RULES, key, Link("https://example.org/t"), by=provider.actor, now=now)
    signature = Signature("Ann Example", "Medical director", agreed=True)
    attestation_commands.submit(session, made, RULES, signature, {}, version=made.version, by=provider.actor, now=now)
    decide_attestation(session, made, Move.ACCEPT, by=reviewer.actor, now=now, rulesets=bundled_rulesets())
    for number, key in enumerate(KEYS, 1):
        session.commit()
        assert "· documents seen" not in visitor.open(f"/providers/{listing.slug}").text, number
        commands.record_inspection(session, made, RULES, key, WHAT, by=reviewer.actor, now=now)
    session.commit()
    for path in (f"/providers/{listing.slug}", f"/verify/{made.public_id}", "/providers?near=80021"):
        assert "· documents seen" in visitor.open(path).text, path
    badge = visitor.open(f"/badges/{listing.slug}.svg")
    assert "documents seen" in badge.html
    assert "Self-certified" in badge.html
    shown = visitor.client.get(f"/api/v1/providers/{listing.slug}").get_json()["technique"]
    assert shown["words"].startswith("Self-certified · All 4 answers match")
    assert shown["words"].endswith("· documents seen")


def test_an_answer_that_was_not_given_has_no_label(visitor: Browser, session: Session, provider: Account) -> None:
    answers = {**MATCHING_ANSWERS, "harvest_bone": None}
    listing = make_listing(session, provider)
    make_attestation(session, listing, answers=answers, now=clock.now())
    session.commit()
    findings = visitor.client.get(f"/api/v1/providers/{listing.slug}").get_json()["technique"]["findings"]
    assert [finding["proof"] for finding in findings] == ["stated", "stated", "stated", None]
    assert visitor.open(f"/providers/{listing.slug}").text.count("Stated by the provider") == 3
