"""Merges a form with what another window stored meanwhile, against the version that the form was made from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form

from directory.web.support.form_errors import FieldDifference, display_value, field_label, is_hidden, iter_fields

Texts = Mapping[str, list[str]]
"""The texts of a form by field name, as browsers send them."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The differences to show, and the form data in which fields that only the other window changed are up to date.

    Without `differences`, nothing that the user has not seen is stored.
    """

    differences: tuple[FieldDifference, ...]
    formdata: "MultiDict[str, str]"


def snapshot(form: Form) -> str:
    """Return the values of a form as text, for a hidden field of the same form."""
    return json.dumps({name: texts for name, texts in _texts(form).items() if texts}, separators=(",", ":"))


def merge_forms(stored: Form, typed: Form, sent: "MultiDict[str, str]", base: str | None) -> Merge:
    """Compare the stored and the typed values with those of `base`.

    Args:
        stored: the form filled with what is stored now.
        typed: the form filled with what was sent.
        sent: the form data that was sent.
        base: the snapshot of the form before it was edited; without a valid one, the user counts as the one who
            changed every field.
    """
    ours, theirs = ({field.name: field for field in iter_fields(form)} for form in (stored, typed))
    before, now, mine = _parse(base), _texts(stored), _texts(typed)
    formdata, differences = MultiDict(sent), []
    for name, field in {**theirs, **ours}.items():
        stored_texts, typed_texts = now.get(name, []), mine.get(name, [])
        base_texts = None if before is None else before.get(name, [])
        if is_hidden(field) or stored_texts in (typed_texts, base_texts):
            continue
        touched = typed_texts != base_texts
        if not touched:
            formdata.setlist(name, stored_texts)
        shown = (display_value(ours.get(name)), display_value(theirs.get(name)) if touched else "")
        differences.append(FieldDifference(field_label(field), *shown, touched=touched))
    return Merge(tuple(differences), formdata)


def touched_names(typed: Form, base: str | None) -> frozenset[str]:
    """Return the names of the fields that were edited since the snapshot `base`; without a valid one, all of them."""
    before = _parse(base)
    return frozenset(
        name
        for name, texts in _texts(typed).items()
        if before is None or sorted(map(str, before.get(name, []))) != sorted(texts)
    )


def _texts(form: Form) -> dict[str, list[str]]:
    return {field.name: _field_texts(field) for field in iter_fields(form) if not is_hidden(field)}


def _field_texts(field: Field) -> list[str]:
    """Return the texts of one field; blank ones are left out, so that a field that was not sent is a blank one."""
    values = field.data if isinstance(field.data, list | tuple) else [field.data]
    texts = ("\n".join(str(value).split("\r\n")).strip() for value in values if value is not None)
    return [text for text in texts if text]


def _parse(base: str | None) -> Texts | None:
    """Return the texts of a snapshot, or None if it is not one."""
    try:
        found = json.loads(base or "")
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(texts, list) for texts in found.values()):
        return None
    return found
