import pytest
from flask import Flask

from planner.web import queries


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/things/", "things.index", lambda: "")
    app.add_url_rule("/things/export.<form>", "things.export", lambda form: form)
    return app


def test_an_absent_or_blank_argument_is_none(app: Flask) -> None:
    with app.test_request_context("/things/?q=%20&ministry=%2011000%20"):
        assert queries.argument("q") is None
        assert queries.argument("status") is None
        assert queries.argument("ministry") == "11000"


@pytest.mark.parametrize(
    ("text", "page"),
    [("3", 3), ("๓", 3), ("0", 1), ("-2", 1), ("", 1), ("two", 1), ("1.5", 1), ("9" * 400, 1), ("²", 1)],
)
def test_whatever_is_no_page_is_the_first(app: Flask, text: str, page: int) -> None:
    with app.test_request_context("/things/", query_string={"page": text}):
        assert queries.page_argument() == page


def test_changing_a_part_of_the_address_keeps_the_others(app: Flask) -> None:
    with app.test_request_context("/things/?q=a+b&page=4&sort=code"):
        assert queries.here(sort="title", page=None) == "/things/?q=a+b&sort=title"


def test_an_export_has_the_query_of_the_list_without_its_page(app: Flask) -> None:
    with app.test_request_context("/things/?q=a%26b&page=4&order=desc"):
        assert queries.export_url("things.export", "csv") == "/things/export.csv?q=a%26b&order=desc"


@pytest.mark.parametrize(
    ("page", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (3, 9, [1, 2, 3, 4, 5, None, 9]),
        (6, 12, [1, None, 4, 5, 6, 7, 8, None, 12]),
        (12, 12, [1, None, 10, 11, 12]),
    ],
)
def test_page_numbers_show_the_ends_and_the_neighbours(page: int, last: int, shown: list[int | None]) -> None:
    assert list(queries.page_numbers(page, last)) == shown
