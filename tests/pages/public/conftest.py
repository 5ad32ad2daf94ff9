from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.builders import NOW
from tests.pages.reading import set_clock


@pytest.fixture(autouse=True)
def ten_march(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is Tuesday 10 March, 09:15, and nobody has tried anything yet."""
    set_clock(monkeypatch, NOW)
    cache.clear()
    yield
    cache.clear()
