"""The command `huying`. Settings come from the environment, see `huying.config.settings`; `PORT` is obeyed."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path

from huying.config.house import Trouble, opened
from huying.config.postgres import Unavailable
from huying.config.processes import PortTaken, stop_on_signals
from huying.config.words import language
from huying.data import rulebook_ids
from huying.rules.access import STAFF
from huying.rules.rulebook import RulebookError
from huying.rules.words import Language

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

    _office(verbs)
    _accounts(verbs)

    _handing_over(verbs)

    load = verbs.add_parser("load", help="take over a file").add_subparsers(required=True, metavar="WHAT")
    _organisation(load)
    contacts = load.add_parser("contacts", help="citizens' messages from a .csv or .xlsx file, as history")
    contacts.add_argument("file", type=Path)
    contacts.add_argument("--rulebook", default="message-board", choices=rulebook_ids())
    contacts.add_argument("--with-replies", action="store_true", help="also close what the file has a reply to")
    contacts.add_argument(
        "--unit", default="city", help="code of the unit that replied (default: the office's level)"
    )
    contacts.set_defaults(command=_load_contacts)

    _rules(verbs)

    ledger = verbs.add_parser("ledger", help="the record").add_subparsers(required=True, metavar="WHAT")
    ledger.add_parser("verify", help="recompute all of it").set_defaults(command=_ledger_verify)

    _directory(verbs)

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


def _office(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    setup = verbs.add_parser("setup", help="make this installation a city's office; asks for what isn't given")
    setup.add_argument("--city", metavar="NAME")
    setup.add_argument("--office", metavar="NAME", help="full name of the office")
    setup.add_argument("--prefix", metavar="LETTERS", help="with which case numbers begin, like YC")
    setup.add_argument("--rulebook", metavar="ID|FILE", help="a shipped one, or a .toml file")
    setup.add_argument("--admin", metavar="USERNAME", help="user name of the first administrator")
    setup.add_argument("--admin-name", metavar="NAME")
    setup.set_defaults(command=_setup)


def _accounts(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    roles = [role.value for role in STAFF]
    user = verbs.add_parser("user", help="accounts").add_subparsers(required=True, metavar="WHAT")
    create = user.add_parser("create", help="make an account; prints a one-time link to set its password")
    create.add_argument("username")
    create.add_argument("--role", required=True, choices=roles)
    create.add_argument("--name", required=True, help="the person's name")
    create.add_argument("--unit", metavar="CODE", help="default: the post's unit, or the office's own level")
    create.add_argument(
        "--post",
        metavar="CODE",
        action="append",
        default=[],
        help="of a leader: the post held; of a liaison: the post acted for, once for each",
    )
    create.set_defaults(command=_user_create)
    reset = user.add_parser("reset", help="end a password and print a new one-time link")
    reset.add_argument("username")
    reset.set_defaults(command=_user_reset)

    token = verbs.add_parser("token", help="tokens for programs").add_subparsers(required=True, metavar="WHAT")
    issue = token.add_parser("create", help="make a token; prints its secret, once")
    issue.add_argument("name")
    issue.add_argument("--role", required=True, choices=roles)
    of = issue.add_mutually_exclusive_group()
    of.add_argument("--unit", metavar="CODE")
    of.add_argument("--post", metavar="CODE")
    issue.set_defaults(command=_token_create)
    revoke = token.add_parser("revoke", help="end a token")
    revoke.add_argument("name")
    revoke.set_defaults(command=_token_revoke)


def _handing_over(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    post = verbs.add_parser("transfer-post", help="hand a post's open cases over to another, after a preview")
    unit = verbs.add_parser("reassign-unit", help="give all that a unit holds to another, after a preview")
    unit.add_argument("--abolish", type=_day, metavar="DATE", help="also end the old unit on a day like 2026-01-31")
    for parser, command in ((post, _transfer_post), (unit, _reassign_unit)):
        parser.add_argument("old", metavar="OLD", help="code")
        parser.add_argument("new", metavar="NEW", help="code of the one that goes on")
        parser.add_argument("--yes", action="store_true", help="don't ask")
        parser.set_defaults(command=command)


def _rules(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rulebook = verbs.add_parser("rulebook", help="look at rulebooks").add_subparsers(required=True, metavar="WHAT")
    rulebook.add_parser("list", help="the shipped ones").set_defaults(command=_rulebook_list)
    check = rulebook.add_parser("check", help="say what is wrong, never happens, or has no source or term")
    check.add_argument("rulebook", metavar="ID|FILE")
    check.set_defaults(command=_rulebook_check)
    diff = rulebook.add_parser("diff", help="say what differs between two")
    for name in ("before", "after"):
        diff.add_argument(name, metavar="ID|FILE|ID@VERSION", help="shipped, a .toml file, or adopted here")
    _in_language(diff, _rulebook_diff)
    chart = rulebook.add_parser("chart", help="draw the flow chart of one as SVG")
    chart.add_argument("rulebook", metavar="ID|FILE")
    chart.add_argument("-o", dest="out", type=Path, metavar="FILE", help="default: print it")
    _in_language(chart, _rulebook_chart)
    show = rulebook.add_parser("show", help="print a shipped one")
    show.add_argument("id", choices=rulebook_ids())
    show.set_defaults(command=_rulebook_show)
    adopt = rulebook.add_parser("adopt", help="have a rulebook be the office's from a day on")
    adopt.add_argument("rulebook", metavar="ID|FILE", help="a shipped one, or a .toml file")
    adopt.add_argument("--from", dest="day", type=_day, metavar="DATE", help="like 2026-01-31 (default: today)")
    adopt.set_defaults(command=_rulebook_adopt)

    calendar = verbs.add_parser("calendar", help="working days").add_subparsers(required=True, metavar="WHAT")
    _previewed(calendar, "load", "a year's working days from a .csv or .xlsx file", _calendar_load)
    paste = calendar.add_parser("paste", help="say what the text of the yearly notice would change; loads nothing")
    paste.add_argument("file", type=Path, help="the text, as copied from the notice")
    paste.set_defaults(command=_calendar_paste)


def _directory(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    directory = verbs.add_parser("directory", help="the signed directory").add_subparsers(
        required=True, metavar="WHAT"
    )
    verify = directory.add_parser("verify", help="say whether a directory.json is as it was signed")
    verify.add_argument("file", type=Path)
    verify.add_argument("--key", help="public key of the city that signed it (default: this installation's own)")
    verify.set_defaults(command=_directory_verify)
    directory.add_parser("key", help="print the public key").set_defaults(command=_directory_key)
    new = directory.add_parser("new-key", help="sign with another key, when the old one is lost or known to others")
    new.set_defaults(command=_directory_new_key)


def _in_language(parser: argparse.ArgumentParser, command: Command) -> None:
    parser.add_argument("--language", choices=("zh", "en"), help="default: the terminal's")
    parser.set_defaults(command=command)


def _organisation(load: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for what, command in (("units", _load_units), ("posts", _load_posts)):
        _previewed(load, what, f"the office's {what} from a .csv or .xlsx file", command)


def _previewed(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_: str, command: Command
) -> None:
    """Add a command that takes over a file after it has shown what that would change."""
    parser = verbs.add_parser(name, help=f"{help_}, after a preview")
    parser.add_argument("file", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.set_defaults(command=command)


def _serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, help="default: PORT of the environment, else 8000")
    parser.add_argument("--workers", type=int, choices=range(1, 9), default=2, help="web processes (default 2)")


def _port(written: str) -> int:
    if not (written.isascii() and written.isdigit() and 1 <= int(written) <= 65535):
        raise argparse.ArgumentTypeError(f"{written!r} is no port; write a number from 1 to 65535")
    return int(written)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{written!r} is no date; write it like 2026-01-31") from wrong


def _port_of(options: argparse.Namespace) -> int:
    """Return --port, else PORT, else 8000. Raises Trouble."""
    if options.port is not None:
        return int(options.port)
    try:
        return _port(os.environ.get("PORT") or "8000")
    except argparse.ArgumentTypeError as wrong:
        raise Trouble(f"PORT is set, and {wrong}") from wrong


def _language_of(options: argparse.Namespace) -> Language:
    """Return --language, else the terminal's."""
    given: Language | None = options.language
    return given or ("zh" if language().startswith("zh") else "en")


# Each command imports what it needs when it runs: most of it can be imported only after Django is set up.


def _up(options: argparse.Namespace) -> int:
    from huying.config.up import up

    return up(options.host, _port_of(options), options.workers)


def _demo(options: argparse.Namespace) -> int:
    from huying.config.up import demo

    return demo(options.host, _port_of(options), options.workers, options.real)


def _setup(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.setting_up import set_up

        return set_up(vars(options))


def _user_create(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.accounts import create_user

        return create_user(options.username, options.role, options.name, options.unit, options.post)


def _user_reset(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.accounts import reset_user

        return reset_user(options.username)


def _token_create(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.accounts import create_token

        return create_token(options.name, options.role, options.unit, options.post)


def _token_revoke(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.accounts import end_token

        return end_token(options.name)


def _transfer_post(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.handing_over import transfer

        return transfer(options.old, options.new, yes=options.yes)


def _reassign_unit(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.handing_over import reassign

        return reassign(options.old, options.new, options.abolish, yes=options.yes)


def _rulebook_adopt(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.rulebook_commands import adopt_from

        return adopt_from(options.rulebook, options.day)


def _load_units(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.organising import load_units

        return load_units(options.file, dry_run=options.dry_run, yes=options.yes)


def _load_posts(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.organising import load_posts

        return load_posts(options.file, dry_run=options.dry_run, yes=options.yes)


def _load_contacts(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.loading import load_contacts

        return load_contacts(options.file, options.rulebook, options.unit if options.with_replies else None)


def _calendar_load(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.calendar_commands import load_calendar

        return load_calendar(options.file, dry_run=options.dry_run, yes=options.yes)


def _calendar_paste(options: argparse.Namespace) -> int:
    with opened(migrate=True):
        from huying.config.calendar_commands import paste_notice

        return paste_notice(options.file)


def _rulebook_list(_options: argparse.Namespace) -> int:
    from huying.config.rulebook_commands import show_list

    return show_list()


def _rulebook_check(options: argparse.Namespace) -> int:
    from huying.config.rulebook_commands import check

    return check(options.rulebook)


def _rulebook_diff(options: argparse.Namespace) -> int:
    from huying.config.rulebook_commands import diff, is_version

    needs_database = is_version(options.before) or is_version(options.after)
    with opened(migrate=False) if needs_database else nullcontext():
        return diff(options.before, options.after, _language_of(options))


def _rulebook_chart(options: argparse.Namespace) -> int:
    from huying.config.rulebook_commands import draw

    return draw(options.rulebook, _language_of(options), options.out)


def _rulebook_show(options: argparse.Namespace) -> int:
    from huying.data import rulebook_text

    print(rulebook_text(options.id), end="")
    return 0


def _ledger_verify(_options: argparse.Namespace) -> int:
    with opened(migrate=False):
        from huying.config.verifying import verify

        return verify()


def _directory_verify(options: argparse.Namespace) -> int:
    from huying.config.directory_commands import ensure_installation, own_key, verify

    if options.key is not None:
        return verify(options.file, options.key)
    ensure_installation()
    with opened(migrate=False):
        key = own_key()
    return verify(options.file, key)


def _directory_key(_options: argparse.Namespace) -> int:
    with opened(migrate=False):
        from huying.config.directory_commands import own_key

        print(own_key())
    return 0


def _directory_new_key(_options: argparse.Namespace) -> int:
    with opened(migrate=False):
        from huying.config.directory_commands import make_new_key

        return make_new_key()


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
