"""No test may find what another run, or another test, has kept."""

import pytest

from sheetcrm.book.cache import VARIABLE, user_cache


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    user_cache.cache_clear()
    yield
    user_cache.cache_clear()
