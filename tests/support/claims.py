"""What a test claims a listing with."""

from collections.abc import Callable

from directory.claims.request import ClaimDocument
from directory.claims.tables import Claim

Claims = Callable[..., Claim]
"""The fixture `claim`: claims a listing for an account, with a proof."""

DOCUMENT = ClaimDocument("letter.pdf", "a" * 64, "application/pdf")
