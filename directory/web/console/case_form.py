"""The form of a decision on a case: one choice for each part, reasons, and comments on answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.widgets import CheckboxInput

from directory.certification.ruleset import Ruleset
from directory.errors import Conflict
from directory.review.case_decision import PartDecision
from directory.web.console.forms import COMMENT_PREFIX
from directory.web.support.form_errors import submitted_version

LATER = "later"
"""The choice that leaves a part for later."""

VERSION_PREFIX = "version-"


@dataclass(frozen=True, slots=True)
class PartChoice:
    """A decision that a part offers; `is_back` marks the one that gives it back to the provider."""

    move: str
    text: str
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class CasePart:
    """A part of a case that waits for a decision, with its choices: the first is that to accept it."""

    kind: str
    subject_id: int
    version: int
    title: str
    choices: tuple[PartChoice, ...]

    @property
    def name(self) -> str:
        """The name of its field in the form, such as “attestation-12”."""
        return f"{self.kind}-{self.subject_id}"

    @property
    def version_name(self) -> str:
        """The name of the field with the version that was reviewed."""
        return f"{VERSION_PREFIX}{self.name}"

    def move_of(self, press: str, chosen: str) -> str:
        """The move that a press decides: for all parts, or as chosen."""
        if press == "accept":
            return self.choices[0].move
        if press == "return":
            return next((choice.move for choice in self.choices if choice.is_back), LATER)
        if press == "reject":
            return "reject" if any(choice.move == "reject" for choice in self.choices) else LATER
        return chosen


class CaseForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A decision on a case; `case_form` adds a field for each part and each answer."""

    replies = SelectMultipleField("Reasons", option_widget=CheckboxInput(), validate_choice=False)
    reason = TextAreaField("In your words", render_kw={"rows": 4})
    open_next = BooleanField("Then open the next case")

    @property
    def told(self) -> str:
        """The reason that the provider reads: the chosen ones, then the typed one."""
        offered = [choice.value for choice in self.replies.choices]
        chosen = [text for text in offered if text in (self.replies.data or ())]
        return "\n".join([*chosen, (self.reason.data or "").strip()]).strip()

    @property
    def comments(self) -> Mapping[str, str]:
        """The comments by answer key."""
        named = {field.name: field.data or "" for field in self if field.name.startswith(COMMENT_PREFIX)}
        return {name.removeprefix(COMMENT_PREFIX): text for name, text in named.items()}

    def decisions(self, parts: Sequence[CasePart], press: str, sent: "MultiDict[str, str]") -> list[PartDecision]:
        """The decisions of a press on these parts, without those left for later.

        Raises:
            Conflict: a part that was sent does not wait any more.
        """
        gone = {name for name in sent if name.startswith(VERSION_PREFIX)} - {part.version_name for part in parts}
        if gone:
            raise Conflict("This was decided or taken back in the meantime. What waits now, and who decided, is below.")
        return [
            PartDecision(part.kind, part.subject_id, move, submitted_version(self[part.version_name]))
            for part in parts
            if (move := part.move_of(press, self[part.name].data or LATER)) != LATER
        ]


def case_form(
    parts: Sequence[CasePart],
    ruleset: Ruleset | None,
    replies: Sequence[str],
    sent: "MultiDict[str, str] | None" = None,
) -> CaseForm:
    """Return the form for these parts; `ruleset` is that of the answers, if answers wait.

    `replies` are the reasons to choose from. One that was removed meanwhile is not told.
    """
    fields: dict[str, object] = {}
    for part in parts:
        offered = [SelectChoice(choice.move, choice.text) for choice in part.choices]
        chosen = part.choices[0].move
        fields[part.name] = RadioField(
            part.title, choices=[*offered, SelectChoice(LATER, "Later")], default=chosen, validate_choice=False
        )
        fields[part.version_name] = HiddenField(default=str(part.version))
    for criterion in ruleset.criteria if ruleset else ():
        fields[f"{COMMENT_PREFIX}{criterion.key}"] = TextAreaField(f"Comment on: {criterion.short}")
    form: CaseForm = type("FormOfCase", (CaseForm,), fields)(sent)
    form.replies.choices = [SelectChoice(text, text) for text in replies]
    return form
