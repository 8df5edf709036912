"""The words of the queue for the kinds of things that wait, and for flags."""

import enum
from collections.abc import Mapping

from directory.review.case_kinds import Flag, ItemKind

KIND_LABELS = {
    ItemKind.LISTING: "New listing",
    ItemKind.REVISION: "Change",
    ItemKind.ATTESTATION: "Answers",
    ItemKind.CLAIM: "Claim",
    ItemKind.REPORT: "Report",
    ItemKind.REMOVAL: "Take down",
    ItemKind.DUPLICATE: "Duplicate",
    ItemKind.AUDIT: "Random audit",
    ItemKind.UNMANAGED: "Managed by nobody",
    ItemKind.DEACTIVATED: "NPI deactivated",
    ItemKind.MESSAGE: "Message",
    ItemKind.FAILED_MAIL: "Failed mail",
    ItemKind.IMPORT_DIFFERENCE: "Import difference",
}

FLAG_LABELS: Mapping[enum.StrEnum, str] = {
    Flag.NPI_DIGIT: "NPI check digit",
    Flag.NO_NPI: "No NPI",
    Flag.NOT_PLACED: "Address not found",
    Flag.DUPLICATE: "May be listed twice",
    Flag.OTHER_PROVIDER: "Another name or NPI",
    Flag.CONTRADICTION: "Cross-check",
    Flag.WORSE_GRADE: "Worse grade",
    Flag.LARGE_CHANGE: "Large change",
    Flag.NOT_PUBLIC: "Listing not public",
    Flag.CONTESTED: "Claimed by others",
    Flag.NOT_PROVED: "Proof to check",
    Flag.REPORTED: "Patient disagrees",
    Flag.NO_ACCOUNT: "Asked without an account",
    Flag.UNMANAGED: "Nobody manages it",
    Flag.DEACTIVATED: "Suspended by import",
}
