"""The blueprint of the plans, on which every module of this package puts its pages."""

from flask import Blueprint

blueprint = Blueprint("plans", __name__, url_prefix="/plans")
