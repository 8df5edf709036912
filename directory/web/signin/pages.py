"""View models for the templates of sign-in and account pages: one frozen dataclass for each page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wtforms import Form

from directory.accounts.tables import Account
from directory.listings.tables import Listing


@dataclass(frozen=True, slots=True)
class LinkPage:
    """`signin/link.html`: the button that does what a link in an email is for."""

    title: str
    effect: str
    button: str


@dataclass(frozen=True, slots=True)
class InboxPage:
    """`signin/inbox.html`: what to do after registration."""


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """`signin/closed.html`: what became of a closed account."""


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """`signin/invitation.html`: the name and password of an invited person."""

    form: Form
    email: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session of the account: its device, when it began and was last used."""

    id: int
    device: str
    since: datetime
    last_used: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class ManagedListing:
    """A listing of the account, and everybody who manages it, with the right of each in words."""

    listing: Listing
    people: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`signin/account.html`: how one signs in and where, who manages each listing, and two forms.

    `mail` chooses the topics of email, `form` closes the account.
    """

    account: Account
    sessions: Sequence[SignedIn]
    listings: Sequence[ManagedListing]
    mail: Form
    form: Form


@dataclass(frozen=True, slots=True)
class NamePage:
    """`signin/name.html`: the form that changes the name."""

    form: Form
