"""The blueprint for reviewer pages, on which each views module registers its routes."""

from flask import Blueprint

from directory.accounts.policy import Action
from directory.web.support.guards import restrict_blueprint

blueprint = Blueprint("console", __name__, url_prefix="/console")
restrict_blueprint(blueprint, Action.SEE_QUEUE, second_factor=True)
