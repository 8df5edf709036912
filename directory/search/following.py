"""Keeps the index in step with the rules, which come with the program while the index stays in the database."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.search.index import refresh
from directory.search.keys import microseconds
from directory.search.tables import search_documents, search_rules, search_state


def follow(session: Session, *, rulesets: Rulesets, now: datetime) -> int:
    """Bring up to date the rows of which newer rules moved the end, in the caller's transaction; of how many listings.

    To be called after an upgrade. Where no rules came or went, it costs one statement.
    """
    ended = {ruleset.id: rulesets.superseded_at(ruleset.id) for ruleset in rulesets.newest_first}
    wanted = {ruleset_id: microseconds(at) for ruleset_id, at in ended.items() if at is not None}
    stored = {row.ruleset_id: row.superseded_at for row in session.execute(sa.select(search_rules))}
    moved = [key for key in wanted.keys() | stored.keys() if wanted.get(key) != stored.get(key)]
    if not moved:
        return 0
    accepted = sa.select(Attestation.listing_id).where(
        Attestation.state == State.ACCEPTED, Attestation.ruleset_id.in_(moved)
    )
    listing_ids = session.scalars(accepted).all()
    refresh(session, listing_ids, rulesets=rulesets, now=now)
    _write_down(session, wanted)
    return len(listing_ids)


def sweep(session: Session, *, rulesets: Rulesets, now: datetime, limit: int) -> int:
    """Take out of the index what ended before `now`, in the caller's transaction; of how many listings.

    No search needs it: what ended is found by none. But counts look at each square in which something did.
    At most `limit` listings are worked on.
    """
    document = search_documents.c
    generation = sa.select(search_state.c.generation).scalar_subquery()
    ended = sa.and_(document.generation == generation, document.ends_at < microseconds(now))
    first = sa.select(document.listing_id).where(ended).order_by(document.ends_at).limit(limit)
    listing_ids = set(session.scalars(first))
    refresh(session, listing_ids, rulesets=rulesets, now=now)
    return len(listing_ids)


def _write_down(session: Session, wanted: dict[str, int]) -> None:
    session.execute(sa.delete(search_rules).where(search_rules.c.ruleset_id.not_in(wanted)))
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for ruleset_id, at in wanted.items():
        row = insert(search_rules).values(ruleset_id=ruleset_id, superseded_at=at)
        # Two machines may start at once after an upgrade; both write the same.
        changed = {"superseded_at": row.excluded.superseded_at}
        session.execute(row.on_conflict_do_update(index_elements=["ruleset_id"], set_=changed))
