"""The synthetic corpus workbook, read, recognised and cleaned as the product does it."""

import os
from pathlib import Path

import pytest

from sheetcrm.book.read import read_book
from sheetcrm.clean import CleanBook, clean
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise


def folder() -> Path:
    root = os.environ.get("SHEETCRM_CORPUS")
    if not root:
        pytest.skip("SHEETCRM_CORPUS names no corpus folder")
    return Path(root) / "sales" / "zh_synthetic"


def clean_book() -> CleanBook:
    path = folder() / "线索跟踪表_干净.xlsx"
    return clean(recognise(read_book(path), load_kit("standard")))
