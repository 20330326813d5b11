"""What is wrong with a cell, said once: the Finding value and the catalogue of codes."""

from sheetcrm.findings.catalogue import CATALOGUE, Entry, Severity
from sheetcrm.findings.finding import Finding, Place, at_least, counts, finding

__all__ = ["CATALOGUE", "Entry", "Finding", "Place", "Severity", "at_least", "counts", "finding"]
