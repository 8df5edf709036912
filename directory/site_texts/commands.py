"""Changes the texts of the site."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.errors import Conflict, FieldError, Invalid
from directory.site_texts.declarations import MAX_LENGTH, SiteText
from directory.site_texts.queries import current_text
from directory.site_texts.tables import StoredText


def change_text(session: Session, name: SiteText, body: str, *, version: int, by: Actor, now: datetime) -> None:
    """Replace a text; `version` is the version that was edited. An unchanged text is not stored.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: the text is empty or too long.
        Conflict: somebody else changed the text in the meantime.
    """
    require(by, Action.EDIT_TEXTS)
    body = body.replace("\r\n", "\n").strip() + "\n"
    _validate_body(body)
    before = current_text(session, name)
    if version != before.version:
        raise Conflict("Somebody else changed this text in the meantime. Compare both, then save again.")
    if body == before.body:
        return
    stored = session.get(StoredText, name)
    if stored is None:
        session.add(StoredText(name=name, body=body, updated_at=now, updated_by_id=by.id))
    else:
        stored.body, stored.updated_at, stored.updated_by_id = body, now, by.id
    session.flush()
    record(
        session,
        action="site_text.change",
        target=f"site_text:{name.value}",
        before=_digest(before.body),
        after=_digest(body),
        by=by.id,
        now=now,
    )


def _validate_body(body: str) -> None:
    if not body.strip():
        raise Invalid([FieldError("body", "Enter the text. An empty page would leave its readers without an answer.")])
    if len(body) > MAX_LENGTH:
        raise Invalid(
            [FieldError("body", f"The text may have at most {MAX_LENGTH:,} characters; this has {len(body):,}.")]
        )
    if "\0" in body:
        raise Invalid([FieldError("body", "The text holds characters that cannot be seen. Please type it again.")])


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
