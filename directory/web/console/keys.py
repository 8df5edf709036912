"""The page that lists the keys of the console."""

from dataclasses import dataclass

from directory.web.console.blueprint import blueprint
from directory.web.support.templating import render

_KEYS = (
    (("j", "k"), "Go to the next or previous row of a table."),
    (("Enter",), "Open the row."),
    (("x",), "Select the row."),
    (("n",), "In the queue: take the next case."),
    (("a",), "In the queue: accept or publish the selected cases. You see them first."),
    (("r",), "In the queue: return the selected cases. You see them first."),
    (("/",), "Go to the search field."),
    (("?",), "Open this page."),
)


@dataclass(frozen=True, slots=True)
class KeysPage:
    """`console/keys.html`: the keys, and what each does."""

    keys: tuple[tuple[tuple[str, ...], str], ...]


@blueprint.get("/keys")
def keys() -> str:
    """List the keys, with the button that turns them off."""
    return render("console/keys.html", KeysPage(_KEYS))
