"""Synthetic attestations with common and rare answers, so that filters match from 6 % down to 0.002 % of all rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from benchmarks.sampling import weighted_sample

from directory.attestations.digest import signed_digest
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Ruleset

RULESET: Final = "bma-2021.1"

ATTESTED: Final = 0.07
"""Share of all listings."""

EXPIRED: Final = 0.12
"""Share of the attested listings whose answers have expired."""

# Each answer and its weight; None leaves the question open.
VOLUMES: Final[tuple[tuple[Any, int], ...]] = (
    (2, 60), (3, 90), (5, 240), (7.5, 40), (8, 60), ([5, 10], 130), (10, 150), (12, 40), (15, 50), ([10, 20], 40),
    (20, 40), (30, 25), (60, 15), (None, 20),
)  # fmt: skip
SITES: Final[tuple[tuple[Any, int], ...]] = (
    (1, 30), (2, 40), (3, 50), (4, 50), (5, 170), (6, 160), ([5, 8], 120), (8, 150), (10, 120), (12, 60), (20, 25),
    (None, 25),
)  # fmt: skip
IMAGING: Final[tuple[tuple[Any, int], ...]] = (
    ({"methods": ["fluoroscopy"], "how_often": "always"}, 380),
    ({"methods": ["ultrasound"], "how_often": "always"}, 290),
    ({"methods": ["ct"], "how_often": "always"}, 60), ({"methods": ["ct", "fluoroscopy"], "how_often": "always"}, 25),
    ({"methods": ["ct"], "how_often": "sometimes"}, 15), ({"methods": ["fluoroscopy"], "how_often": "sometimes"}, 90),
    ({"methods": ["ultrasound"], "how_often": "sometimes"}, 60), ({"methods": []}, 50), (None, 30),
)  # fmt: skip
BONES: Final[tuple[tuple[Any, int], ...]] = (
    ("posterior_iliac_crest", 790), ("anterior_iliac_crest", 130), ("vertebra", 6), ("tibia", 20), ("femur", 12),
    ("calcaneus", 5), ("humerus", 14), ("sternum", 3), ("other", 5), (None, 15),
)  # fmt: skip

_ROLES = {True: "Physician", False: "Medical director"}


@dataclass(frozen=True, slots=True)
class SyntheticAttestation:
    """The accepted attestation of one listing; its id is the listing's id."""

    listing_id: int
    subject_name: str
    answers: dict[str, Any]
    signed_at: datetime
    valid_until: datetime
    signer_name: str
    signer_role: str
    digest: str


class AttestationFactory:
    """Makes signed attestations under one ruleset.

    Args:
        ruleset: the rules that they are signed under.
        today: midnight UTC; all dates count back from it.
    """

    def __init__(self, ruleset: Ruleset, today: datetime) -> None:
        self.today = today
        self._ruleset = ruleset
        # One row object serves for every digest: building a million of them takes longer than hashing.
        self._row = Attestation(
            ruleset_id=ruleset.id, state=AttestationState.ACCEPTED, details={}, explanations={},
            statement=ruleset.statement,
            signed_by_id=None,
        )  # fmt: skip

    def sample_answers(self, rng: np.random.Generator, count: int) -> list[dict[str, Any]]:
        """Random sets of answers; the questions are independent of each other."""
        columns = {
            "volume_per_site_ml": weighted_sample(rng, VOLUMES, count),
            "distinct_sites": weighted_sample(rng, SITES, count),
            "imaging_guidance": weighted_sample(rng, IMAGING, count),
            "harvest_bone": weighted_sample(rng, BONES, count),
        }
        return [
            {key: value for key, value in zip(columns, row, strict=True) if value is not None}
            for row in zip(*columns.values(), strict=True)
        ]

    def sample_dates(self, rng: np.random.Generator, count: int) -> list[datetime]:
        """Random moments of signing: within the last eleven months, or more than a year ago for the expired."""
        expired = rng.random(count) < EXPIRED
        days = np.where(expired, rng.integers(375, 700, count), rng.integers(5, 330, count)).tolist()
        hours = rng.integers(13, 23, count).tolist()
        return [self.today - timedelta(days=day, hours=-hour) for day, hour in zip(days, hours, strict=True)]

    def make(
        self, listing_id: int, subject: str, signer: str, answers: dict[str, Any], signed_at: datetime, *, person: bool
    ) -> SyntheticAttestation:
        """An attestation whose digest is valid."""
        row, role = self._row, _ROLES[person]
        row.public_id, row.listing_id, row.answers = public_id(listing_id), listing_id, answers
        row.subject_name, row.subject_npi = subject, npi(listing_id)
        row.signer_name, row.signer_role = signer, role
        row.signed_at, row.valid_until = signed_at, self._ruleset.valid_until(signed_at)
        return SyntheticAttestation(
            listing_id, subject, answers, signed_at, row.valid_until, signer, role, signed_digest(row)
        )


def npi(listing_id: int) -> str:
    """An invalid NPI: valid ones begin with 1 or 2."""
    return f"0{listing_id:09d}"


def public_id(listing_id: int) -> str:
    """The public id of the attestation of a listing."""
    return f"{listing_id:032x}"
