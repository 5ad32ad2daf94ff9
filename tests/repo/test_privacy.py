"""What must never get into the repository: words of real people, and the machine on which it was written."""

import csv
import re
from collections.abc import Iterator

from tests.conftest import shared
from tests.repo.files import texts

LENGTH = 12  # Han characters in a row, marks between them not counted; shorter runs are everybody's phrases
# Runs that a message and the product both have because both quote the same public text. Look before adding one.
COMMON = {"全国年节及纪念日放假办法"}  # the name of a regulation of the State Council
OTHER = re.compile(r"[^\u4e00-\u9fff]+")
MACHINE = re.compile(r"(?<![\w.$}/])/(?:work|root|tmp|home)/[\w.-]+")
# Where the text is about such a path in general.
GENERAL: dict[str, set[str]] = {}


def runs(text: str) -> Iterator[str]:
    """Yield every run of twelve Han characters of each line."""
    for line in text.splitlines():
        han = OTHER.sub("", line)
        for start in range(len(han) - LENGTH + 1):
            yield han[start : start + LENGTH]


def test_no_sentence_of_a_real_message_is_in_the_repository() -> None:
    folder = shared("data")
    ours = {run: name for name, text in texts().items() for run in runs(text)}
    assert len(ours) > 1000
    found = set()
    for name in ("hot_messages.csv", "replies.csv"):
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                found |= {run for cell in row.values() for run in runs(cell or "") if run in ours}
    assert sorted(f"{ours[run]}: {run}" for run in found - COMMON) == []


def test_no_path_of_the_machine_on_which_it_was_written_is_in_the_repository() -> None:
    for name, text in texts().items():
        if not name.startswith("tests/"):
            assert set(MACHINE.findall(text)) <= GENERAL.get(name, set()), name
