"""Questions that are answered by solving again: a button each, the answer above the page that it belongs to."""

from flask import request

from planner.errors import NotFoundError
from planner.services.desk import open_desk
from planner.services.desk.opening import Desk
from planner.services.desk.proofs import Proof, prove_fairness, prove_module, prove_price
from planner.web.current import actor, transaction
from planner.web.plans.area import blueprint
from planner.web.plans.reading import render_page


@blueprint.post("/<code>/expansion")
def prove_expansion(code: str) -> str:
    """The range of a pool's price, or what one more module of an expansion would bring."""
    desk = _open(code)
    return render_page(desk, "expansion", proof=_of_pool_or_module(desk))


@blueprint.post("/<code>/fairness")
def prove_price_of_fairness(code: str) -> str:
    """What fairness costs the other goals."""
    desk = _open(code)
    return render_page(desk, "fairness", proof=prove_fairness(desk))


def _open(code: str) -> Desk:
    """The plan; the transaction ends before the solving begins."""
    with transaction() as database:
        return open_desk(database, actor(), code)


def _of_pool_or_module(desk: Desk) -> Proof:
    if pool := request.form.get("pool"):
        return prove_price(desk, pool)
    if expansion := request.form.get("expansion"):
        return prove_module(desk, expansion)
    raise NotFoundError
