"""The provider's reply to a reviewer's comment, on the page of the question that it is about."""

from wtforms import Form, TextAreaField

from directory.attestations.replies import MAX_REPLY, normalize_reply


class ReplyForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The reply to one comment."""

    reply = TextAreaField(
        "Your reply to the reviewer",
        description=f"If a word helps. Only reviewers read it. At most {MAX_REPLY} characters.",
        filters=[lambda text: normalize_reply(text or "")],
        render_kw={"maxlength": MAX_REPLY, "rows": 3},
    )
