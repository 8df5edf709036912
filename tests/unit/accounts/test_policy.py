"""The table of who may do what, whole: every set of roles, every action, and every right to the listing, or none."""

import itertools

import pytest

from directory.accounts.policy import POLICY, Action, Actor, Right, Role, may, require
from directory.errors import NotAllowed

ME = 7

ALL_ROLES = [frozenset(some) for size in range(4) for some in itertools.combinations(Role, size)]
CASES = list(itertools.product(ALL_ROLES, Action, [*Right, None]))


HOLDERS = {
    Action.SEE_LISTING: {Right.OWNER, Right.EDITOR, Right.SIGNER},
    Action.EDIT_LISTING: {Right.OWNER, Right.EDITOR},
    Action.PREPARE_ANSWERS: {Right.OWNER, Right.EDITOR, Right.SIGNER},
    Action.SIGN_ATTESTATION: {Right.OWNER, Right.SIGNER},
    Action.CHANGE_MANAGERS: {Right.OWNER},
    Action.TAKE_DOWN: {Right.OWNER},
    Action.ANSWER_DISPUTE: {Right.OWNER, Right.SIGNER},
    Action.ANSWER_MESSAGE: {Right.OWNER, Right.EDITOR},
}


def expected(roles: frozenset[Role], action: Action, right: Right | None) -> bool:
    """The same rules, said another way."""
    if action in HOLDERS:
        return Role.PROVIDER in roles and right in HOLDERS[action]
    return action is Action.MANAGE_OWN_ACCOUNT or _expected_of_role(roles, action, right)


def _expected_of_role(roles: frozenset[Role], action: Action, right: Right | None) -> bool:
    reviews = Role.REVIEWER in roles or Role.ADMIN in roles
    match action:
        case Action.ADD_LISTING:
            return Role.PROVIDER in roles
        case Action.CLAIM_LISTING:
            return Role.PROVIDER in roles and right is None
        case Action.SEE_QUEUE | Action.HOLD_DRAW:
            return reviews
        case Action.DECIDE | Action.DECIDE_DISPUTE | Action.WRITE_MESSAGE | Action.WRITE_NOTE:
            return reviews and right is None
        case (
            Action.READ_MAIL
            | Action.RESEND_MAIL
            | Action.CANCEL_MAIL
            | Action.SEE_LOG
            | Action.MANAGE_PEOPLE
            | Action.EDIT_TEXTS
            | Action.CHANGE_SETTINGS
            | Action.RUN_IMPORTS
        ):
            return Role.ADMIN in roles
    raise AssertionError(action)


@pytest.mark.parametrize(("roles", "action", "right"), CASES)
def test_the_policy_is_what_is_written_here(roles: frozenset[Role], action: Action, right: Right | None) -> None:
    assert may(Actor(ME, roles), action, right=right) is expected(roles, action, right)


@pytest.mark.parametrize(("roles", "action", "right"), CASES)
def test_what_the_policy_does_not_allow_is_refused_and_nothing_else(
    roles: frozenset[Role], action: Action, right: Right | None
) -> None:
    if expected(roles, action, right):
        require(Actor(ME, roles), action, right=right)
        return
    with pytest.raises(NotAllowed, match=action.value):
        require(Actor(ME, roles), action, right=right)


@pytest.mark.parametrize("action", list(Action))
def test_nobody_without_an_account_may_do_anything(action: Action) -> None:
    assert not may(None, action, right=None)
    with pytest.raises(NotAllowed) as refused:
        require(None, action)
    assert refused.value.sentence == f"Your account may not {action.value}."


def test_every_action_has_a_rule() -> None:
    assert POLICY.keys() == set(Action)
    assert len(CASES) == 8 * len(Action) * 4


@pytest.mark.parametrize("right", Right)
def test_an_admin_cannot_decide_on_a_listing_that_they_manage_whatever_else_they_are(right: Right) -> None:
    everything = Actor(ME, frozenset(Role))
    assert may(everything, Action.SEE_LISTING, right=right)
    assert not may(everything, Action.DECIDE, right=right)
    assert may(everything, Action.DECIDE)
