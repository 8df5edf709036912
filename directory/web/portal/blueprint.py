"""The blueprint of the providers' pages; each module of views registers its own."""

from flask import Blueprint

from directory.accounts.policy import Action
from directory.web.support.guards import restrict_blueprint

blueprint = Blueprint("portal", __name__, url_prefix="/portal")
restrict_blueprint(blueprint, Action.ADD_LISTING)
