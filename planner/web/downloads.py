"""Files that pages offer: lists as Excel or CSV, and whatever a service has written into memory."""

import io
from typing import Final

from flask import Response, abort, send_file

from planner.i18n import translator
from planner.services.wording import SYNTHETIC
from planner.web.current import language
from reports.csvfile import render_csv
from reports.values import Table
from reports.workbook import render_table

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"


def send_table(table: Table, name: str, form: str, *, made_up: bool) -> Response:
    """`table` as a download called `name`, as "xlsx" or "csv", in the reader's language; 404 for another form.

    `made_up` data says so in the workbook; a CSV file has no place to say it but its name.
    """
    stream = io.BytesIO()
    if form == "xlsx":
        notices = (SYNTHETIC,) if made_up else ()
        render_table(table, translator(language()), language(), stream, notices)
    elif form == "csv":
        render_csv(table, translator(language()), language(), stream)
    else:
        abort(404)
    return send_stream(stream, f"{name}{'-synthetic' if made_up else ''}.{form}", XLSX if form == "xlsx" else CSV)


def send_stream(stream: io.BytesIO, name: str, mimetype: str = XLSX) -> Response:
    """What was written to `stream`, as a download called `name`."""
    stream.seek(0)
    return send_file(stream, mimetype, as_attachment=True, download_name=name)
