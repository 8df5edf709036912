"""The data of the console's pages about people, and how they are built."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request
from wtforms import Form

from directory.accounts import queries
from directory.accounts.events import Event
from directory.accounts.people import Group, ListedPerson, count_people, list_people
from directory.accounts.policy import Role
from directory.accounts.sessions import list_sessions
from directory.accounts.tables import Account, Invitation, UserSession
from directory.claims.queries import OwnListings, own_listings_of_accounts
from directory.web.console.people_forms import InvitationForm, ReasonForm, RoleForm
from directory.web.console.tables import PAGE_SIZE, TableLink, TablePage, table_href
from directory.web.support.requests import actor, now, session

GROUP_LABELS: Mapping[Group | None, str] = {
    None: "All",
    Group.ADMINS: "Admins",
    Group.REVIEWERS: "Reviewers",
    Group.PROVIDERS: "Providers",
    Group.INVITED: "Invited",
    Group.DISABLED: "Disabled",
    Group.CLOSED: "Closed",
}

EVENT_LABELS: Mapping[str, str] = {
    Event.CONFIRM: "Email address confirmed",
    Event.INVITE: "Invited",
    Event.JOIN: "Invitation accepted",
    Event.RENAME: "Name changed",
    Event.CHANGE_PASSWORD: "Password changed",
    Event.RESET_PASSWORD: "Password reset",
    Event.CHANGE_EMAIL: "Email address changed",
    Event.DISABLE: "Disabled",
    Event.ENABLE: "Enabled again",
    Event.CLOSE: "Closed by its owner",
    Event.WITHDRAW_INVITATION: "Invitation taken back",
    Event.MAKE_PROVIDER: "Became a provider only",
    Event.MAKE_REVIEWER: "Became a reviewer",
    Event.MAKE_ADMIN: "Became an admin",
    Event.SIGN_OUT: "Signed out on all devices",
    Event.SECOND_FACTOR_RESET: "Second factor reset",
}

ROLE_LABELS: Mapping[Role, str] = {Role.PROVIDER: "Provider", Role.REVIEWER: "Reviewer", Role.ADMIN: "Admin"}

LISTINGS_IN_A_ROW, LISTINGS_ON_A_PAGE = 2, 100
"""How many listings of a person are named; the number of all is shown beside them."""

EVENTS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The second factor of an account in words; `kind` is the style of its mark."""

    words: str
    kind: str

    @classmethod
    def of(cls, account: Account) -> "SecondFactor":
        """Describe the second factor of an account."""
        keys = len(account.webauthn)
        passkeys = [f"{keys} passkey{'' if keys == 1 else 's'}"] if keys else []
        if account.has_second_factor:
            return cls(" and ".join(["App", *passkeys]), "right")
        if account.actor.reviews and account.confirmed_at:
            return cls(f"{passkeys[0] if passkeys else 'None'}: the console stays closed", "wrong")
        return cls(passkeys[0] if passkeys else "None", "")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row of the list."""

    account: Account
    role: str
    standing: str
    factor: SecondFactor
    sessions: int
    own: OwnListings
    is_you: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`console/people.html`."""

    form: InvitationForm
    heading: str
    filters: tuple[TableLink, ...]
    text: str
    group: str
    rows: tuple[PersonRow, ...]
    paging: TablePage


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """One entry of the history, for the macro `timeline`."""

    title: str
    at: datetime
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`console/person.html`; `forms` are the forms of the acts that are possible, by the name of the act."""

    account: Account
    role: str
    standing: str
    factor: SecondFactor
    sessions: Sequence[UserSession]
    own: OwnListings
    invitation: Invitation | None
    events: tuple[PersonEvent, ...]
    forms: Mapping[str, ReasonForm]
    refused: Form | None
    is_you: bool


def people_page(form: InvitationForm) -> PeoplePage:
    """Build the list that the request asks for."""
    text, wanted = request.args.get("q", ""), request.args.get("group", "")
    group = Group(wanted) if wanted in set(Group) else None
    counts = count_people(session(), text)
    paging = TablePage.requested(counts[group])
    found = list_people(session(), group, text, now=now(), limit=PAGE_SIZE, offset=paging.offset)
    own = own_listings_of_accounts(session(), [row.account.id for row in found], limit=LISTINGS_IN_A_ROW)
    return PeoplePage(
        form=form,
        heading=_heading(counts),
        filters=tuple(
            TableLink(label, table_href(group=each.value if each else None), counts[each], current=each is group)
            for each, label in GROUP_LABELS.items()
        ),
        text=text,
        group=group.value if group else "",
        rows=tuple(_row(row, own[row.account.id]) for row in found),
        paging=paging,
    )


def person_page(account: Account, act: str = "", refused: ReasonForm | None = None) -> PersonPage:
    """Build the page of a person; `refused` is the form of `act`, if it has errors."""
    is_you = account.id == actor().id
    forms = {name: ReasonForm(name) for name in _acts(account, is_you=is_you)}
    if "role" in forms:
        forms["role"] = RoleForm("role", role=account.role.value, before=account.role.value)
    if refused is not None:
        forms[act] = refused
    return PersonPage(
        account=account,
        role=ROLE_LABELS[account.role],
        standing=_standing(account),
        factor=SecondFactor.of(account),
        sessions=list_sessions(session(), account.id, now=now()),
        own=own_listings_of_accounts(session(), [account.id], limit=LISTINGS_ON_A_PAGE)[account.id],
        invitation=queries.open_invitation(session(), account.id),
        events=tuple(
            PersonEvent(EVENT_LABELS[event.event], event.at, who or "The operator, on the server", event.reason)
            for event, who in queries.account_history(session(), account.id, limit=EVENTS_ON_A_PAGE)
        ),
        forms=forms,
        refused=refused,
        is_you=is_you,
    )


def _acts(account: Account, *, is_you: bool) -> list[str]:
    if account.is_closed:
        return []
    if account.confirmed_at is None:
        return ["invite"]
    if not account.active:
        return ["enable"]
    return ["role"] if is_you else ["role", "sign-out", "second-factor", "disable"]


def _standing(account: Account) -> str:
    if account.is_closed:
        return "Closed"
    if not account.active:
        return "Disabled"
    return "Active" if account.confirmed_at else "Not confirmed"


def _row(row: ListedPerson, own: OwnListings) -> PersonRow:
    account = row.account
    return PersonRow(
        account=account,
        role=ROLE_LABELS[account.role],
        standing=_standing(account),
        factor=SecondFactor.of(account),
        sessions=row.sessions,
        own=own,
        is_you=account.id == actor().id,
    )


def _heading(counts: Mapping[Group | None, int]) -> str:
    words = {Group.ADMINS: "admin", Group.REVIEWERS: "reviewer", Group.PROVIDERS: "provider"}
    return " · ".join(f"{counts[group]:,} {one}{'' if counts[group] == 1 else 's'}" for group, one in words.items())
