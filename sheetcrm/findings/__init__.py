"""What is wrong with a cell, said once: the Finding value and the catalogue of codes."""

from sheetcrm.findings.catalogue import CATALOGUE, FAMILIES, Entry, Severity
from sheetcrm.findings.finding import (
    Finding,
    Place,
    at_least,
    counts,
    file_name,
    finding,
    plain_heading,
)
from sheetcrm.findings.report import Group, cell_ranges, group, line, sentence

__all__ = [
    "CATALOGUE",
    "FAMILIES",
    "Entry",
    "Finding",
    "Group",
    "Place",
    "Severity",
    "at_least",
    "cell_ranges",
    "counts",
    "file_name",
    "finding",
    "group",
    "line",
    "plain_heading",
    "sentence",
]
