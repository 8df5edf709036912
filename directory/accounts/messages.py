"""The messages of Flask-Security in our words, none of which says whether an address has an account."""

SIGN_IN_FAILED_MESSAGE = "This email address and password do not belong together, or the account is not open."
"""The same message for every failed sign-in, so that it does not reveal who has an account."""

_ERRORS = {
    "GENERIC_AUTHN_FAILED": SIGN_IN_FAILED_MESSAGE,
    "EMAIL_NOT_PROVIDED": "Enter your email address.",
    "INVALID_EMAIL_ADDRESS": "This is not a complete email address. It looks like name@example.com.",
    "PASSWORD_NOT_PROVIDED": "Enter your password.",
    "PASSWORD_INVALID_LENGTH": "A password must have at least %(length)s characters.",
    "PASSWORD_TOO_SIMPLE": "This password is easy to guess. Use several words that do not belong together.",
    "RETYPE_PASSWORD_MISMATCH": "The two passwords differ. Enter the same one twice.",
    "PASSWORD_IS_THE_SAME": "This is your current password. Choose another one.",
    "INVALID_PASSWORD": "This is not your password.",
    "INVALID_REDIRECT": "The page to return to is not on this site.",
    "UNAUTHENTICATED": "Please sign in first.",
    "INVALID_CONFIRMATION_TOKEN": "This link does not work. It was used already, or a part of it is missing. "
    "If you cannot sign in, ask for a new link here.",
    "CONFIRMATION_EXPIRED": "This link has run out. It worked for %(within)s. Ask for a new one here.",
    "INVALID_RESET_PASSWORD_TOKEN": "This link does not work. It was used already, or a part of it is missing. "
    "Ask for a new one here.",
    "PASSWORD_RESET_EXPIRED": "This link has run out. It worked for %(within)s. Ask for a new one here.",
    "API_ERROR": "This link does not work. It was used already, or a part of it is missing. Start again here.",
    "CHANGE_EMAIL_EXPIRED": "This link has run out. It worked for %(within)s. Start again here.",
}
_SUCCESSES = {
    "EMAIL_CONFIRMED": "Your email address is confirmed. You can sign in now.",
    "PASSWORD_RESET_NO_LOGIN": "Your new password is set. Sign in with it.",
    "PASSWORD_CHANGE": "Your password is changed. All other devices are signed out.",
    "CHANGE_EMAIL_CONFIRMED": "Your new email address is confirmed. Sign in with it from now on.",
}
_NOTES = {
    "ALREADY_CONFIRMED": "This email address is confirmed already. You can sign in.",
    "CONFIRM_REGISTRATION": "We sent an email to %(email)s.",
    "CONFIRMATION_REQUEST": "If an account for %(email)s waits for its confirmation, we sent a link to that address, "
    "at most once a day.",
    "PASSWORD_RESET_REQUEST": "If there is an account for %(email)s, we sent a link to that address, at most once an "
    "hour.",
    "CHANGE_EMAIL_SENT": "We sent a link to %(email)s. Your address changes when you open it. "
    "If no email comes, the address may have an account here, or got an email from us today.",
    "REAUTHENTICATION_REQUIRED": "You signed in a while ago.",
    "REAUTHENTICATION_SUCCESSFUL": "Thank you.",
}

MESSAGE_SETTINGS = {
    f"SECURITY_MSG_{key}": (message, category)
    for category, messages in (("error", _ERRORS), ("success", _SUCCESSES), ("info", _NOTES))
    for key, message in messages.items()
}
"""The settings of Flask-Security that replace its messages."""
