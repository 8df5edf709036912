"""Passkeys (WebAuthn): one signs in without a password, because the device checks its owner by PIN, finger or face."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from flask_security import WebAuthnRegisterForm, WebauthnUtil
from flask_security.webauthn import WebAuthnRegisterResponseForm
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from wtforms import StringField
from wtforms.validators import AnyOf, DataRequired

MAX_NAME_LENGTH = 64

NAME_REQUIRED_MESSAGE = "Give the passkey a name, such as “My phone”."


def settings(operator_name: str) -> dict[str, Any]:
    """Return the settings of Flask-Security for passkeys, which browsers store under the name of the operator."""
    return {
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": operator_name,
        # Otherwise anybody could ask for the passkeys of an email address, and so learn whether it has an account.
        "SECURITY_WAN_ALLOW_USER_HINTS": False,
        "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": True,
        "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": True,
        "SECURITY_WAN_ALLOW_AS_VERIFY": ["first"],
        "SECURITY_WAN_NAME_MAX_LENGTH": MAX_NAME_LENGTH,
        "SECURITY_WAN_NAME_ALLOWED_CHARS": None,
        "SECURITY_WAN_POST_REGISTER_VIEW": "/signin/second-factor",
        "SECURITY_WAN_REGISTER_TEMPLATE": "signin/passkeys.html",
        "SECURITY_WAN_SIGNIN_TEMPLATE": "signin/passkey.html",
        "SECURITY_WAN_VERIFY_TEMPLATE": "signin/passkey.html",
    }


class PasskeyUtil(WebauthnUtil):
    """Requires of every passkey what makes it a second factor in itself."""

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Return what a new passkey must be able to do; unlike the library, accept those of phone and computer too."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Require PIN, finger or face at each sign-in."""
        return UserVerificationRequirement.REQUIRED


class PasskeyForm(WebAuthnRegisterForm):
    """Flask-Security's form for a new passkey, with one usage: to sign in."""

    name = StringField(
        "Name",
        validators=[DataRequired(NAME_REQUIRED_MESSAGE)],
        description="So that you know which one it is, such as “My phone”. At most 64 characters.",
    )
    usage = StringField("Usage", validators=[AnyOf(["first"])], default="first")


class PasskeyResponseForm(WebAuthnRegisterResponseForm):
    """Flask-Security's form for the browser's answer; it would store the extensions as sent, of any type and length."""

    def validate(self, **kwargs: Any) -> bool:
        """Validate the answer and drop the extensions."""
        valid = bool(super().validate(**kwargs))
        self.extensions = ""
        return valid


CLASSES: Mapping[str, type[Any]] = {
    "webauthn_util_cls": PasskeyUtil,
    "wan_register_form": PasskeyForm,
    "wan_register_response_form": PasskeyResponseForm,
}
"""Our classes by Flask-Security's name of the class that each replaces."""


def works_on(host: str) -> bool:
    """Return whether browsers allow passkeys on a site with this host: a name, not an IP address."""
    name = host.removeprefix("[").partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return True
    return False
