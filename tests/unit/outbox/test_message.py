"""The message that is sent: its headers, and text and HTML that say the same and run nothing."""

from datetime import timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from support.factories import NOW

from directory.outbox.message import LINE_LENGTH, Letterhead, compose
from directory.outbox.queue import SITE
from directory.outbox.tables import Email

HEAD = Letterhead("directory@example.org", "help@example.org", "https://directory.example", "Example Society")
LINK = "https://directory.example/portal/listings/7"


def a_mail(**facts: Any) -> Email:
    content = {
        "id": 12,
        "to": "pat@example.com",
        "subject": "Your listing is published",
        "body": "Hello Pat,\n\nIt is published.\n\nA question\nA remark\n",
        "action_label": "See your listing",
        "action_path": "/portal/listings/7",
        "topic": "",
        "created_at": NOW,
    }
    return Email(**content | facts)


class _Html(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def parts(message: EmailMessage) -> tuple[str, _Html]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), _Html(html.get_content())


def test_an_email_has_the_headers_of_its_installation() -> None:
    message = compose(a_mail(), HEAD)
    assert message["From"] == "Example Society <directory@example.org>"
    assert message["Reply-To"] == "help@example.org"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in message
    named = compose(a_mail(), Letterhead("The Desk <desk@example.org>", "", "https://directory.example", "Society"))
    assert named["From"] == "The Desk <desk@example.org>"
    assert "Reply-To" not in named


def test_the_message_id_is_the_same_for_one_email_and_another_for_each_other() -> None:
    same = {compose(a_mail(), HEAD)["Message-ID"] for _ in range(2)}
    others = {
        compose(a_mail(**change), HEAD)["Message-ID"] for change in ({"id": 13}, {"created_at": NOW + timedelta(1)})
    }
    assert len(same) == 1
    assert len(same | others) == 3


def test_both_parts_say_the_same_and_lead_to_the_same_page() -> None:
    text, html = parts(compose(a_mail(), HEAD))
    for words in ("Hello Pat,", "It is published.", "See your listing", "written by Example Society"):
        assert words in text
        assert words in " ".join(html.words)
    assert f"See your listing:\n{LINK}\n" in text
    assert "A question\nA remark" in text
    assert html.links == [LINK, "https://directory.example/"]
    assert set(html.tags) <= {"html", "head", "meta", "title", "body", "p", "br", "a", "hr"}


def test_nothing_that_somebody_typed_becomes_a_tag_or_a_link() -> None:
    typed = '<script>alert(1)</script> <a href="https://evil.example">x</a> [Sign in](https://evil.example)'
    text, html = parts(compose(a_mail(body=f"Hello,\n\n{typed}\n", subject=typed), HEAD))
    assert "<script>alert(1)</script>" in text
    assert html.tags.count("a") == 2
    assert "script" not in html.tags
    assert not [link for link in html.links if "evil" in link]


@pytest.mark.parametrize("name", ["Ann\r\nBcc: x@example.com", "Ann\nX"])
def test_a_line_break_in_a_name_adds_no_header(name: str) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        compose(a_mail(subject=name), HEAD)


def test_long_lines_are_wrapped_and_addresses_are_not() -> None:
    path = f"/portal/{'x-' * 60}"
    text, _ = parts(compose(a_mail(body="Hello,\n\n" + "word " * 60, action_path=path), HEAD))
    assert f"https://directory.example{path}\n" in text
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= LINE_LENGTH


def test_code_is_not_wrapped_and_gets_the_address_of_the_site() -> None:
    code = f'<a href="{SITE}/badges/x"><img src="{SITE}/badges/x.svg" alt="{"word " * 30}"></a>'
    text, html = parts(compose(a_mail(body=f"Hello,\n\nPaste this:\n\n    {code}\n\nBye\n"), HEAD))
    whole = code.replace(SITE, "https://directory.example")
    assert f"\n\n{whole}\n\n" in text
    assert " ".join(whole.split()) in " ".join(html.words)
    assert "img" not in html.tags, "it is shown and not run"


def test_an_absolute_link_stays_as_it_is_and_none_adds_nothing() -> None:
    text, _ = parts(compose(a_mail(action_path="https://elsewhere.example/a"), HEAD))
    assert "\nhttps://elsewhere.example/a\n" in text
    text, html = parts(compose(a_mail(action_label="", action_path=""), HEAD))
    assert len(html.links) == 1
    assert ":\n" not in text


def test_an_email_on_a_topic_can_be_stopped_with_one_click() -> None:
    message = compose(a_mail(topic="digest", unsubscribe_token="abc"), HEAD)
    link = "https://directory.example/unsubscribe/abc"
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = parts(message)
    assert f"To stop the daily summary of what waits for review:\n{link}\n" in text
    assert link in html.links


def test_windows_line_breaks_are_paragraphs_too() -> None:
    text, html = parts(compose(a_mail(body="Hello,\r\n\r\nOne\r\n\r\nTwo\r\n"), HEAD))
    assert "Hello,\n\nOne\n\nTwo\n" in text
    assert html.tags.count("p") == 5
