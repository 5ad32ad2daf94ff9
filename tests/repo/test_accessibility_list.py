"""docs/accessibility.md has its 25 rows, each held by a test that exists or by a person."""

import ast
import re

import pytest

from tests.conftest import REPOSITORY

LIST = (REPOSITORY / "docs" / "accessibility.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", LIST, re.MULTILINE)
NAMED = [(number, *test) for number, _, held in ROWS for test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held)]


def test_there_are_twenty_five_rows_and_each_is_held() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 26))
    by_tests = {number for number, *_ in NAMED}
    assert {number for number, _, held in ROWS if "person" not in held} <= by_tests


@pytest.mark.parametrize(("number", "path", "name"), NAMED)
def test_each_test_that_is_named_exists(number: str, path: str, name: str) -> None:
    module = ast.parse((REPOSITORY / path).read_text("utf-8"))
    assert name in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}, number
