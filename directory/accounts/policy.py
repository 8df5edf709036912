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


class Action(enum.StrEnum):
    """Every action that requires a permission."""

    ADD_LISTING = "add a listing"
    EDIT_LISTING = "change this listing"
    SIGN_ATTESTATION = "sign for this listing"
    SEE_QUEUE = "see what waits for review"
    DECIDE = "decide on this listing"
    ANSWER_DISPUTE = "answer a report about this listing"
    DECIDE_DISPUTE = "decide on a report about this listing"
    READ_MAIL = "read the mail of this directory"
    MANAGE_PEOPLE = "manage people"
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
        """Whether the user is a provider, who can own listings."""
        return Role.PROVIDER in self.roles

    @property
    def administers(self) -> bool:
        """Whether the user is an admin."""
        return Role.ADMIN in self.roles


def _is_owner(actor: Actor, owner_id: int | None) -> bool:
    return actor.provides and owner_id is not None and owner_id == actor.id


POLICY: Mapping[Action, Callable[[Actor, int | None], bool]] = {
    Action.ADD_LISTING: lambda actor, _owner: actor.provides,
    Action.EDIT_LISTING: _is_owner,
    Action.SIGN_ATTESTATION: _is_owner,
    Action.SEE_QUEUE: lambda actor, _owner: actor.reviews,
    # Reviewers may not decide on their own listings, whatever other roles they have.
    Action.DECIDE: lambda actor, owner: actor.reviews and owner != actor.id,
    Action.ANSWER_DISPUTE: _is_owner,
    Action.DECIDE_DISPUTE: lambda actor, owner: actor.reviews and owner != actor.id,
    Action.READ_MAIL: lambda actor, _owner: actor.administers,
    Action.MANAGE_PEOPLE: lambda actor, _owner: actor.administers,
    Action.MANAGE_OWN_ACCOUNT: lambda _actor, _owner: True,
}


def may(actor: Actor | None, action: Action, *, owner_id: int | None = None) -> bool:
    """Return whether `actor` (None if not signed in) may do `action` to a thing owned by `owner_id`."""
    return actor is not None and POLICY[action](actor, owner_id)


def require(actor: Actor | None, action: Action, *, owner_id: int | None = None) -> None:
    """Check that the policy allows the action.

    Raises:
        NotAllowed: it does not; the message names the action.
    """
    if not may(actor, action, owner_id=owner_id):
        raise NotAllowed(f"Your account may not {action.value}.")
