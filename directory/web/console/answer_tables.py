"""The tables of attestations, reports and audited attestations."""

from collections.abc import Iterator, Sequence

from flask import url_for

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.standing import grade_stored
from directory.disputes.lifecycle import WAITING, DisputeState, is_overdue
from directory.disputes.queries import askable_listings, count_waiting
from directory.disputes.tables import Dispute
from directory.review.answer_tables import attestation_table, audit_table, dispute_table
from directory.review.tables import DrawnAttestation
from directory.web.console.record_tables import Cell, ConsoleTable, FoundRecords, add_table
from directory.web.support.report_view import report_subject
from directory.web.support.requests import now, services, session
from directory.web.support.state_labels import ATTESTATION_LABELS, DISPUTE_LABELS
from directory.web.support.templating import format_day

_ANSWER_MARKS = {
    AttestationState.ACCEPTED: "right",
    AttestationState.SUBMITTED: "between",
    AttestationState.RETURNED: "between",
    AttestationState.REVOKED: "wrong",
}


def _answers_match(row: Attestation) -> bool:
    return grade_stored(services().rulesets, row.ruleset_id, row.answers).assessment.badge_earned


def _counts_until(row: Attestation) -> str:
    until = row.valid_until
    return format_day(services().rulesets.counts_until(row.ruleset_id, until)) if until else ""


def _attestation_cells(rows: Sequence[Attestation]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield (
            Cell(row.listing.name, url_for("console.attestation", attestation_id=row.id), f"by {row.signer_name}"),
            Cell(ATTESTATION_LABELS[row.state], mark=_ANSWER_MARKS.get(row.state, "none")),
            Cell("All match" if _answers_match(row) else "Do not all match"),
            Cell(format_day(row.signed_at) if row.signed_at else ""),
            Cell(_counts_until(row)),
            Cell(row.ruleset_id),
        )


ATTESTATIONS = add_table(
    ConsoleTable(
        name="attestations",
        title="Attestations",
        noun=("attestation", "attestations"),
        search_label="Name of the listing or of the signer",
        headers=("Listing", "State", "Answers", "Signed", "Counts until", "Rules"),
        find=lambda text: FoundRecords(
            attestation_table(session(), text, labels=ATTESTATION_LABELS, rulesets=services().rulesets, now=now())
        ),
        cells=_attestation_cells,
        exported={
            "public id": lambda row, _: row.public_id,
            "listing id": lambda row, _: row.listing_id,
            "listing": lambda row, _: row.listing.name,
            "signer": lambda row, _: row.signer_name,
            "role": lambda row, _: row.signer_role,
            "state": lambda row, _: ATTESTATION_LABELS[row.state],
            "answers": lambda row, _: "all match" if _answers_match(row) else "do not all match",
            "signed": lambda row, _: row.signed_at.isoformat(timespec="seconds"),
            "counts until": lambda row, _: _counts_until(row),
            "rules": lambda row, _: row.ruleset_id,
        },
    )
)


def _dispute_cells(rows: Sequence[Dispute]) -> Iterator[tuple[Cell, ...]]:
    askable = askable_listings(session(), [row.listing_id for row in rows])
    for row in rows:
        late = is_overdue(row.state, row.updated_at, now())
        due = f"Answer by {format_day(row.answer_by)}" if row.state is DisputeState.OPEN and row.answer_by else ""
        if row.state is DisputeState.REPORTED and row.listing_id not in askable:
            due = "nobody can be asked"
        mark = ("wrong" if late else "between") if row.state in WAITING else "none"
        yield (
            Cell(row.listing.name, url_for("console.dispute", dispute_id=row.id)),
            Cell(report_subject(row, services().rulesets)),
            Cell(DISPUTE_LABELS[row.state], note="Overdue" if late else due, mark=mark),
            Cell(format_day(row.reported_at)),
            Cell(format_day(row.updated_at)),
        )


def _waiting_reports() -> str:
    total = count_waiting(session())
    return f"{total:,} not closed." if total else "No report waits."


DISPUTES = add_table(
    ConsoleTable(
        name="disputes",
        title="Reports",
        noun=("report", "reports"),
        search_label="Name of the listing, or words of the report",
        headers=("Listing", "About", "State", "Reported", "Changed"),
        find=lambda text: FoundRecords(dispute_table(text, labels=DISPUTE_LABELS, now=now())),
        cells=_dispute_cells,
        note=_waiting_reports,
        exported={
            "id": lambda row, _: row.id,
            "listing id": lambda row, _: row.listing_id,
            "listing": lambda row, _: row.listing.name,
            "about": lambda row, _: report_subject(row, services().rulesets),
            "state": lambda row, _: DISPUTE_LABELS[row.state],
            "remedy": lambda row, _: row.remedy,
            "reported": lambda row, _: row.reported_at.isoformat(timespec="seconds"),
            "changed": lambda row, _: row.updated_at.isoformat(timespec="seconds"),
        },
    )
)


def _audit_cells(rows: Sequence[DrawnAttestation]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        answers = row.attestation
        yield (
            Cell(answers.listing.name, url_for("console.drawn", drawn_id=row.id)),
            Cell(row.draw.quarter),
            Cell(ATTESTATION_LABELS[answers.state], mark=_ANSWER_MARKS.get(answers.state, "none")),
            Cell(format_day(row.looked_at) if row.looked_at else "Not yet", mark="right" if row.looked_at else "none"),
        )


AUDITS = add_table(
    ConsoleTable(
        name="audits",
        title="Drawn attestations",
        noun=("attestation", "attestations"),
        search_label="Name of the listing, or words of the finding",
        headers=("Listing", "Quarter", "Attestation", "Looked at"),
        find=lambda text: FoundRecords(audit_table(session(), text, labels=ATTESTATION_LABELS)),
        cells=_audit_cells,
        exported={
            "id": lambda row, _: row.id,
            "quarter": lambda row, _: row.draw.quarter,
            "public id": lambda row, _: row.attestation.public_id,
            "listing": lambda row, _: row.attestation.listing.name,
            "state": lambda row, _: ATTESTATION_LABELS[row.attestation.state],
            "looked at": lambda row, _: row.looked_at.isoformat(timespec="seconds") if row.looked_at else None,
            "finding": lambda row, _: row.finding,
        },
    )
)
