"""The command `huying`. Settings come from the environment, see `huying.config.settings`; `PORT` is obeyed."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from huying.config.house import Trouble
from huying.config.postgres import Unavailable
from huying.config.processes import PortTaken, stop_on_signals
from huying.data import rulebook_ids
from huying.rules.rulebook import RulebookError

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 it couldn't be, 2 misspelt, 3 rows were rejected."""
    options = _parser().parse_args(argv)
    command: Command = options.command
    stop_on_signals()
    try:
        return command(options)
    except (Trouble, Unavailable, PortTaken) as trouble:
        print(f"huying: {trouble}", file=sys.stderr)
    except RulebookError as wrong:
        print(wrong, file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        print("huying: stopped; what was reported as done is kept", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="huying", description="呼应 Huying: every request ends in an answer.")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    up = verbs.add_parser("up", help="start the database, the web server and the worker")
    _serving(up)
    up.set_defaults(command=_up)

    demo = verbs.add_parser("demo", help="the same with a small invented city in it")
    _serving(demo)
    demo.add_argument(
        "--real", type=Path, metavar="FOLDER", help="also load hot_messages.csv and replies.csv from it"
    )
    demo.set_defaults(command=_demo)

    load = verbs.add_parser("load", help="take a file into the register").add_subparsers(
        required=True, metavar="WHAT"
    )
    contacts = load.add_parser("contacts", help="citizens' messages from a .csv or .xlsx file, as history")
    contacts.add_argument("file", type=Path)
    contacts.add_argument("--rulebook", default="message-board", choices=rulebook_ids())
    contacts.add_argument("--with-replies", action="store_true", help="also close what the file has a reply to")
    contacts.add_argument(
        "--unit", default="city", help="code of the unit that replied (default: the office's level)"
    )
    contacts.set_defaults(command=_load_contacts)

    rulebook = verbs.add_parser("rulebook", help="look at rulebooks").add_subparsers(required=True, metavar="WHAT")
    rulebook.add_parser("list", help="the shipped ones").set_defaults(command=_rulebook_list)
    check = rulebook.add_parser("check", help="read a file and say what is wrong or has no source")
    check.add_argument("file", type=Path)
    check.set_defaults(command=_rulebook_check)
    show = rulebook.add_parser("show", help="print a shipped one")
    show.add_argument("id", choices=rulebook_ids())
    show.set_defaults(command=_rulebook_show)

    ledger = verbs.add_parser("ledger", help="the record").add_subparsers(required=True, metavar="WHAT")
    ledger.add_parser("verify", help="recompute all of it").set_defaults(command=_ledger_verify)

    backup = verbs.add_parser("backup", help="write database and files, sealed, to one file")
    backup.add_argument("file", type=Path)
    backup.set_defaults(command=_backup)
    restore = verbs.add_parser("restore", help="fill an empty HUYING_HOME (with its keys put back) from a backup")
    restore.add_argument("file", type=Path)
    restore.set_defaults(command=_restore)
    rehearse = verbs.add_parser("rehearse", help="play stories on a scratch database")
    rehearse.add_argument("paths", type=Path, nargs="+", metavar="FILE_OR_FOLDER")
    rehearse.add_argument("--json", action="store_true", help="a line of JSON for each story")
    rehearse.set_defaults(command=_rehearse)

    verbs.add_parser("doctor", help="say what is missing or wrong").set_defaults(command=_doctor)
    return parser


def _serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, help="default: PORT of the environment, else 8000")
    parser.add_argument("--workers", type=int, choices=range(1, 9), default=2, help="web processes (default 2)")


def _port(written: str) -> int:
    if not (written.isascii() and written.isdigit() and 1 <= int(written) <= 65535):
        raise argparse.ArgumentTypeError(f"{written!r} is no port; write a number from 1 to 65535")
    return int(written)


def _port_of(options: argparse.Namespace) -> int:
    """Return --port, else PORT, else 8000. Raises Trouble."""
    if options.port is not None:
        return int(options.port)
    try:
        return _port(os.environ.get("PORT") or "8000")
    except argparse.ArgumentTypeError as wrong:
        raise Trouble(f"PORT is set, and {wrong}") from wrong


# Each command imports what it needs when it runs: most of it can be imported only after Django is set up.


def _up(options: argparse.Namespace) -> int:
    from huying.config.up import up

    return up(options.host, _port_of(options), options.workers)


def _demo(options: argparse.Namespace) -> int:
    from huying.config.up import demo

    return demo(options.host, _port_of(options), options.workers, options.real)


def _load_contacts(options: argparse.Namespace) -> int:
    from huying.config.house import opened

    with opened(migrate=True):
        from huying.config.loading import load_contacts

        return load_contacts(options.file, options.rulebook, options.unit if options.with_replies else None)


def _rulebook_list(_options: argparse.Namespace) -> int:
    from huying.config.rulebook_commands import show_list

    return show_list()


def _rulebook_check(options: argparse.Namespace) -> int:
    from huying.config.rulebook_commands import check

    return check(options.file)


def _rulebook_show(options: argparse.Namespace) -> int:
    from huying.data import rulebook_text

    print(rulebook_text(options.id), end="")
    return 0


def _ledger_verify(_options: argparse.Namespace) -> int:
    from huying.config.house import opened

    with opened(migrate=False):
        from huying.config.verifying import verify

        return verify()


def _backup(options: argparse.Namespace) -> int:
    from huying.config.house import opened

    with opened(migrate=False) as house:
        from huying.config.backup import back_up

        return back_up(house, options.file)


def _restore(options: argparse.Namespace) -> int:
    from huying.config.house import opened

    with opened(migrate=False, empty=True) as house:
        from huying.config.backup import restore

        return restore(house, options.file)


def _rehearse(options: argparse.Namespace) -> int:
    from huying.config.house import opened

    with opened(migrate=True):
        from huying.config.rehearsing import rehearse

        return rehearse(options.paths, options.json)


def _doctor(_options: argparse.Namespace) -> int:
    from huying.config.doctor import examine

    return examine()
