"""The commands that keep an installation in order, on both databases."""

import email
import socketserver
import threading

import dns.resolver
import pytest
import sqlalchemy as sa
from support.factories import NOW, make_listing

from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.outbox.tables import Email
from directory.review.case_tables import ReviewCase
from directory.search.tables import search_changes, search_state


@pytest.fixture
def broken_index(run_command, session, provider):
    """A published listing of which the snapshot was not told."""
    run_command("search", "rebuild")
    make_listing(session, provider)
    session.execute(sa.delete(search_changes))
    session.commit()


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(run_command):
    assert run_command("db", "upgrade") == "The database is up to date.\n"


@pytest.mark.usefixtures("broken_index")
def test_verify_tells_which_rows_are_wrong_and_what_mends_them(run_command):
    output = run_command("search", "verify", code=1)
    assert "missing" in output
    assert output.splitlines()[-1].startswith("Error: ")
    assert "search rebuild” mends them" in output
    assert "The index has" in run_command("search", "rebuild")
    assert run_command("search", "verify") == "The index says what the listings say.\n"


@pytest.mark.usefixtures("broken_index")
def test_doctor_says_what_to_mend_and_how(run_command):
    output = run_command("doctor", code=1)
    assert "MEND  The search index differs from the listings. Run: bma-directory search rebuild" in output
    assert "MEND  Say on the console under “Settings” what interest" in output
    assert "MEND  BMA_SMTP_URL is not set" in output
    assert "MEND  BMA_MAIL_FROM is not set: mail servers refuse mail from directory@localhost" in output
    assert "ok    The database has the shape that this version needs." in output


def test_doctor_finds_nothing_to_mend_where_all_is_well(run_command, environment):
    environment |= {
        "BMA_BASE_URL": "https://directory.example",
        "BMA_OPERATOR_DISCLOSURE": "None.",
        "BMA_CONTACT_EMAIL": "help@directory.example",
        "BMA_SMTP_URL": "smtps://mail.example",
        "BMA_MAIL_FROM": "directory@directory.example",
    }
    output = run_command("doctor")
    assert "MEND" not in output


def test_doctor_tells_that_no_name_server_can_check_claims_by_domain(run_command, environment, monkeypatch):
    assert "ok    BMA_OUTGOING_REQUESTS is not set" in run_command("doctor", code=1)
    environment["BMA_OUTGOING_REQUESTS"] = "1"

    class NoResolver:
        def __init__(self):
            raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", NoResolver)
    assert "MEND  BMA_OUTGOING_REQUESTS is 1, but this machine names no name server" in run_command("doctor", code=1)


def test_doctor_tells_keys_that_others_can_read(run_command, settings):
    (settings.home / "keys").chmod(0o755)
    assert "MEND  Others can read the keys." in run_command("doctor", code=1)


def test_doctor_tells_mail_that_nobody_sends(run_command, environment, session):
    environment["BMA_SMTP_URL"] = "smtps://mail.example"
    session.add(a_mail("late@example.com"))
    session.add(a_mail("given.up@example.com", given_up_at=NOW))
    session.commit()
    output = run_command("doctor", code=1)
    assert "MEND  Mail has been due for some time." in output
    assert "MEND  1 mails could not be delivered" in output


def a_mail(to, **facts):
    long_ago = NOW.replace(year=2020)
    return Email(
        to=to, subject="A decision", body="It was made.\n", created_at=long_ago, next_attempt_at=long_ago, **facts
    )


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given, and refuses one address."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters = []


class Conversation(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self):
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.letters.append(email.message_from_bytes(b"".join(lines)))
            if word == b"RCPT" and b"refused@" in line:
                self.wfile.write(b"550 nobody here\r\n")
                continue
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def sink(environment):
    with Sink() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment["BMA_SMTP_URL"] = f"smtp://127.0.0.1:{server.server_address[1]}"
        environment["BMA_MAIL_FROM"] = "directory@example.org"
        yield server
        server.shutdown()


def test_due_mail_is_sent_once(run_command, session, sink):
    session.add_all([a_mail("one@example.com"), a_mail("two@example.com")])
    session.commit()
    assert run_command("mail", "send") == "Sent 2, failed 0.\n"
    assert run_command("mail", "send") == "Sent 0, failed 0.\n"
    assert [letter["To"] for letter in sink.letters] == ["one@example.com", "two@example.com"]
    assert {letter["From"] for letter in sink.letters} == {"BMA Directory <directory@example.org>"}
    text, html = sink.letters[0].get_payload()
    assert text.get_payload().startswith("It was made.")
    assert html.get_content_type() == "text/html"


@pytest.mark.usefixtures("sink")
def test_a_mail_that_is_refused_stands_in_no_other_ones_way(run_command, session):
    session.add_all([a_mail("refused@example.com"), a_mail("two@example.com")])
    session.commit()
    assert run_command("mail", "send", code=1) == "Sent 1, failed 1.\n"
    session.rollback()
    kept = session.scalars(sa.select(Email).where(Email.sent_at.is_(None))).one()
    assert (kept.to, kept.attempts) == ("refused@example.com", 1)
    assert "nobody here" in kept.last_error
    assert run_command("mail", "send") == "Sent 0, failed 0.\n"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Error: BMA_SMTP_URL is not set, so no server can send mail.\n"),
        ("http://x", "Error: BMA_SMTP_URL must begin with smtp:// or smtps:// and name a host.\n"),
    ],
)
def test_mail_without_a_server_is_refused(run_command, environment, url, sentence):
    environment["BMA_SMTP_URL"] = url
    assert run_command("mail", "send", code=1) == sentence


LONG = "five quiet horses graze by the mill"


def test_an_admin_is_created_with_a_password_that_is_asked_for_twice(run_command, session):
    output = run_command("admin", "create", "Ada@Example.org", "--name", "Ada", stdin=f"{LONG}\n{LONG}\n")
    assert output.endswith("Created the admin's account ada@example.org.\n")
    assert LONG not in output
    account = session.scalars(sa.select(Account)).one()
    assert (account.name, [role.name for role in account.roles], account.active) == ("Ada", ["admin"], True)
    assert LONG not in str(account.password)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ada@example.org", "--password", "12345678"), "Error: A password must have at least"),
        (("ada@example.org", "--password", "aaaaaaaaaaaaaaaaaaaa"), "Error: "),
        (("not an email address", "--password", LONG), "Error: This is not an email address, "),
    ],
)
def test_an_admin_who_cannot_be_is_refused_in_a_sentence(run_command, session, arguments, sentence):
    output = run_command("admin", "create", *arguments, code=1)
    assert output.startswith(sentence)
    assert len(output.splitlines()) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Account)) == 0


def test_an_account_that_is_there_is_not_made_again(run_command):
    run_command("admin", "create", "ada@example.org", "--role", "reviewer", "--password", LONG)
    output = run_command("admin", "create", "ADA@example.org", "--password", LONG, code=1)
    assert output == "Error: There is already an account for ada@example.org.\n"


def test_a_role_that_is_none_is_a_misuse(run_command):
    assert "is not one of 'admin', 'reviewer'" in run_command(
        "admin", "create", "a@example.org", "--role", "king", "--password", LONG, code=2
    )


def test_a_database_of_a_later_version_is_left_alone(run_command, session):
    session.execute(sa.text("UPDATE alembic_version SET version_num = 'from the future'"))
    session.commit()
    sentence = "Error: The database was shaped by a later version of bma-directory. Install that version.\n"
    assert run_command("db", "upgrade", code=1) == sentence
    assert run_command("demo", "load", code=1) == sentence
    assert "MEND  The database has another shape" in run_command("doctor", code=1)


def test_an_index_that_was_never_built_is_built_by_whoever_needs_it_first(run_command, session, provider, settings):
    make_listing(session, provider)
    session.commit()
    assert not settings.search.exists()
    assert run_command("search", "verify") == "The index says what the listings say.\n"
    assert (settings.search / "snapshot").exists()


def test_a_snapshot_is_built_only_where_it_is_due(run_command, session, provider):
    assert "The index has 0 locations" in run_command("search", "rebuild", "--if-due")
    assert run_command("search", "rebuild", "--if-due") == ""
    make_listing(session, provider)
    session.execute(sa.update(search_state).values(bulk_version=search_state.c.version))
    session.commit()
    assert "The index has 1 locations" in run_command("search", "rebuild", "--if-due")


def test_a_lost_review_queue_is_found_and_mended(run_command, session, provider):
    make_listing(session, provider, state=ListingState.SUBMITTED)
    session.commit()
    session.execute(sa.delete(ReviewCase))
    session.commit()
    assert "MEND  The review queue differs from what waits." in run_command("doctor", code=1)
    assert run_command("queue", "rebuild") == "The review queue is right. 1 rows were not.\n"
    assert "ok    The review queue says what waits." in run_command("doctor", code=1)
