"""Every kind of page with the way to it, for tests that look at all of them."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page, expect

from support import sample_town, user_actions

Addresses = Mapping[str, str]
"""Where things are in the workplaces, by name."""
Arrive = Callable[[Page, Addresses], None]
"""Opens a page."""

ADMIN = "admin@example.com"
PATIENT, SIGNED_OUT = "patient", "signed out"
"""Who has no account: a patient, whose browser is left with nothing, and whoever is asked to sign in."""


def settle(page: Page) -> None:
    """Let the map take the drawing's place, where there is one."""
    if page.locator("#map").count():
        page.locator("#map").scroll_into_view_if_needed()
        expect(page.locator("#map.map-ready")).to_be_visible()


def _at(path: str) -> Arrive:
    """At an address; a name in braces stands for one of the addresses."""
    return lambda page, at: page.goto(path.format(**at)) and None


def _refused(path: str, button: str) -> Arrive:
    """Where one arrives who presses a button without having filled anything in."""

    def arrive(page: Page, at: Addresses) -> None:
        page.goto(path.format(**at))
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_visible()

    return arrive


def _near_me(page: Page, _at: Addresses) -> None:
    page.goto("/")
    page.get_by_role("button", name="Near me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Providers near you")
    page.get_by_text("Change how far, or what to look for").click()


def _suggestions(page: Page, _at: Addresses) -> None:
    page.goto("/")
    page.get_by_label("Where?").press_sequentially("Spring")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()


def _open_pin(page: Page, _at: Addresses) -> None:
    page.goto(f"/providers?near={sample_town.ZIP}&within=10")
    settle(page)
    page.locator(".map-ready").get_by_role("button", name=sample_town.WITH_BADGE).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _wrong_password(page: Page, _at: Addresses) -> None:
    page.goto("/signin/login")
    page.get_by_label("Email address").fill(ADMIN)
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _refused_answers(page: Page, at: Addresses) -> None:
    page.goto(at["questions"])
    user_actions.question_group(page, user_actions.VOLUME).get_by_label("From").fill("a lot")
    page.get_by_role("button", name="Save and review").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _refused_review(page: Page, at: Addresses) -> None:
    page.goto(at["questions"])
    user_actions.question_group(page, user_actions.VOLUME).get_by_label("From").fill("20")
    user_actions.question_group(page, user_actions.SITES).get_by_label("From").fill("5")
    user_actions.question_group(page, "How much bone marrow do you draw in all").get_by_label("From").fill("5")
    page.get_by_role("button", name="Save and review").click()
    page.get_by_role("button", name="I agree and sign").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("heading", name="Answers that do not fit together")).to_be_visible()


def _checked(page: Page, _at: Addresses) -> None:
    page.goto("/check")
    user_actions.question_group(page, "How much volume do you take").get_by_label("From").fill("12 cc")
    page.get_by_label("Shin bone (tibia)").check()
    page.get_by_role("button", name="Check these answers").click()
    expect(page.get_by_role("heading", name="How the answers fit the rules")).to_be_visible()


def _compared(page: Page, _at: Addresses) -> None:
    page.goto(f"/providers?near={sample_town.ZIP}")
    for name in (sample_town.WITH_BADGE, sample_town.NO_ANSWERS):
        page.get_by_label(f"Compare {name}", exact=True).check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("columnheader")).to_have_count(2)


def _renewed(page: Page, at: Addresses) -> None:
    page.goto(at["to renew"])
    page.get_by_role("button", name="Save and review").click()
    expect(page.get_by_label("Bone: this is still so")).to_be_visible()


def _backed_up(page: Page, at: Addresses) -> None:
    _renewed(page, at)
    page.get_by_role("link", name="Add evidence").click()
    expect(page.get_by_role("button", name="Add", exact=True)).to_be_visible()


def _refused_evidence(page: Page, at: Addresses) -> None:
    _backed_up(page, at)
    page.get_by_label("A link").fill("ftp://example.com/")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()


def _in_two_windows(page: Page, at: Addresses) -> None:
    other = page.context.new_page()
    for window in (page, other):
        window.goto(at["two windows"])
    number = user_actions.question_group(other, user_actions.SITES).get_by_label("From")
    user_actions.set_value_silently(number, "6" if number.input_value() == "5" else "5")
    with other.expect_response(at["two windows"]):
        other.get_by_role("button", name="Save and review").click()
    user_actions.set_value_silently(user_actions.question_group(page, user_actions.SITES).get_by_label("From"), "7")
    page.get_by_role("button", name="Save and review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Changed in another window")


PAGES: dict[str, tuple[str, Arrive]] = {
    "the first page": (PATIENT, _at("/")),
    "suggestions": (PATIENT, _suggestions),
    "no place yet": (PATIENT, _at("/providers")),
    "results": (PATIENT, _at(f"/providers?near={sample_town.ZIP}")),
    "the last results": (PATIENT, _at(f"/providers?near={sample_town.ZIP}&page=2")),
    "an open pin": (PATIENT, _open_pin),
    "nobody near": (PATIENT, _at("/providers?near=99701&within=10&badge=1")),
    "several places": (PATIENT, _at("/providers?near=Springfield")),
    "a misspelled place": (PATIENT, _at("/providers?near=Bromfield, CO")),
    "an unknown place": (PATIENT, _at("/providers?near=qqqqqq")),
    "broken limits": (PATIENT, _at(f"/providers?near={sample_town.ZIP}&within=0&imaging=mri")),
    "near me": (PATIENT, _near_me),
    "the badge": (PATIENT, _at("/providers/example-01-broomfield-co")),
    "not every rule": (PATIENT, _at("/providers/example-02-broomfield-co")),
    "not stated": (PATIENT, _at("/providers/example-03-broomfield-co")),
    "out of date": (PATIENT, _at("/providers/example-04-broomfield-co")),
    "from the registry": (PATIENT, _at("/providers/example-06-broomfield-co")),
    "the card of questions": (PATIENT, _at("/questions")),
    "the rules": (PATIENT, _at("/rules")),
    "for providers": (PATIENT, _at("/for-providers")),
    "finding one's listing": (PATIENT, _at("/for-providers/find?q=example")),
    "signed answers to be checked": (PATIENT, _at("/verify/{counts}")),
    "documents seen": (PATIENT, _at("/providers/example-19-broomfield-co")),
    "documents seen, to be checked": (PATIENT, _at("/verify/{seen}")),
    "out of date, to be checked": (PATIENT, _at("/verify/{out of date}")),
    "replaced, to be checked": (PATIENT, _at("/verify/{replaced}")),
    "revoked, to be checked": (PATIENT, _at("/verify/{revoked}")),
    "a record with a report": (PATIENT, _at("/providers/{slug of revoked}/history")),
    "the record": (PATIENT, _at("/providers/example-01-broomfield-co/history?on=2026-01-01")),
    "no such day": (PATIENT, _at("/providers/example-01-broomfield-co/history?on=never")),
    "the patient's own check": (PATIENT, _at("/check")),
    "the patient's own check, graded": (PATIENT, _checked),
    "the patient's own check, refused": (PATIENT, _refused("/check", "Check these answers")),
    "side by side": (PATIENT, _compared),
    "whom to compare": (PATIENT, _at("/compare?p=example-01-broomfield-co&p=nobody")),
    "too many to compare": (
        PATIENT,
        _at("/compare?" + "&".join(f"p=example-{n:02d}-broomfield-co" for n in (1, 2, 3, 4, 6))),
    ),
    "side by side, with miles": (PATIENT, _at("/compare?p=example-01-broomfield-co&near=80021")),
    "side by side, from nowhere": (PATIENT, _at("/compare?p=example-01-broomfield-co&near=qqqqqq")),
    "the states": (PATIENT, _at("/near")),
    "the towns of a state": (PATIENT, _at("/near/co")),
    "near a town": (PATIENT, _at("/near/co/broomfield")),
    "nobody near a town": (PATIENT, _at("/near/ak/fairbanks")),
    "is an answer wrong": (PATIENT, _at("/providers/example-01-broomfield-co/report")),
    "a refused report": (PATIENT, _refused("/providers/example-01-broomfield-co/report", "Send")),
    "take it down": (PATIENT, _at("/providers/example-01-broomfield-co/removal")),
    "my report": (PATIENT, _at("{open report}")),
    "my report, closed": (PATIENT, _at("{upheld report}")),
    "the log": (PATIENT, _at("/audit")),
    "numbers": (PATIENT, _at("/statistics")),
    "draws by lot": (PATIENT, _at("/draws")),
    "a draw by lot": (PATIENT, _at("/draws/{quarter}")),
    "for machines": (PATIENT, _at("/api/docs")),
    "no longer listed": (PATIENT, _at("/providers/{slug of retired}")),
    "nothing there": (PATIENT, _at("/nothing-here")),
    "signing in": (SIGNED_OUT, _at("/signin/login")),
    "a wrong password": (SIGNED_OUT, _wrong_password),
    "my second factor": (sample_town.OWNER, _at("/signin/second-factor")),
    "my listings": (sample_town.OWNER, _at("/portal/")),
    "an empty entry": (sample_town.OWNER, _at("/portal/listings/new")),
    "a refused entry": (sample_town.OWNER, _refused("/portal/listings/new", "Save and continue")),
    "my listing": (sample_town.OWNER, _at("{published}")),
    "what patients need": (sample_town.OWNER, _at("{published}/listing/patients")),
    "who is listed": (sample_town.OWNER, _at("{changed}/listing/who")),
    "where they work": (sample_town.OWNER, _at("{changed}/listing/places")),
    "changes that are not public": (sample_town.OWNER, _at("{changed}")),
    "a preview": (sample_town.OWNER, _at("{changed}/preview")),
    "one question": (sample_town.OWNER, _at("{technique}")),
    "who manages it": (sample_town.OWNER, _at("{people}")),
    "a refused invitation": (sample_town.OWNER, _refused("{people}", "Invite")),
    "a listing to claim": (sample_town.CLAIMANT, _at("{to claim}/claim")),
    "a refused claim": (sample_town.CLAIMANT, _refused("{to claim}/claim", "Send my claim")),
    "a claim that waits": (sample_town.CLAIMANT, _at("{claimed}/claim")),
    "answers prepared for a claim": (sample_town.CLAIMANT, _at("{claimed}/claim/answers")),
    "a claim that waits for a call": (sample_town.CLAIMANT, _at("{called}/claim")),
    "a claim that waits for a token": (sample_town.CLAIMANT, _at("{with token}/claim")),
    "the questions": (sample_town.OWNER, _at("{questions}")),
    "refused answers": (sample_town.OWNER, _refused_answers),
    "a refused signature": (sample_town.OWNER, _refused_review),
    "signed answers": (sample_town.OWNER, _at("{signed}")),
    "my badge to show": (sample_town.OWNER, _at("{published}/badge")),
    "answers to renew": (sample_town.OWNER, _renewed),
    "evidence": (sample_town.OWNER, _backed_up),
    "refused evidence": (sample_town.OWNER, _refused_evidence),
    "evidence that was signed": (sample_town.OWNER, _at("{my badge}/evidence")),
    "two windows": (sample_town.OWNER, _in_two_windows),
    "what I am asked": (sample_town.OWNER, _at("/portal/disputes")),
    "a report about me": (sample_town.OWNER, _at("{open for the portal}")),
    "my side, refused": (sample_town.OWNER, _refused("{open for the portal}", "Send my answer")),
    "a report about me, closed": (sample_town.OWNER, _at("{upheld for the portal}")),
    "a request for a document": (sample_town.OWNER, _at("{my messages}")),
    "a refused answer": (sample_town.OWNER, _refused("{my messages}", "Send my answer")),
    "no business of mine": (sample_town.OWNER, _at("/console/")),
    "the queue": (ADMIN, _at("/console/")),
    "selected cases": (ADMIN, _at("/console/bulk?case=1&case=2&case=3")),
    "the keys": (ADMIN, _at("/console/keys")),
    "an entry that waits": (ADMIN, _at("{entry}")),
    "a change that waits": (ADMIN, _at("{change}")),
    "a refused decision": (ADMIN, _refused("{entry}", "Return with the reason")),
    "answers that wait": (ADMIN, _at("{answers}")),
    "answers with a document": (ADMIN, _at("{with a document}")),
    "a refused look at it": (ADMIN, _refused("{with a document}", "I looked at this")),
    "a listing": (ADMIN, _at("{listed}")),
    "the answers of a listing": (ADMIN, _at("{listed}/answers")),
    "the history of a listing": (ADMIN, _at("{listed}/history")),
    "a correction": (ADMIN, _at("{listed}/correct")),
    "a refused correction": (ADMIN, _refused("{listed}/correct", "Correct the listing")),
    "a claim to decide on": (ADMIN, _at("{claim to decide on}")),
    "all listings": (ADMIN, _at("/console/listings?q=a&technique=badge")),
    "no listing found": (ADMIN, _at("/console/listings?q=nobody+of+this+name")),
    "a refused search of listings": (ADMIN, _at("/console/listings?q=%25")),
    "all attestations": (ADMIN, _at("/console/attestations?grade=match")),
    "reports": (ADMIN, _at("/console/disputes")),
    "a new report": (ADMIN, _at("{reported for the console}")),
    "a refused dismissal": (ADMIN, _refused("{reported for the console}", "Dismiss")),
    "a report with both sides": (ADMIN, _at("{answered for the console}")),
    "a refused closing": (ADMIN, _refused("{answered for the console}", "Not upheld")),
    "a closed report": (ADMIN, _at("{upheld for the console}")),
    "messages with a provider": (ADMIN, _at("{messages}")),
    "a refused message": (ADMIN, _refused("{messages}", "Send the message")),
    "drawn by lot": (ADMIN, _at("/console/draws")),
    "all drawn attestations": (ADMIN, _at("/console/audits")),
    "a closer look": (ADMIN, _at("{drawn}")),
    "a refused look": (ADMIN, _refused("{drawn}", "Write it down")),
    "numbers of the console": (ADMIN, _at("/console/numbers")),
    "the outbox": (ADMIN, _at("/console/outbox")),
    "an email": (ADMIN, _at("/console/outbox/1")),
    "the log of staff": (ADMIN, _at("/console/log")),
    "the settings": (ADMIN, _at("/console/settings")),
    "a refused section of the settings": (ADMIN, _refused("/console/settings/sections/operator", "Save")),
}
"""Each kind of page, with who sees it."""
