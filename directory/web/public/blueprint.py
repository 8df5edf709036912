"""The blueprint of the patients' pages; each module of views registers its own."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)
