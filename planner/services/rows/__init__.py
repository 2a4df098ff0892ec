"""The one model of a row, whatever way it comes: by form, grid, workbook or catalogue.

What the columns are stands in `reports.sheets`. Here rows are read back from the database as plain values (`targets`),
compared with what they are to become (`changes`), checked beside everything else (`rules`, `scope`), stored (`store`),
and taken apart into JSON cells (`cells`).
"""
