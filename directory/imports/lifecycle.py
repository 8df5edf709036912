"""The states of an import and the table of moves between them."""

import enum

from directory.states import apply_move


class ImportState(enum.StrEnum):
    """The state of an import."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    """Its dry run waits or runs."""
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"
    FAILED = "failed"
    """The file cannot be read, from some line on."""


class Move(enum.StrEnum):
    """A transition between the states of an import."""

    CHECK = "check"
    REPORT = "report"
    RUN = "run"
    FINISH = "finish"
    UNDO = "undo"
    FINISH_UNDO = "finish_undo"
    DISCARD = "discard"
    FAIL = "fail"


MOVES: dict[Move, tuple[frozenset[ImportState], ImportState]] = {
    Move.CHECK: (frozenset({ImportState.UPLOADED, ImportState.CHECKED}), ImportState.CHECKING),
    Move.REPORT: (frozenset({ImportState.CHECKING}), ImportState.CHECKED),
    # The command runs a file at once; an admin sees a dry run first.
    Move.RUN: (frozenset({ImportState.UPLOADED, ImportState.CHECKED}), ImportState.RUNNING),
    Move.FINISH: (frozenset({ImportState.RUNNING}), ImportState.DONE),
    # What a stopped or broken run has written can be undone too.
    Move.UNDO: (frozenset({ImportState.RUNNING, ImportState.DONE, ImportState.FAILED}), ImportState.UNDOING),
    Move.FINISH_UNDO: (frozenset({ImportState.UNDOING}), ImportState.UNDONE),
    Move.DISCARD: (frozenset({ImportState.UPLOADED, ImportState.CHECKED}), ImportState.DISCARDED),
    Move.FAIL: (frozenset({ImportState.CHECKING, ImportState.RUNNING}), ImportState.FAILED),
}

AT_WORK = frozenset({ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING})
"""States in which the import waits for the background process."""


def next_state(state: ImportState, move: Move) -> ImportState:
    """The state that `move` leads to.

    Raises:
        Conflict: the move does not start from `state`.
    """
    return apply_move(MOVES, state, move, of="import")
