"""What a claimant states in the claim form, validated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from directory.claims.proofs import ProofOffer
from directory.claims.tables import Proof
from directory.errors import FieldError, Invalid
from directory.listings.text_limits import check_text

MAX_TEXT = 200
"""Maximum length of the role and the contact in characters; arbitrary, equal to the column width."""

MAX_MAILBOX = 64
"""Maximum length of the part before the @ in characters; the limit of SMTP."""


@dataclass(frozen=True, slots=True)
class ClaimDocument:
    """An uploaded document whose file is already in storage; `name` is its original file name."""

    name: str
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """The claimant's role, how to reach them, and the proof; `mailbox` is the part of an address before the @."""

    role: str
    contact: str
    proof: Proof | None
    mailbox: str = ""
    document: ClaimDocument | None = None

    def target(self, offered: Sequence[ProofOffer]) -> str:
        """Return the address or number that proves the claim; empty for a document.

        Raises:
            Invalid: a field is empty or too long, or the proof is not one of those offered.
        """
        faults = [*self._text_faults()]
        offer = next((one for one in offered if one.proof is self.proof), None)
        if offer is None:
            faults.append(FieldError("proof", "Choose how you show that this is your practice."))
        target = offer.target if offer else ""
        if offer and offer.proof is Proof.MAIL:
            target = f"{self.mailbox.strip().lower()}@{offer.target}"
            faults += self._mailbox_faults(target, offer.target)
        if offer and offer.proof is Proof.DOCUMENT and self.document is None:
            faults.append(FieldError("document", "Choose a document: a PDF, a PNG or a JPEG."))
        if faults:
            raise Invalid(faults)
        return target

    def _text_faults(self) -> Iterator[FieldError]:
        yield from check_text("role", "Your role", self.role.strip(), least=1, most=MAX_TEXT)
        yield from check_text("contact", "How we reach you", self.contact.strip(), least=1, most=MAX_TEXT)

    def _mailbox_faults(self, address: str, domain: str) -> Iterator[FieldError]:
        yield from check_text("mailbox", "The part before the @", self.mailbox.strip(), least=1, most=MAX_MAILBOX)
        try:
            made = validate_email(address, check_deliverability=False, allow_quoted_local=False, test_environment=True)
        except EmailNotValidError:
            made = None
        if self.mailbox.strip() and (made is None or "@" in self.mailbox or made.ascii_domain != domain):
            yield FieldError("mailbox", f"Enter only the part before the @, such as “office” for office@{domain}.")
