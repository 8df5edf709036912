"""Changes settings on the console: what a section says of listings is checked against them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.errors import FieldError, Invalid
from directory.listings.tables import Listing
from directory.review.case_items import rebuild_items
from directory.settings.commands import change_section, parse_section
from directory.settings.declarations import QUEUE, RELATED_LISTINGS
from directory.settings.setting import Section


def change_settings(
    session: Session, section: Section, typed: Mapping[str, str], *, version: int, by: Actor, now: datetime
) -> None:
    """Check and store what was typed into the form of a section; new days of the queue count for what waits too.

    Raises:
        NotAllowed: the account is not an admin's.
        Invalid: a value cannot be stored.
        Conflict: somebody else changed the section in the meantime.
    """
    require(by, Action.CHANGE_SETTINGS)
    values = parse_section(section, typed)
    if RELATED_LISTINGS in section.settings:
        lines = values[RELATED_LISTINGS.name]
        values[RELATED_LISTINGS.name] = _find_slugs(session, lines if isinstance(lines, tuple) else ())
    change_section(session, section, values, version=version, by=by, now=now)
    if section is QUEUE:
        rebuild_items(session)


def _find_slugs(session: Session, lines: Sequence[str | int]) -> tuple[str, ...]:
    """Return the last parts of the addresses of listings.

    Raises:
        Invalid: a line is the address of no listing.
    """
    slugs = tuple(dict.fromkeys(str(line).rstrip("/").rpartition("/")[2] for line in lines))
    known = set(session.scalars(sa.select(Listing.slug).where(Listing.slug.in_(slugs))))
    if unknown := [slug for slug in slugs if slug not in known]:
        raise Invalid([FieldError(RELATED_LISTINGS.name, f"There is no listing with the address {unknown[0]}.")])
    return slugs
