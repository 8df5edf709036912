"""A provider's page of what backs the answers up: notes, links and documents, added to a draft and signed with it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import cast

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response
from wtforms import FileField, Form, RadioField, TextAreaField, URLField
from wtforms.fields import SelectChoice

from directory import transaction
from directory.attestations.lifecycle import State
from directory.attestations.tables import Attestation
from directory.errors import Conflict, Fault, Invalid
from directory.evidence import checking, commands, queries, storage
from directory.evidence.checking import MAX_BYTES, Document
from directory.evidence.pieces import MAX_NOTE, MAX_URL, Link, Note, StoredDocument
from directory.web.portal.assembling import own_attestation
from directory.web.portal.blueprint import blueprint
from directory.web.support.backing import EVIDENCE, Backing, backings, download
from directory.web.support.guards import ATTESTATION
from directory.web.support.limits import limiter
from directory.web.support.refusals import Refused
from directory.web.support.requests import account, actor, now, services, session
from directory.web.support.templating import render

MAX_UPLOAD = MAX_BYTES + 100_000
"""Bytes of a whole request: a document, a note, and what a browser writes around them."""

UPLOADS = "60 per hour"
"""From one address; arbitrary, so that nobody fills the disk."""

HOME = f"/attestations/{ATTESTATION}/evidence"

Answer = str | tuple[str, int] | Response


class EvidenceForm(Form):  # type: ignore[misc]  # WTForms has no types
    """What is added to one answer: one, two or all three."""

    criterion = RadioField("Which answer does it back up?", validate_choice=False)
    note = TextAreaField(
        "A note", description=f"At most {MAX_NOTE:,} letters.", render_kw={"rows": 4, "maxlength": MAX_NOTE}
    )
    link = URLField("A link", description="It begins with https://.", render_kw={"maxlength": MAX_URL})
    document = FileField(
        "A document",
        description="A PDF, a PNG or a JPEG, 10 MB at most. If something has to be corrected, choose the file again.",
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg"},
    )

    def offer(self, rows: tuple[Backing, ...]) -> None:
        """Let the form choose among the answers that were given."""
        self.criterion.choices = [
            SelectChoice(row.key, f"{row.short}: {row.answer_text}") for row in rows if row.answer_text
        ]

    def pieces(self) -> list[Note | Link | Document]:
        """What was filled in.

        Raises:
            Invalid: nothing was, or something breaks a limit; each fault names the field.
        """
        found: list[Note | Link | Document] = []
        faults: list[Fault] = []
        for read in (self._notes, self._links, self._documents):
            try:
                found += read()
            except Invalid as refusal:
                faults += refusal.faults
        if not found and not faults:
            faults.append(Fault("note", "Add a note, a link or a document."))
        if faults:
            raise Invalid(faults)
        return found

    def _notes(self) -> Iterator[Note]:
        if text := (self.note.data or "").strip():
            yield Note(text)

    def _links(self) -> Iterator[Link]:
        if url := (self.link.data or "").strip():
            yield Link(url)

    def _documents(self) -> Iterator[Document]:
        sent = self.document.data
        # A browser sends a file without a name where none was chosen.
        if isinstance(sent, FileStorage) and sent.filename:
            with closing(sent):
                yield checking.checked(sent.filename, sent.stream.read(MAX_BYTES + 1))


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """`portal/evidence.html`: what backs each answer up; once signed it only shows."""

    attestation: Attestation
    rows: tuple[Backing, ...]
    form: EvidenceForm

    def href(self, evidence_id: int) -> str:
        """Where a document is downloaded."""
        return url_for("portal.document", attestation_id=self.attestation.id, evidence_id=evidence_id)

    @property
    def can_add(self) -> bool:
        """Whether it is a draft with an answer to back up."""
        return self.attestation.state is State.DRAFT and bool(self.form.criterion.choices)


@blueprint.get(HOME)
def evidence(attestation_id: int) -> Answer:
    """What backs the answers up."""
    return render("portal/evidence.html", _page(own_attestation(attestation_id), EvidenceForm()))


@blueprint.post(HOME)
@limiter.limit(UPLOADS)
def add_evidence(attestation_id: int) -> Answer:
    """One more piece, or several; or the form again."""
    found = own_attestation(attestation_id)
    form = EvidenceForm(CombinedMultiDict([request.form, request.files]))
    with Refused(form) as refused, transaction.writing() as writing:
        if found.state is not State.DRAFT:
            raise Conflict(commands.SIGNED)
        ruleset = services().rulesets.load(found.ruleset_id)
        for piece in form.pieces():
            kept = _keep(piece) if isinstance(piece, Document) else piece
            commands.add(writing, found, ruleset, form.criterion.data or "", kept, by=actor(), now=now())
        return _back(attestation_id, "Added. It is signed together with your answers.")
    return render("portal/evidence.html", _page(found, form)), refused.status


@blueprint.get(f"{HOME}/{EVIDENCE}")
def document(attestation_id: int, evidence_id: int) -> Answer:
    """A document of mine."""
    own_attestation(attestation_id)
    return download(queries.piece(session(), attestation_id, evidence_id))


@blueprint.post(f"{HOME}/{EVIDENCE}/remove")
def remove_evidence(attestation_id: int, evidence_id: int) -> Answer:
    """A piece taken out of a draft."""
    own_attestation(attestation_id)
    with transaction.writing() as writing:
        commands.remove(writing, queries.piece(writing, attestation_id, evidence_id), by=actor(), now=now())
    return _back(attestation_id, "Removed.")


# Before all else, as the check against forgery reads the whole form.
@blueprint.url_value_preprocessor
def _make_room(endpoint: str | None, _values: object) -> None:
    """Take a larger request, only here, and only from who has signed in."""
    if endpoint != "portal.add_evidence" or account() is None:
        return
    request.max_content_length = MAX_UPLOAD
    if (request.content_length or 0) > MAX_UPLOAD:
        raise RequestEntityTooLarge(checking.too_large(cast(int, request.content_length)))


def _keep(piece: Document) -> StoredDocument:
    """The file is on the disk before a row speaks of it."""
    sha256 = storage.keep(services().settings.uploads, piece.content)
    return StoredDocument(piece.name, sha256, piece.media_type, len(piece.content))


def _page(found: Attestation, form: EvidenceForm) -> EvidencePage:
    rows = backings(session(), found, services().rulesets.load(found.ruleset_id))
    form.offer(rows)
    return EvidencePage(found, rows, form)


def _back(attestation_id: int, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("portal.evidence", attestation_id=attestation_id), 303)
