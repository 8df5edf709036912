"""What of a published listing is not public yet: the draft, what waits for a reviewer, and what was returned."""

from dataclasses import dataclass
from datetime import datetime

from directory.listings import queries
from directory.listings.changes import from_json
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.revision_store import find_revision
from directory.listings.tables import Listing
from directory.review.revisions import names_another_provider
from directory.web.support.change_view import ShownChange, shown_changes
from directory.web.support.requests import session


@dataclass(frozen=True, slots=True)
class PendingChanges:
    """`portal/not_public.html`: the differences that patients do not see.

    `draft` is not sent yet; `submitted` waits since `submitted_at`. `returned` is the reason of the reviewer who last
    returned or rejected a change, until another is sent. `ends_answers` warns that the draft would end the badge.
    """

    draft: tuple[ShownChange, ...] = ()
    draft_version: int = 0
    ends_answers: bool = False
    submitted: tuple[ShownChange, ...] = ()
    submitted_at: datetime | None = None
    returned: str = ""

    @property
    def any(self) -> bool:
        """Whether there is something to show."""
        return bool(self.draft or self.submitted or self.returned)


def pending_changes(listing: Listing) -> PendingChanges:
    """Return what is not public yet of a listing; runs three queries."""
    draft = find_revision(session(), listing, RevisionState.DRAFT)
    submitted = find_revision(session(), listing, RevisionState.SUBMITTED)
    proposed = from_json(draft.changes) if draft else ()
    last = next(iter(queries.revision_history(session(), listing.id)), None)
    return PendingChanges(
        draft=shown_changes(proposed),
        draft_version=draft.version if draft else 0,
        ends_answers=names_another_provider(listing, proposed),
        submitted=shown_changes(from_json(submitted.changes)) if submitted else (),
        submitted_at=submitted.updated_at if submitted else None,
        returned=last.reason if last and last.move in {"revision.return", "revision.reject"} else "",
    )
