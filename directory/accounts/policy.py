"""Permissions: one table that maps each action to a predicate."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from directory.errors import NotAllowed


class Role(enum.StrEnum):
    """The role of an account. An admin can do everything that a reviewer can."""

    PROVIDER = "provider"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Right(enum.StrEnum):
    """The right of an account to a listing. An owner can do everything that the others can."""

    OWNER = "owner"
    EDITOR = "editor"
    SIGNER = "signer"


class Action(enum.StrEnum):
    """Every action that requires a permission."""

    ADD_LISTING = "add a listing"
    CLAIM_LISTING = "claim this listing"
    SEE_LISTING = "see the drafts of this listing"
    EDIT_LISTING = "change this listing"
    PREPARE_ANSWERS = "prepare answers for this listing"
    SIGN_ATTESTATION = "sign for this listing"
    CHANGE_MANAGERS = "decide who manages this listing"
    TAKE_DOWN = "take this listing down"
    SEE_QUEUE = "see what waits for review"
    DECIDE = "decide on this listing"
    HOLD_DRAW = "hold the draw of a quarter"
    WRITE_MESSAGE = "write to the provider of this listing"
    ANSWER_MESSAGE = "answer messages about this listing"
    WRITE_NOTE = "write notes about this listing"
    ANSWER_DISPUTE = "answer a report about this listing"
    DECIDE_DISPUTE = "decide on a report about this listing"
    READ_MAIL = "read the mail of this directory"
    RESEND_MAIL = "send mail again"
    CANCEL_MAIL = "cancel mail"
    SEE_LOG = "see the log"
    MANAGE_PEOPLE = "manage people"
    RUN_IMPORTS = "import listings"
    EDIT_TEXTS = "change the texts of this directory"
    CHANGE_SETTINGS = "change the settings of this directory"
    MANAGE_OWN_ACCOUNT = "change your own account"


@dataclass(frozen=True, slots=True)
class Actor:
    """The user who makes a request: the id of the account and its roles."""

    id: int
    roles: frozenset[Role]

    @property
    def reviews(self) -> bool:
        """Whether the user is a reviewer or an admin."""
        return not self.roles.isdisjoint({Role.REVIEWER, Role.ADMIN})

    @property
    def provides(self) -> bool:
        """Whether the user is a provider, who can manage listings."""
        return Role.PROVIDER in self.roles

    @property
    def administers(self) -> bool:
        """Whether the user is an admin."""
        return Role.ADMIN in self.roles


RIGHTS: Mapping[Action, frozenset[Right]] = {
    Action.SEE_LISTING: frozenset(Right),
    Action.EDIT_LISTING: frozenset({Right.OWNER, Right.EDITOR}),
    # Signers may correct what they sign.
    Action.PREPARE_ANSWERS: frozenset(Right),
    Action.SIGN_ATTESTATION: frozenset({Right.OWNER, Right.SIGNER}),
    Action.CHANGE_MANAGERS: frozenset({Right.OWNER}),
    Action.TAKE_DOWN: frozenset({Right.OWNER}),
    Action.ANSWER_DISPUTE: frozenset({Right.OWNER, Right.SIGNER}),
    Action.ANSWER_MESSAGE: frozenset({Right.OWNER, Right.EDITOR}),
}
"""The actions that need a right to the listing, and the rights that allow each."""


def _manages(action: Action) -> Callable[[Actor, Right | None], bool]:
    return lambda actor, right: actor.provides and right in RIGHTS[action]


def _reviews_others(actor: Actor, right: Right | None) -> bool:
    """Reviewers may not decide on listings that they manage, whatever other roles they have."""
    return actor.reviews and right is None


POLICY: Mapping[Action, Callable[[Actor, Right | None], bool]] = {
    **{action: _manages(action) for action in RIGHTS},
    Action.ADD_LISTING: lambda actor, _right: actor.provides,
    Action.CLAIM_LISTING: lambda actor, right: actor.provides and right is None,
    Action.SEE_QUEUE: lambda actor, _right: actor.reviews,
    Action.DECIDE: _reviews_others,
    Action.HOLD_DRAW: lambda actor, _right: actor.reviews,
    Action.WRITE_MESSAGE: _reviews_others,
    Action.WRITE_NOTE: _reviews_others,
    Action.DECIDE_DISPUTE: _reviews_others,
    Action.READ_MAIL: lambda actor, _right: actor.administers,
    Action.MANAGE_PEOPLE: lambda actor, _right: actor.administers,
    Action.RUN_IMPORTS: lambda actor, _right: actor.administers,
    Action.EDIT_TEXTS: lambda actor, _right: actor.administers,
    Action.CHANGE_SETTINGS: lambda actor, _right: actor.administers,
    Action.RESEND_MAIL: lambda actor, _right: actor.administers,
    Action.CANCEL_MAIL: lambda actor, _right: actor.administers,
    Action.SEE_LOG: lambda actor, _right: actor.administers,
    Action.MANAGE_OWN_ACCOUNT: lambda _actor, _right: True,
}


def may(actor: Actor | None, action: Action, *, right: Right | None = None) -> bool:
    """Return whether `actor` (None if not signed in), who has `right` to the listing in question, may do `action`."""
    return actor is not None and POLICY[action](actor, right)


def require(actor: Actor | None, action: Action, *, right: Right | None = None) -> None:
    """Check that the policy allows the action.

    Raises:
        NotAllowed: it does not; the message names the action.
    """
    if not may(actor, action, right=right):
        raise NotAllowed(f"Your account may not {action.value}.")
