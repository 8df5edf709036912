"""The database tables of evidence: attachments to the answers of a draft, and reviewers' inspections."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.attestations.tables import Attestation
from directory.database import Base, UtcDateTime, checked_enum


class EvidenceKind(enum.StrEnum):
    """The kind of an attachment."""

    NOTE = "note"
    LINK = "link"
    DOCUMENT = "document"


class Evidence(Base):
    """One attachment to one answer. `text` is the note, the URL, or the original name of the file.

    Triggers created by the migrations reject every UPDATE, and allow INSERT and DELETE only while the attestation is a
    draft. What a reviewer asked for later is `after_signing`: it is added to signed answers, was not signed, and stays.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'document') = (sha256 IS NOT NULL AND media_type IS NOT NULL AND size IS NOT NULL)",
            name="a_document_has_a_file",
        ),
        sa.CheckConstraint("text <> ''", name="says_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attestation_id: Mapped[int] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"), index=True)
    criterion: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[EvidenceKind] = mapped_column(checked_enum(EvidenceKind, "kind"))
    text: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    media_type: Mapped[str | None] = mapped_column(sa.String(40))
    size: Mapped[int | None]
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    after_signing: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    attestation: Mapped[Attestation] = relationship()


class Inspection(Base):
    """A reviewer's inspection for one answer: who, when, and what was seen, in one line.

    Rows never change, and there is at most one for each answer.
    """

    __tablename__ = "evidence_looks"
    __table_args__ = (
        sa.UniqueConstraint("attestation_id", "criterion"),
        sa.CheckConstraint("what <> ''", name="says_what"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attestation_id: Mapped[int] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"))
    criterion: Mapped[str] = mapped_column(sa.String(60))
    what: Mapped[str] = mapped_column(sa.Text)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
