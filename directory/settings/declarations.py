"""Declares each setting once: the forms, the checks and the defaults are derived from it."""

import enum
from collections.abc import Mapping

from directory.settings.setting import Kind, Section, Setting

OPERATOR_NAME = Setting("name", "Name", Kind.LINE, 100, hint="Who runs this directory. Empty: BMA_OPERATOR_NAME.")
OPERATOR_ADDRESS = Setting("address", "Postal address", Kind.TEXT, 400, hint="Shown on the page about this directory.")
DISCLOSURE = Setting(
    "disclosure",
    "Disclosure of interest",
    Kind.LINE,
    200,
    hint="One or two sentences in the footer of each page: whether you have an interest in a provider listed here.",
    required=True,
)
DISCLOSURE_DETAILS = Setting(
    "disclosure_details",
    "More about it",
    Kind.TEXT,
    5_000,
    hint="Shown on the page about this directory, which the footer links.",
)
RELATED_LISTINGS = Setting(
    "related_listings",
    "Listings related to the operator",
    Kind.LINES,
    300,
    (),
    hint="The public address of each, one on each line. Their pages and results say so.",
    most=100,
)


class ReplyKind(enum.StrEnum):
    """What a reason is for. Each has a list that reviewers choose from; the value is the name of the setting."""

    RETURN = "return"
    REJECT = "reject"
    SUSPEND = "suspend"
    REVOKE = "revoke"
    CLAIM = "claim"
    REPORT = "report"


def _replies(kind: ReplyKind, label: str, *texts: str) -> Setting:
    return Setting(kind.value, label, Kind.LINES, 300, texts, hint="One on each line.", most=30)


REPLIES: Mapping[ReplyKind, Setting] = {
    ReplyKind.RETURN: _replies(
        ReplyKind.RETURN,
        "Return to the provider",
        "Please say more about the answers with a comment.",
        "Two of your answers do not fit together. Please look at them again.",
        "Please give the address where you see patients, not a mailbox.",
    ),
    ReplyKind.REJECT: _replies(
        ReplyKind.REJECT,
        "Reject",
        "We could not find a license for this name and NPI.",
        "This provider does not take bone marrow.",
        "There is a listing for this provider already.",
    ),
    ReplyKind.SUSPEND: _replies(
        ReplyKind.SUSPEND,
        "Suspend",
        "The practice has closed or moved, and we could not reach it.",
        "The NPI is deactivated in the national registry.",
    ),
    ReplyKind.REVOKE: _replies(
        ReplyKind.REVOKE,
        "Revoke answers",
        "A report about these answers was confirmed.",
        "The signer no longer works there.",
    ),
    ReplyKind.CLAIM: _replies(
        ReplyKind.CLAIM,
        "Refuse a claim",
        "The document does not show that you work there.",
        "Nobody at the practice could confirm the claim.",
    ),
    ReplyKind.REPORT: _replies(
        ReplyKind.REPORT,
        "Close a report",
        "The provider corrected the listing.",
        "The provider showed us that the answer is right.",
        "We could not find out more.",
    ),
}

OPERATOR = Section(
    "operator",
    "Operator",
    "Who runs this directory, and what interest they have in providers that are listed here.",
    (OPERATOR_NAME, OPERATOR_ADDRESS, DISCLOSURE, DISCLOSURE_DETAILS, RELATED_LISTINGS),
)
REPLY_TEXTS = Section(
    "replies",
    "Reasons and replies",
    "Reviewers choose from these when they decide, and can add their own words. Providers read them.",
    tuple(REPLIES.values()),
)

FORBIDDEN_WORDS = Setting(
    "forbidden_words",
    "Words and phrases",
    Kind.LINES,
    60,
    (),
    hint="One on each line. Capital letters and accents make no difference. Those that ship with the software stay.",
    most=200,
)
WORDS = Section(
    "words",
    "Words that must not stand in a listing",
    "A provider who types one is told which, and where. Reviewers see those that stand in a listing already.",
    (FORBIDDEN_WORDS,),
)

REMINDER_DAYS = Setting(
    "days",
    "Days before answers run out",
    Kind.NUMBERS,
    365,
    (60, 30, 7),
    hint="Numbers with commas between them. One more email goes out on the day itself.",
    most=6,
)
REMINDERS = Section("reminders", "Reminders", "When we remind providers that their answers run out.", (REMINDER_DAYS,))

TIME_ZONE = Setting(
    "time_zone",
    "Time zone",
    Kind.TIME_ZONE,
    60,
    "America/New_York",
    hint="In which a day begins and ends, such as America/Denver.",
    required=True,
)


def _due(name: str, label: str, days: int) -> Setting:
    return Setting(name, label, Kind.NUMBER, 365, days, required=True)


DUE_DAYS = (
    _due("listing", "New listing", 2),
    _due("revision", "Change of a listing", 2),
    _due("attestation", "Attestation", 2),
    _due("claim", "Claim", 2),
    _due("report", "Report", 2),
    _due("removal", "Request to take a listing down", 2),
    _due("duplicate", "Duplicate", 14),
    _due("unmanaged", "Listing that nobody manages", 14),
    _due("deactivated", "Deactivated NPI", 7),
    _due("message", "Message of a provider", 2),
    _due("failed_mail", "Failed email", 2),
    _due("import_difference", "Import difference", 14),
)
QUEUE = Section(
    "queue",
    "Queue",
    "Within how many days a reviewer acts on each kind of case, and in which time zone the days are.",
    (TIME_ZONE, *DUE_DAYS),
)

MAIL_SENDER = Setting(
    "sender",
    "From",
    Kind.MAILBOX,
    200,
    hint="Such as Example Society <directory@example.org>. Empty: BMA_MAIL_FROM. Your mail server must allow it.",
)
MAIL_REPLY_TO = Setting(
    "reply_to", "Reply to", Kind.MAILBOX, 200, hint="Where answers to our email go. Empty: BMA_MAIL_REPLY_TO."
)
MAIL = Section("mail", "Email", "Who our email comes from.", (MAIL_SENDER, MAIL_REPLY_TO))

NOTICE_TEXT = Setting("text", "Text", Kind.LINE, 600, hint="One or two sentences. Empty: no notice is shown.")
NOTICE_SOURCE = Setting("source", "Source", Kind.LINE, 200, hint="Who says so, such as the name of the law or agency.")
NOTICE_LINK = Setting("link", "Web address of the source", Kind.LINK, 300)
NOTICE_DAY = Setting("day", "As of", Kind.DAY, 10, hint="The day on which you last checked it, such as 2026-11-30.")


def notice_section(state: str, name: str) -> Section:
    """Return the section of the notice of one state."""
    return Section(
        f"notice-{state}",
        f"Notice for {name}",
        f"Shown above results near places in {name}, and on the pages of providers there.",
        (NOTICE_TEXT, NOTICE_SOURCE, NOTICE_LINK, NOTICE_DAY),
    )


SECTIONS: Mapping[str, Section] = {
    section.name: section for section in (OPERATOR, REPLY_TEXTS, WORDS, QUEUE, REMINDERS, MAIL)
}
