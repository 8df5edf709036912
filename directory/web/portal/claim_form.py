"""The form in which a provider claims a listing, and the form for a code."""

from collections.abc import Sequence
from typing import Any

from wtforms import FileField, Form, HiddenField, RadioField, StringField
from wtforms.fields import SelectChoice

from directory.claims.proofs import ProofOffer
from directory.claims.request import MAX_MAILBOX, MAX_TEXT, ClaimDocument, ClaimRequest
from directory.claims.tables import Proof
from directory.errors import FieldError, Invalid
from directory.evidence.validation import Document
from directory.web.support.form_errors import Required
from directory.web.support.uploads import sent_documents, store

PROOF_LABELS = {
    Proof.MAIL: "A code by mail to your practice’s own address",
    Proof.PHONE: "A call to your practice’s number",
    Proof.DOMAIN: "A record or file at your practice’s own domain",
    Proof.DOCUMENT: "A document",
}


class ClaimForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A claim: who the claimant is, and how they show that it is their practice."""

    role = StringField(
        "Your role",
        [Required()],
        description="Such as “Owner” or “Practice manager”.",
        render_kw={"maxlength": MAX_TEXT, "autocomplete": "organization-title"},
    )
    contact = StringField(
        "How we reach you",
        [Required()],
        description="A telephone number or email address, in case we have a question. If you choose the call, add when "
        "somebody answers your practice’s telephone.",
        render_kw={"maxlength": MAX_TEXT},
    )
    proof = RadioField("How you show that it is your practice", [Required()], validate_choice=False)
    mailbox = StringField(
        "Address at your practice", render_kw={"maxlength": MAX_MAILBOX, "autocomplete": "off", "spellcheck": "false"}
    )
    document = FileField(
        "Document",
        description="A letter on your letterhead or your license, with name and NPI. A PDF, a PNG or a JPEG, 10 MB at "
        "most. If something has to be corrected, choose the file again. We delete it once your claim is decided.",
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg"},
    )

    def offer(self, offers: Sequence[ProofOffer]) -> None:
        """Set the choices to the possible proofs, with the fastest one chosen."""
        self.proof.choices = [SelectChoice(one.proof.value, PROOF_LABELS[one.proof]) for one in offers]
        self.proof.data = self.proof.data or offers[0].proof.value

    def options(self) -> dict[str, Any]:
        """Return the radio button of each possible proof, by its value."""
        return {option.data: option for option in self.proof}

    def request(self) -> ClaimRequest:
        """Return what was typed; a chosen document is validated and stored.

        Raises:
            Invalid: the document is not acceptable.
        """
        proof = Proof(self.proof.data) if self.proof.data in set(Proof) else None
        return ClaimRequest(
            role=self.role.data or "",
            contact=self.contact.data or "",
            proof=proof,
            mailbox=self.mailbox.data or "",
            document=self._stored() if proof is Proof.DOCUMENT else None,
        )

    def _stored(self) -> ClaimDocument | None:
        document: Document | None = next(sent_documents(self.document.data), None)
        return ClaimDocument(document.name, store(document), document.media_type) if document else None


class CodeForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The six digits that prove a claim."""

    code = StringField(
        "The six digits",
        [Required()],
        render_kw={"maxlength": 20, "autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    version = HiddenField()

    def typed(self) -> str:
        """Return the code that was typed.

        Raises:
            Invalid: it does not have six digits.
        """
        digits = "".join((self.code.data or "").split())
        if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
            raise Invalid([FieldError("code", "Enter the six digits of the code.")])
        return digits
