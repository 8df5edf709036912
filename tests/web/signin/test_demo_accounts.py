"""The accounts of the demonstration need no second factor, and nobody else is spared it."""

from flask import Flask
from sqlalchemy.orm import Session
from support.factories import make_account, sign_in
from support.http_client import Browser

from directory.accounts.policy import Role
from directory.accounts.tables import Account


def test_the_accounts_of_the_demonstration_skip_it_in_its_home_only(
    app: Flask, session: Session, admin: Account, as_admin: Browser
) -> None:
    settings = app.extensions["directory"].settings
    admin.tf_totp_secret = None
    session.commit()
    settings.demo_accounts.write_text(f"  admin {admin.email} pass-word\n")
    assert as_admin.open("/console/", follow=False).status == 302, "the file alone marks no demonstration"
    object.__setattr__(settings, "demo", True)
    assert as_admin.open("/console/", follow=False).status == 200
    other = make_account(session, Role.ADMIN)
    other.tf_totp_secret = None
    session.commit()
    assert Browser(sign_in(app.test_client(), other)).open("/console/", follow=False).status == 302
    settings.demo_accounts.unlink()
    assert as_admin.open("/console/", follow=False).status == 302
