"""The table of who may do what, whole: every set of roles, every action, one's own, somebody else's and nobody's."""

import itertools

import pytest

from directory.accounts.policy import POLICY, Action, Actor, Role, may, require
from directory.errors import NotAllowed

ME, ANOTHER = 7, 8

ALL_ROLES = [frozenset(some) for size in range(4) for some in itertools.combinations(Role, size)]
CASES = list(itertools.product(ALL_ROLES, Action, [ME, ANOTHER, None]))


def expected(roles: frozenset[Role], action: Action, owner: int | None) -> bool:
    """The same rules, said another way."""
    reviews = Role.REVIEWER in roles or Role.ADMIN in roles
    match action:
        case Action.ADD_LISTING:
            return Role.PROVIDER in roles
        case Action.EDIT_LISTING | Action.SIGN_ATTESTATION | Action.ANSWER_DISPUTE:
            return Role.PROVIDER in roles and owner == ME
        case Action.SEE_QUEUE:
            return reviews
        case Action.DECIDE | Action.DECIDE_DISPUTE:
            return reviews and owner != ME
        case Action.READ_MAIL | Action.MANAGE_PEOPLE:
            return Role.ADMIN in roles
        case Action.MANAGE_OWN_ACCOUNT:
            return True


@pytest.mark.parametrize(("roles", "action", "owner"), CASES)
def test_the_policy_is_what_is_written_here(roles: frozenset[Role], action: Action, owner: int | None) -> None:
    assert may(Actor(ME, roles), action, owner_id=owner) is expected(roles, action, owner)


@pytest.mark.parametrize(("roles", "action", "owner"), CASES)
def test_what_the_policy_does_not_allow_is_refused_and_nothing_else(
    roles: frozenset[Role], action: Action, owner: int | None
) -> None:
    if expected(roles, action, owner):
        require(Actor(ME, roles), action, owner_id=owner)
        return
    with pytest.raises(NotAllowed, match=action.value):
        require(Actor(ME, roles), action, owner_id=owner)


@pytest.mark.parametrize("action", list(Action))
def test_nobody_without_an_account_may_do_anything(action: Action) -> None:
    assert not may(None, action, owner_id=None)
    with pytest.raises(NotAllowed) as refused:
        require(None, action)
    assert refused.value.sentence == f"Your account may not {action.value}."


def test_every_action_has_a_rule() -> None:
    assert POLICY.keys() == set(Action)
    assert len(CASES) == 8 * len(Action) * 3


def test_an_admin_cannot_decide_on_a_listing_of_their_own_whatever_else_they_are() -> None:
    everything = Actor(ME, frozenset(Role))
    assert may(everything, Action.EDIT_LISTING, owner_id=ME)
    assert not may(everything, Action.DECIDE, owner_id=ME)
