"""Workbooks in and out: plain readers and writers over openpyxl that know neither Flask nor the database."""
