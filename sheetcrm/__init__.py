"""Validated sales-tracking workbooks, weekly checks and summaries for teams who live in Excel."""

__version__ = "0.1.0"
