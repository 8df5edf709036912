"""Made-up answers of the synthetic nation, common and rare, so that filters match much, little and next to nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from directory.attestations.digest import signed_digest
from directory.attestations.lifecycle import State
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Ruleset
from directory.cli.bench_chance import picked

RULESET: Final = "bma-2021.1"

ATTESTED: Final = 0.07
EXPIRED: Final = 0.12
"""Of those attested; their answers were accepted once and count no more."""

# Each answer and how many of a thousand give it.
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
class Signed:
    """What the rows of one accepted attestation say: `number` is its listing's, and its own."""

    number: int
    name: str
    answers: dict[str, Any]
    signed_at: datetime
    valid_until: datetime
    signer: str
    role: str
    digest: str


@dataclass
class Answering:
    """Draws answers and signs them; `today` is midnight (UTC), from which all days count back."""

    ruleset: Ruleset
    today: datetime

    def __post_init__(self) -> None:
        self._one = Attestation(
            ruleset_id=self.ruleset.id, state=State.ACCEPTED, details={}, explanations={},
            statement=self.ruleset.statement, signed_by_id=None,
        )  # fmt: skip

    def answers(self, chance: np.random.Generator, count: int) -> list[dict[str, Any]]:
        """So many sets of answers, each question on its own."""
        columns = {
            "volume_per_site_ml": picked(chance, VOLUMES, count),
            "distinct_sites": picked(chance, SITES, count),
            "imaging_guidance": picked(chance, IMAGING, count),
            "harvest_bone": picked(chance, BONES, count),
        }
        return [
            {key: value for key, value in zip(columns, row, strict=True) if value is not None}
            for row in zip(*columns.values(), strict=True)
        ]

    def days(self, chance: np.random.Generator, count: int) -> list[datetime]:
        """When they signed: within the last eleven months, and those that expired more than a year ago."""
        expired = chance.random(count) < EXPIRED
        ago = np.where(expired, chance.integers(375, 700, count), chance.integers(5, 330, count))
        hours = chance.integers(13, 23, count)
        return [
            self.today - timedelta(days=days, hours=-hour)
            for days, hour in zip(ago.tolist(), hours.tolist(), strict=True)
        ]

    def sign(
        self, number: int, name: str, signer: str, answers: dict[str, Any], signed_at: datetime, *, person: bool
    ) -> Signed:
        """The hash is a real one, so that whoever checks the signed document finds it as it was signed."""
        one = self._one
        one.public_id, one.listing_id, one.answers = public_id(number), number, answers
        one.subject_name, one.subject_npi = name, npi(number)
        one.signer_name, one.signer_role = signer, _ROLES[person]
        one.signed_at, one.valid_until = signed_at, self.ruleset.valid_until(signed_at)
        return Signed(number, name, answers, signed_at, one.valid_until, signer, one.signer_role, signed_digest(one))


def npi(number: int) -> str:
    """An impossible NPI: a real one begins with 1 or 2."""
    return f"0{number:09d}"


def public_id(number: int) -> str:
    """The public name of the listing's only attestation."""
    return f"{number:032x}"
