"""`account reset-second-factor`: what an operator does for somebody who lost phone and codes."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from directory.accounts.tables import Account


def test_it_lets_the_owner_in_with_the_password_alone(
    run_command: Callable[..., str], session: Session, admin: Account
) -> None:
    assert admin.has_second_factor
    said = run_command("account", "reset-second-factor", f" {admin.email.upper()} ")
    assert said == f"{admin.email} now signs in with the password alone.\n"
    session.refresh(admin)
    assert not admin.has_second_factor


def test_it_names_an_address_that_has_no_account(run_command: Callable[..., str]) -> None:
    said = run_command("account", "reset-second-factor", "nobody@example.com", code=1)
    assert "There is no account for nobody@example.com." in said
