"""SQL for the moment until which an attestation counts: its own expiry date or the end set by newer rules."""

from datetime import datetime

import sqlalchemy as sa

from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.database import UtcDateTime


def effective_valid_until(rulesets: Rulesets) -> sa.ColumnElement[datetime]:
    """SQL: the last moment at which an attestation counts; the equivalent of `Rulesets.counts_until`."""
    ended = {ruleset.id: rulesets.superseded_at(ruleset.id) for ruleset in rulesets.newest_first}
    whens = [
        (
            sa.and_(Attestation.ruleset_id == ruleset_id, Attestation.valid_until > at),
            sa.literal(at, UtcDateTime),
        )
        for ruleset_id, at in ended.items()
        if at is not None
    ]
    own = sa.type_coerce(Attestation.valid_until, UtcDateTime)
    return sa.type_coerce(sa.case(*whens, else_=own) if whens else own, UtcDateTime)
