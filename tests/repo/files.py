"""The files of the repository: tracked, or new and not ignored."""

import subprocess
from functools import cache
from pathlib import Path

from tests.conftest import REPOSITORY

CODE = REPOSITORY / "huying"


@cache
def files() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (REPOSITORY / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


@cache
def texts() -> dict[str, str]:
    """Return what stands in every file that is text, by its path inside the repository."""
    found = {}
    for path in files():
        try:
            found[str(path.relative_to(REPOSITORY))] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return found


def modules() -> list[Path]:
    return [path for path in sorted(CODE.rglob("*.py")) if "migrations" not in path.parts]
