"""Forms of the console's pages about people."""

from wtforms import EmailField, Form, HiddenField, SelectChoice, SelectField, StringField

from directory.accounts.policy import Role
from directory.errors import FieldError, Invalid
from directory.web.support.form_errors import Required

ROLE_CHOICES = (
    SelectChoice(Role.PROVIDER.value, "Provider: manages listings"),
    SelectChoice(Role.REVIEWER.value, "Reviewer: decides, merges, imports"),
    SelectChoice(Role.ADMIN.value, "Admin: also people, settings and mail"),
)


class ReasonForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Why an admin does something; `act` tells the forms of one page apart."""

    reason = StringField("Why (stays on the record)", [Required()])

    def __init__(self, act: str, *arguments: object, **values: object) -> None:
        super().__init__(*arguments, **values)
        for field in self:
            field.id = field.label.field_id = f"{act}-{field.name}"


class RoleForm(ReasonForm):
    """A new role, and the role that was shown."""

    role = SelectField("Role", choices=ROLE_CHOICES)
    before = HiddenField()


class InvitationForm(ReasonForm):
    """Whom to invite, and as what."""

    email = EmailField("Invite by email", [Required()])
    role = SelectField("As", choices=ROLE_CHOICES, default=Role.REVIEWER.value)


def submitted_role(text: object) -> Role:
    """Return a role.

    Raises:
        Invalid: there is no such role.
    """
    if text not in set(Role):
        raise Invalid([FieldError("role", "Choose one of the roles.")])
    return Role(str(text))
