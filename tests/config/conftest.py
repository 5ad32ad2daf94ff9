from collections.abc import Iterator

import pytest

from tests.config.installation import Installation


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A folder that has been used once, so that its tables are there; nothing runs in it."""
    made = Installation(tmp_path_factory.mktemp("installation") / "home")
    file = made.home.parent / "messages.csv"
    file.write_text("id,body,sent_at\nm-1,小区供暖管道漏水,2026-01-05\n", "utf-8")
    try:
        status, out, err = made.command("load", "contacts", str(file))
        assert (status, out[:28]) == (0, "messages.csv: 1 rows read = "), err
        yield made
        assert made.processes() == []
    finally:
        made.remove()
