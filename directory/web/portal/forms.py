"""The form in which an owner retires a listing."""

from wtforms import Form, HiddenField, TextAreaField

from directory.web.support.form_errors import Required


class RetireForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The reason why a listing is retired; the other actions that end something use only the version."""

    reason = TextAreaField("Reason", [Required()], description="It stays on the record, and reviewers read it.")
    version = HiddenField()
