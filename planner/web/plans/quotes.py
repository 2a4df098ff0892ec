"""The quote of a requirement while it is being typed."""

from flask import Response, jsonify, request

from planner.services.desk.quoting import quote_row
from planner.services.editing import Cell
from planner.web.current import actor, transaction
from planner.web.plans.area import blueprint
from planner.web.rendering import cell_words, unit_words, words

LISTS = frozenset({"regions", "sites"})
"""Fields of which several may be ticked."""
NO_CELLS = frozenset({"csrf_token", "key"})


@blueprint.post("/quote")
def quote() -> Response:
    """What to expect of the requirement in the form, as it stands. Stores nothing."""
    cells: dict[str, Cell] = {
        name: request.form.getlist(name) if name in LISTS else request.form[name]
        for name in request.form
        if name not in NO_CELLS
    }
    with transaction() as database:
        found = quote_row(database, actor(), cells)
    facts = [
        [words(fact.label), f"{cell_words(fact.value, fact)} {unit_words(fact.unit)}".strip()] for fact in found.facts
    ]
    return jsonify(answer=found.answer, sentence=words(found.sentence), facts=facts)
