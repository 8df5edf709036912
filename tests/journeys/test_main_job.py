"""From a patient's empty result to the badge: one listing, signed answers, two decisions."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from support import user_actions
from support.input_devices import InputDevice, Keyboard, Mouse
from support.mail import deliver_next
from support.mail_server import Mailbox, serving
from support.user_actions import Office, card

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.outbox.delivery import SendEmail
from directory.outbox.smtp import make_smtp_sender

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WIDE, NARROW = 1280, 390
TITLE = "Self-certified"
BESIDE = (
    "This provider told us how they take bone marrow. Their answers match our published rules. "
    "We did not watch the procedure. It is not a promise that treatment will work, and not a medical license."
)
STATEMENT = (
    "I am authorised to answer for this practice. These answers describe our usual practice today. "
    "I will update them within 30 days of a change. I understand that false answers remove the listing."
)
RIGHT_ANSWERS = {
    user_actions.VOLUME: ("5", "8"),
    user_actions.SITES: ("6",),
    user_actions.IMAGING: ("Fluoroscopy (live x-ray)",),
    user_actions.HOW_OFTEN: ("Always",),
    user_actions.BONE: ("Back of the hip bone (posterior iliac crest)",),
}


@dataclass(frozen=True)
class Case:
    """One way through; each has a town of its own, where nobody else is listed."""

    hands: Callable[[Page], InputDevice]
    width: int
    scripts: bool
    name: str
    npi: str
    offices: tuple[Office, Office]
    near: str

    @property
    def slug_begins(self) -> str:
        return f"/providers/{self.name.lower().replace(' ', '-')}"


CASES = {
    "with a mouse on a screen": Case(
        Mouse, WIDE, True, "Ada Fallowmere", "1234567893",
        (Office("1 Harebell Way", "Fairbanks", "AK", "99701"), Office("2 Millrace Road", "Anchorage", "AK", "99503")),
        "Fairbanks, AK",
    ),
    "without JavaScript on a telephone": Case(
        Mouse, NARROW, False, "Bram Ottershade", "1245319599",
        (Office("3 Larkspur Drive", "Hilo", "HI", "96720"), Office("4 Lantern Street", "Honolulu", "HI", "96813")),
        "96720",
    ),
    "with a keyboard alone on a screen": Case(
        Keyboard, WIDE, True, "Calla Pebblewick", "1679576722",
        (Office("5 Thistle Way", "Bangor", "ME", "04401"), Office("6 Quarry Lane", "Portland", "ME", "04102")),
        "Bangor, ME",
    ),
}  # fmt: skip  # a case in three lines can be compared with the others


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, ("provider@example.com", Role.PROVIDER), ("admin@example.com", Role.ADMIN))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_empty_result_becomes_a_badge(case: Case, app: Flask, new_context: Callable[..., BrowserContext]) -> None:
    def somebody() -> InputDevice:
        viewport = {"width": case.width, "height": 900}
        return case.hands(new_context(viewport=viewport, java_script_enabled=case.scripts).new_page())

    patient, provider, admin = somebody(), somebody(), somebody()

    user_actions.search(patient, case.near)
    _sees_nobody_there_and_what_to_do(patient.page, case)

    user_actions.sign_in(provider, "provider@example.com", "/portal/")
    user_actions.add_listing(provider, case.name, case.npi, case.offices)
    provider.press(provider.page.get_by_role("link", name="Answer the questions"))
    user_actions.answer_questions(provider, RIGHT_ANSWERS)
    _sees_what_will_be_signed(provider.page)
    user_actions.sign_attestation(provider, case.name, "Medical director")
    user_actions.search(patient, case.near)
    expect(card(patient.page, case.name)).to_have_count(0)

    user_actions.sign_in(admin, "admin@example.com", "/console/")
    user_actions.open_from_queue(admin, case.name, "New listing")
    admin.press(admin.page.get_by_role("button", name="Publish"))
    expect(admin.page.get_by_role("status").filter(has_text=f"{case.name}: published")).to_be_visible()
    user_actions.search(patient, case.near)
    expect(card(patient.page, case.name)).to_contain_text("No badge. No answers to show yet.")

    user_actions.open_from_queue(admin, case.name, "Answers")
    expect(admin.page.get_by_text("All 4 answers match")).to_be_visible()
    admin.press(admin.page.get_by_role("button", name="Accept"))
    expect(admin.page.get_by_role("status").filter(has_text=f"{case.name}: answers accepted")).to_be_visible()
    _are_in_the_outbox(admin, case.name)
    _leaves_when_the_mail_server_is_back(app, admin, case.name)

    user_actions.search(patient, case.near)
    _sees_the_badge(patient, case)
    _is_told_the_same_as_a_machine(patient.page, case)


def _sees_nobody_there_and_what_to_do(page: Page, case: Case) -> None:
    expect(card(page, case.name)).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="No one")).to_be_visible()
    somebody_farther = page.get_by_text(re.compile("Farther than [0-9]+ miles")).first
    expect(somebody_farther.or_(page.get_by_role("main").get_by_role("link", name="Questions to ask"))).to_be_visible()


def _sees_what_will_be_signed(page: Page) -> None:
    expect(page.get_by_text("All 4 answers match")).to_be_visible()
    expect(page.locator(".finding").get_by_text("Matches", exact=True)).to_have_count(4)
    expect(page.get_by_text("They take 5 to 8 mL from each place. The rule is 10 mL or less.")).to_be_visible()
    expect(page.get_by_text(STATEMENT)).to_be_visible()


def _are_in_the_outbox(admin: InputDevice, name: str) -> None:
    admin.press(admin.page.get_by_role("link", name="Outbox"))
    for subject in (f"Your answers for {name} are accepted", f"{name} is published", _signed(name)):
        mail = admin.page.get_by_role("row").filter(has=admin.page.get_by_role("link", name=subject))
        expect(mail).to_have_count(1)
        expect(mail).to_contain_text("provider@example.com")


def _signed(name: str) -> str:
    return f"You signed how you take bone marrow, for {name}"


def _leaves_when_the_mail_server_is_back(app: Flask, admin: InputDevice, name: str) -> None:
    mailbox, now = Mailbox(mail="451 4.3.2 closed for a day"), clock.now()
    with serving(mailbox) as port:
        send = make_smtp_sender(f"smtp://127.0.0.1:{port}")
        _deliver(app, send, now)
        admin.press(admin.page.get_by_role("link", name=f"We received {name}"))
        expect(admin.page.get_by_role("main")).to_contain_text("Retrying")
        expect(admin.page.get_by_role("main")).to_contain_text("451 4.3.2 closed for a day")
        mailbox.answers.clear()
        for minutes in range(-60, 60):
            _deliver(app, send, now + timedelta(days=1, minutes=minutes))
    admin.page.reload()
    expect(admin.page.get_by_role("main")).to_contain_text("Sent")
    subjects = [message_from_bytes(content, policy=default)["Subject"] for content in mailbox.kept]
    assert subjects.count(_signed(name)) == 1
    assert subjects.index(_signed(name)) < subjects.index(f"{name} is published")


def _deliver(app: Flask, send: SendEmail, now: datetime) -> None:
    with app.app_context(), transaction.atomic() as session:
        while deliver_next(session, send, now=now):
            pass


def _sees_the_badge(patient: InputDevice, case: Case) -> None:
    page = patient.page
    found = card(page, case.name)
    expect(found).to_contain_text(re.compile(r"Less than 1 mile|about \d+ miles? away"))
    expect(found).to_contain_text(TITLE)
    expect(found).to_contain_text("All 4 answers match · until ")
    patient.press(found.get_by_role("link", name=case.name))
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.name)
    technique = page.get_by_role("region", name="How they take bone marrow")
    expect(technique).to_contain_text(TITLE)
    expect(technique.get_by_text(BESIDE)).to_be_visible()
    expect(technique).to_contain_text(f"Signed by {case.name}, Medical director.")
    patient.press(technique.get_by_role("link", name="See the answers"))
    expect(page).to_have_url(re.compile("#answers$"))
    expect(page.locator(".finding").get_by_text("Matches", exact=True)).to_have_count(4)
    for office in case.offices:
        expect(page.get_by_role("region", name="Where, at 2 addresses")).to_contain_text(office.line1)


def _is_told_the_same_as_a_machine(page: Page, case: Case) -> None:
    found = page.request.get("/api/v1/providers", params={"near": case.near}).json()["providers"][0]
    technique = found["technique"]
    assert found["name"] == case.name
    assert technique["badge"]
    assert technique["grade"] == "right"
    assert technique["words"].startswith(f"{TITLE} · All 4 answers match · until ")
    assert [finding["grade"] for finding in technique["findings"]] == ["right"] * 4
    expect(page.locator(".tag")).to_have_text(technique["words"], use_inner_text=False)
    for finding in technique["findings"]:
        expect(page.get_by_text(finding["sentence"])).to_be_visible()
    alone = page.request.get(f"/api/v1/providers/{found['slug']}").json()
    assert alone["technique"] == technique
    assert [spot["line1"] for spot in alone["locations"]] == [office.line1 for office in case.offices]
