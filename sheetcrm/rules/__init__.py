"""Rules in Excel's formula language: parse, lint, evaluate on whole columns, render for Excel."""

from sheetcrm.rules.evaluate import Scope, evaluate
from sheetcrm.rules.parse import parse
from sheetcrm.rules.syntax import FormulaError, Node

__all__ = ["FormulaError", "Node", "Scope", "evaluate", "parse"]
