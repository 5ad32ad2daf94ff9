"""`huying rehearse`: stories on a scratch database. Exit 0 all hold, 1 some don't, 2 one can't be read."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from huying.data import rulebook_ids, rulebook_text
from huying.rehearsal.play import prepare, result
from huying.rehearsal.scratch import on_an_empty_register, scratch_database
from huying.rehearsal.story import StoryError, parse
from huying.rules.rulebook import RulebookError

UNREADABLE = 2


def rehearse(paths: Sequence[Path], as_json: bool) -> int:
    """Play the stories in these files and folders and print what didn't hold."""
    status = 0
    files, empty = _files(paths)
    for folder in empty:
        print(f"{folder}: there are no stories (*.toml) in this folder", file=sys.stderr)
        status = UNREADABLE
    if not files:
        return status
    with scratch_database():
        for file in files:
            began = time.perf_counter()
            try:
                told = _played(file)
            except (StoryError, RulebookError) as unreadable:
                print(f"{file}: {unreadable}", file=sys.stderr)
                status = UNREADABLE
                continue
            seconds = time.perf_counter() - began
            written = json.dumps(told, ensure_ascii=False, default=_written) if as_json else None
            print(written or _in_words(file, told, seconds), flush=True)
            status = status or int(not told["passed"])
    return status


def _files(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files to play, in the order in which they are named, and the folders that have none."""
    found = {path: sorted(path.glob("*.toml")) if path.is_dir() else [path] for path in paths}
    return [file for files in found.values() for file in files], [path for path, files in found.items() if not files]


def _played(file: Path) -> Mapping[str, object]:
    try:
        story = parse(file.read_text("utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as unreadable:
        raise StoryError(f"it can't be read: {unreadable}") from unreadable
    with on_an_empty_register():
        player = prepare(story, _rulebook(story.rulebook, file), Path(story.rulebook).stem, file.parent)
        player.play()
        return result(player)


def _rulebook(name: str, story: Path) -> str:
    """Return the text of a shipped rulebook, or of the one that lies there as seen from the story."""
    if name in rulebook_ids():
        return rulebook_text(name)
    try:
        return (story.parent / name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as missing:
        raise StoryError(f"rulebook: {name!r} is neither shipped nor a file beside the story") from missing


def _in_words(file: Path, told: Mapping[str, object], seconds: float) -> str:
    failures = told["failures"]
    lines = [f"{'ok  ' if told['passed'] else 'FAIL'} {file.name}: {told['title']} ({seconds:.2f} s)"]
    for one in failures if isinstance(failures, list) else ():
        where = f"expect[{one['expect']}]" if one["expect"] else f"step[{one['step']}]"
        lines.append(f"     {where} {one['key']}: wanted {_plain(one['want'])}, got {_plain(one['got'])}")
    return "\n".join(lines)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
