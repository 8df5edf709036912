"""The provider page for evidence: notes, links and documents, added to a draft and signed with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response
from wtforms import FileField, Form, RadioField, TextAreaField, URLField
from wtforms.fields import SelectChoice

from directory import transaction
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.errors import Conflict, FieldError, Invalid
from directory.evidence import commands, queries
from directory.evidence.attachment import MAX_NOTE, MAX_URL, Attachment, Link, Note, StoredDocument
from directory.evidence.validation import Document
from directory.web.portal.blueprint import blueprint
from directory.web.portal.view_models import own_attestation
from directory.web.support.evidence_view import EVIDENCE_ID, AnswerEvidence, answer_evidence, send_document
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.guards import ATTESTATION_ID
from directory.web.support.limits import limiter
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render
from directory.web.support.uploads import UPLOAD_LIMIT, permit_large_request, sent_documents, store

HOME = f"/attestations/{ATTESTATION_ID}/evidence"

ViewResponse = str | tuple[str, int] | Response


class AttachmentForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A link and a document, each optional."""

    link = URLField("A link", description="It begins with https://.", render_kw={"maxlength": MAX_URL})
    document = FileField(
        "A document",
        description="A PDF, a PNG or a JPEG, 10 MB at most. If something has to be corrected, choose the file again.",
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg"},
    )

    def pieces(self) -> list[Note | Link | Document]:
        """Return the evidence that was filled in.

        Raises:
            Invalid: a field is invalid; each fault names its field.
        """
        found: list[Note | Link | Document] = []
        faults: list[FieldError] = []
        for read in self._readers():
            try:
                found += read()
            except Invalid as refusal:
                faults += refusal.faults
        if faults:
            raise Invalid(faults)
        return found

    def _readers(self) -> tuple[Callable[[], Iterator[Note | Link | Document]], ...]:
        return self._links, self._documents

    def _links(self) -> Iterator[Link]:
        if url := (self.link.data or "").strip():
            yield Link(url)

    def _documents(self) -> Iterator[Document]:
        yield from sent_documents(self.document.data)


class EvidenceForm(AttachmentForm):
    """Evidence for one answer: any of a note, a link and a document."""

    criterion = RadioField("Which answer does it back up?", validate_choice=False)
    note = TextAreaField(
        "A note", description=f"At most {MAX_NOTE:,} letters.", render_kw={"rows": 4, "maxlength": MAX_NOTE}
    )

    def offer(self, rows: tuple[AnswerEvidence, ...]) -> None:
        """Set the choices to the questions that have an answer."""
        self.criterion.choices = [
            SelectChoice(row.key, f"{row.short}: {row.answer_text}") for row in rows if row.answer_text
        ]

    def pieces(self) -> list[Note | Link | Document]:
        """Return the evidence that was filled in.

        Raises:
            Invalid: the form is empty or a field is invalid; each fault names its field.
        """
        found = super().pieces()
        if not found:
            raise Invalid([FieldError("note", "Add a note, a link or a document.")])
        return found

    def _readers(self) -> tuple[Callable[[], Iterator[Note | Link | Document]], ...]:
        return (self._notes, *super()._readers())

    def _notes(self) -> Iterator[Note]:
        if text := (self.note.data or "").strip():
            yield Note(text)


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """`portal/evidence.html`: the evidence for each answer; read-only once signed."""

    attestation: Attestation
    rows: tuple[AnswerEvidence, ...]
    form: EvidenceForm

    def href(self, evidence_id: int) -> str:
        """Return the download URL of a document."""
        return url_for("portal.document", attestation_id=self.attestation.id, evidence_id=evidence_id)

    @property
    def can_add(self) -> bool:
        """Whether the attestation is a draft with at least one answer."""
        return self.attestation.state is AttestationState.DRAFT and bool(self.form.criterion.choices)


@blueprint.get(HOME)
def evidence(attestation_id: int) -> ViewResponse:
    """Show the evidence for the answers."""
    return render("portal/evidence.html", _page(own_attestation(attestation_id), EvidenceForm()))


@blueprint.post(HOME)
@limiter.limit(UPLOAD_LIMIT)
def add_evidence(attestation_id: int) -> ViewResponse:
    """Add evidence, or show the form with errors."""
    found = own_attestation(attestation_id)
    form = EvidenceForm(CombinedMultiDict([request.form, request.files]))
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        if found.state is not AttestationState.DRAFT:
            raise Conflict(commands.ALREADY_SIGNED)
        ruleset = services().rulesets.load(found.ruleset_id)
        for piece in form.pieces():
            commands.add(writing, found, ruleset, form.criterion.data or "", stored(piece), by=actor(), now=now())
        return _redirect_to_evidence(attestation_id, "Added. It is signed together with your answers.")
    return render("portal/evidence.html", _page(found, form)), refused.status


@blueprint.get(f"{HOME}/{EVIDENCE_ID}")
def document(attestation_id: int, evidence_id: int) -> ViewResponse:
    """Download a document of the provider's own attestation."""
    own_attestation(attestation_id)
    return send_document(queries.attachment(session(), attestation_id, evidence_id))


@blueprint.post(f"{HOME}/{EVIDENCE_ID}/remove")
def remove_evidence(attestation_id: int, evidence_id: int) -> ViewResponse:
    """Remove evidence from a draft."""
    own_attestation(attestation_id)
    with transaction.atomic() as writing:
        commands.remove(writing, queries.attachment(writing, attestation_id, evidence_id), by=actor(), now=now())
    return _redirect_to_evidence(attestation_id, "Removed.")


# A URL value preprocessor runs before the CSRF check, which reads the whole form.
@blueprint.url_value_preprocessor
def _allow_large_upload(endpoint: str | None, _values: object) -> None:
    """Raise the request size limit for evidence uploads by signed-in users."""
    if endpoint in {"portal.add_evidence", "portal.answer_message"}:
        permit_large_request()


def stored(piece: Note | Link | Document) -> Attachment:
    """Return what a row can refer to; the file of a document is stored on disk before that."""
    if isinstance(piece, Document):
        return StoredDocument(piece.name, store(piece), piece.media_type, len(piece.content))
    return piece


def _page(found: Attestation, form: EvidenceForm) -> EvidencePage:
    rows = answer_evidence(session(), found, services().rulesets.load(found.ruleset_id))
    form.offer(rows)
    return EvidencePage(found, rows, form)


def _redirect_to_evidence(attestation_id: int, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("portal.evidence", attestation_id=attestation_id), 303)
