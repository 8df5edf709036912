"""The states of a listing and the table of moves between them."""

import enum

from directory.states import apply_move


class ListingState(enum.StrEnum):
    """The state of a listing; only a published listing is public."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    RETIRED = "retired"


class Move(enum.StrEnum):
    """A transition between the states of a listing."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    RETURN = "return"
    REJECT = "reject"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    RETIRE = "retire"
    MERGE = "merge"
    MERGE_DRAFT = "merge_draft"
    SPLIT = "split"
    SPLIT_DRAFT = "split_draft"
    UNDO_PUBLISH = "undo_publish"
    UNDO_RETURN = "undo_return"
    UNDO_REJECT = "undo_reject"
    UNDO_RETIRE = "undo_retire"


MOVES: dict[Move, tuple[frozenset[ListingState], ListingState]] = {
    Move.SUBMIT: (frozenset({ListingState.DRAFT}), ListingState.SUBMITTED),
    Move.WITHDRAW: (frozenset({ListingState.SUBMITTED}), ListingState.DRAFT),
    Move.PUBLISH: (frozenset({ListingState.SUBMITTED}), ListingState.PUBLISHED),
    Move.RETURN: (frozenset({ListingState.SUBMITTED}), ListingState.DRAFT),
    Move.REJECT: (frozenset({ListingState.SUBMITTED}), ListingState.REJECTED),
    Move.SUSPEND: (frozenset({ListingState.PUBLISHED}), ListingState.SUSPENDED),
    Move.REINSTATE: (frozenset({ListingState.SUSPENDED}), ListingState.PUBLISHED),
    Move.RETIRE: (frozenset({ListingState.PUBLISHED}), ListingState.RETIRED),
    Move.MERGE: (frozenset({ListingState.PUBLISHED}), ListingState.RETIRED),
    Move.MERGE_DRAFT: (frozenset({ListingState.DRAFT}), ListingState.REJECTED),
    Move.SPLIT: (frozenset({ListingState.RETIRED}), ListingState.PUBLISHED),
    Move.SPLIT_DRAFT: (frozenset({ListingState.REJECTED}), ListingState.DRAFT),
    Move.UNDO_PUBLISH: (frozenset({ListingState.PUBLISHED}), ListingState.SUBMITTED),
    Move.UNDO_RETURN: (frozenset({ListingState.DRAFT}), ListingState.SUBMITTED),
    Move.UNDO_REJECT: (frozenset({ListingState.REJECTED}), ListingState.SUBMITTED),
    Move.UNDO_RETIRE: (frozenset({ListingState.RETIRED}), ListingState.PUBLISHED),
}

MERGES = frozenset({Move.MERGE, Move.MERGE_DRAFT, Move.SPLIT, Move.SPLIT_DRAFT})
"""Moves of a listing that is merged into another one of the same provider, or that is split from it again."""

UNDOES: dict[Move, Move] = {
    Move.PUBLISH: Move.UNDO_PUBLISH,
    Move.RETURN: Move.UNDO_RETURN,
    Move.REJECT: Move.UNDO_REJECT,
    Move.RETIRE: Move.UNDO_RETIRE,
    Move.SUSPEND: Move.REINSTATE,
    Move.REINSTATE: Move.SUSPEND,
}
"""For each decision the move that undoes it."""

DECISIONS = frozenset(UNDOES)
"""Moves that a reviewer makes on one listing; the owner may retire a listing too."""

NEEDS_REASON = frozenset({Move.RETURN, Move.REJECT, Move.SUSPEND})
"""Moves that need a reason, which is sent to the provider."""

EDITABLE = frozenset({ListingState.DRAFT})
"""States in which the owner may edit the whole listing without a review."""

CHANGEABLE = frozenset({ListingState.PUBLISHED, ListingState.SUSPENDED})
"""States in which the owner changes live fields at once, and the others by a revision that a reviewer accepts."""

OPEN = frozenset({ListingState.DRAFT, ListingState.SUBMITTED, ListingState.PUBLISHED, ListingState.SUSPENDED})
"""States in which a listing holds its NPI, which prevents a second listing with it."""


EVER_PUBLIC = frozenset({ListingState.PUBLISHED, ListingState.SUSPENDED, ListingState.RETIRED})
"""States that only a listing that was published can have; its public history stays available."""


def next_state(state: ListingState, move: Move) -> ListingState:
    """The state that `move` leads to.

    Raises:
        Conflict: the move does not start from `state`.
    """
    return apply_move(MOVES, state, move, of="listing")
