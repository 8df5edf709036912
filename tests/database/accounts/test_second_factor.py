"""Codes at the same time, and the reset of a second factor, on both databases."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import cast

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_security import Security
from passlib.totp import TOTP
from sqlalchemy.orm import Session
from support.factories import NOW, make_account

from directory import transaction
from directory.accounts.policy import Role
from directory.accounts.second_factor import reset_second_factor
from directory.accounts.sessions import create_session
from directory.accounts.tables import Account, Passkey, UserSession
from directory.audit.tables import AuditEntry
from directory.outbox.tables import Email

AT_ONCE = 6


def security_of(app: Flask) -> Security:
    return cast(Security, app.extensions["security"])


def accepted(app: Flask, check: Callable[[Account], bool], email: str) -> int:
    """How many of several requests at the same time `check` accepts; each commits, as Flask-Security does."""
    start = Barrier(AT_ONCE)

    def request(_number: int) -> bool:
        with app.app_context():
            session = transaction.session()
            account = session.scalars(sa.select(Account).where(Account.email == email)).one()
            start.wait()
            done = check(account)
            session.commit() if done else session.rollback()
            return done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(request, range(AT_ONCE)))


def test_one_code_sent_many_times_at_once_is_accepted_once(app: Flask, session: Session) -> None:
    factory = security_of(app).totp_factory
    secret = factory.generate_totp_secret()
    account = make_account(session, Role.PROVIDER)
    session.commit()
    code = factory.generate_totp_password(secret)

    def check(found: Account) -> bool:
        return bool(factory.verify_totp(token=code, totp_secret=secret, user=found, window=30))

    assert accepted(app, check, account.email) == 1
    assert accepted(app, check, account.email) == 0


def test_one_recovery_code_sent_many_times_at_once_is_accepted_once(app: Flask, session: Session) -> None:
    util = security_of(app).mf_recovery_codes_util
    account = make_account(session, Role.PROVIDER)
    session.commit()
    with app.app_context():
        stored = transaction.session().get_one(Account, account.id)
        codes = util.create_recovery_codes(stored)
        transaction.session().commit()

    def check(found: Account) -> bool:
        return util.check_recovery_code(found, codes[0]) and util.delete_recovery_code(found, codes[0])

    assert accepted(app, check, account.email) == 1
    session.refresh(account)
    assert len(account.mf_recovery_codes or ()) == len(codes) - 1


def test_an_older_code_is_refused_after_a_newer_one(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = security_of(app).totp_factory
    secret, now = factory.generate_totp_secret(), time.time() // 30 * 30
    monkeypatch.setattr(TOTP, "now", staticmethod(lambda: now))
    older = factory.generate_totp_password(secret)
    monkeypatch.setattr(TOTP, "now", staticmethod(lambda: now + 30))
    newer = factory.generate_totp_password(secret)
    account = make_account(session, Role.PROVIDER)
    session.commit()
    with app.app_context():
        stored = transaction.session().get_one(Account, account.id)
        answers = [factory.verify_totp(code, secret, stored, window=30) for code in (newer, older, newer)]
    assert answers == [True, False, False]


@pytest.mark.usefixtures("installation")
def test_a_reset_removes_everything_signs_out_and_is_logged() -> None:
    with transaction.atomic() as session:
        account = make_account(session, Role.ADMIN, email="ada@example.com")
        account.webauthn.append(
            Passkey(
                name="Phone",
                credential_id=b"1",
                public_key=b"2",
                sign_count=2**32 - 1,
                backup_state=False,
                device_type="multi_device",
                usage="first",
                lastuse_datetime=NOW,
            )
        )
        create_session(session, data="{}", user_id=account.fs_uniquifier, now=NOW)
        other = make_account(session, Role.ADMIN)
        create_session(session, data="{}", user_id=other.fs_uniquifier, now=NOW)
    assert account.has_second_factor
    with transaction.atomic() as session:
        reset_second_factor(session, account, by=None, now=NOW)
    session.expire_all()
    assert not account.has_second_factor
    assert (account.tf_totp_secret, account.tf_last_counter, account.webauthn) == (None, None, [])
    assert session.scalars(sa.select(UserSession.account_id)).all() == [other.id]
    assert session.scalars(sa.select(Passkey.id)).all() == []
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.object, entry.actor) == (
        "account.second_factor_reset",
        f"account:{account.id}",
        None,
    )
    assert session.scalars(sa.select(Email.to)).all() == ["ada@example.com"]


@pytest.mark.parametrize("missing", ["tf_primary_method", "tf_totp_secret", "mf_recovery_codes"])
def test_a_second_factor_is_complete_with_app_and_codes(session: Session, missing: str) -> None:
    account = make_account(session, Role.ADMIN)
    assert account.has_second_factor
    setattr(account, missing, None)
    assert not account.has_second_factor
