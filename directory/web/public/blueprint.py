"""The Flask blueprint for the patients' pages; each views module registers its routes on it."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)
