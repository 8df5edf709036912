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

SECTIONS: Mapping[str, Section] = {section.name: section for section in (OPERATOR, REPLY_TEXTS)}
