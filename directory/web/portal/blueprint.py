"""The blueprint for provider pages, on which each views module registers its routes."""

from flask import Blueprint

from directory.accounts.policy import Action
from directory.web.support.guards import restrict_blueprint

blueprint = Blueprint("portal", __name__, url_prefix="/portal")
restrict_blueprint(blueprint, Action.ADD_LISTING)
