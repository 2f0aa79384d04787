"""The `outgrow-nb` command: sign in and out, see who is signed in, save and keep leads, run the embedded Outgrow."""

import argparse
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from outgrow_nb import __version__, connection, terminal
from outgrow_nb.auth.credentials import Credentials
from outgrow_nb.auth.facts import facts
from outgrow_nb.auth.vault import KeyUnavailable
from outgrow_nb.client import Outgrow
from outgrow_nb.errors import ConfigError, OutgrowError, PartialFetch, SignInError
from outgrow_nb.sandbox import command


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        The exit status: 0 done, 1 an error that was told in two lines, 130 stopped by Ctrl-C.
    """
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            return run(arguments)
    except PartialFetch as cut:
        _say(f"{cut.problem.removesuffix(' and are kept.')}; nothing was written.\nRun it again.", sys.stderr)
        return 1
    except OutgrowError as error:
        _say(str(error), sys.stderr)
        return 1
    except KeyboardInterrupt:
        _say("Stopped; nothing was changed.", sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="outgrow-nb", description="Your Outgrow leads as pandas DataFrames.")
    parser.add_argument("--version", action="version", version=f"outgrow-nb {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="open the quickstart notebook on invented leads")
    demo.set_defaults(run=_demo)

    sandbox = commands.add_parser("sandbox", help="run the embedded Outgrow until it is stopped")
    command.add_arguments(sandbox)
    sandbox.set_defaults(run=lambda arguments: command.run(arguments, write=lambda line: _say(line.rstrip())))

    login = _account_command(commands, "login", "sign in and keep it for notebooks on this computer", _login)
    login.add_argument("--no-browser", action="store_true", help="only print the address")
    _account_command(commands, "logout", "give the sign-in back and forget it", _logout)
    _account_command(commands, "status", "who is signed in, and where that is kept", _status)

    leads = _account_command(commands, "leads", "save one content's leads to a file", _leads)
    leads.add_argument("content", metavar="CONTENT", help="its exact title or id")
    leads.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .csv or .parquet file")
    leads.add_argument("--since", help='a date, an instant, or a span such as "30d"')
    leads.add_argument("--until", help="a date (included) or an instant")

    sync = _account_command(commands, "sync", "fetch what is new into a store, for example every hour by cron", _sync)
    sync.add_argument("content", metavar="CONTENT", nargs="*", help="exact titles or ids; without any, all contents")
    sync.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="where leads are kept, in the clear")
    sync.add_argument("--full", action="store_true", help="read everything again, and mark what Outgrow no longer has")

    export = _account_command(commands, "export", "write leads to files that other tools read", _export)
    export.add_argument("path", metavar="PATH", type=Path, help="a .csv, .parquet or .duckdb file, or a new folder")
    export.add_argument("--store", type=Path, metavar="FOLDER", help="what is kept there; else Outgrow is asked")
    export.add_argument("--pii", choices=("mask", "keep"), default="mask", help="keep: people's details as they are")
    return parser


def _account_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument("--profile", help='the name the sign-in is kept under (default "default")')
    parser.add_argument("--sandbox", action="store_true", help="use the embedded Outgrow and its invented people")
    parser.set_defaults(run=run)
    return parser


def _login(arguments: argparse.Namespace) -> int:
    desk = connection.desk_for(profile=arguments.profile, sandbox=arguments.sandbox, saved=True)
    if _stands(desk.credentials):
        known = facts(desk.credentials)
        who = f" as {known.who}" if known else ""
        _say(f"Already signed in{who}. To sign in as somebody else, run outgrow-nb logout first.")
        return 0
    with desk.credentials.cache.exclusive(desk.credentials.profile) as held:
        held.reserve()  # a place that cannot be written shows before anybody signs in
    browser = not arguments.no_browser
    if sys.stdin is not None:
        _say(terminal.sign_in(desk, stdin=sys.stdin, out=sys.stdout, browser=browser))
        return 0
    with Path(os.devnull).open() as silent:  # a scheduler closed the standard input: the listener alone is left
        _say(terminal.sign_in(desk, stdin=silent, out=sys.stdout, browser=browser))
    return 0


def _stands(credentials: Credentials) -> bool:
    """Whether somebody is signed in, and Outgrow still says so."""
    credentials.look()
    if not credentials.signed_in:
        return False
    try:
        Outgrow(credentials).contents()
    except SignInError:
        return False
    return True


def _logout(arguments: argparse.Namespace) -> int:
    credentials = connection.desk_for(profile=arguments.profile, sandbox=arguments.sandbox, saved=True).credentials
    unopened = False
    try:
        credentials.look()
    except KeyUnavailable:
        unopened = True  # forgotten all the same: its message sends people here
    entry = credentials.entry
    confirmed = credentials.sign_out()
    if entry is None and not unopened:
        _say(f"Profile {credentials.profile!r} was not signed in.")
    elif entry is not None and entry.api_key is not None:
        _say("Forgotten on this computer. The API key itself still works: make a new one in Outgrow to end it.")
    elif confirmed:
        _say("Signed out; Outgrow has ended the access.")
    else:
        _say("Signed out on this computer. Outgrow did not confirm, so the access may live on for a while.")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    credentials = connection.desk_for(profile=arguments.profile, sandbox=arguments.sandbox).credentials
    credentials.look()
    known = facts(credentials)
    if known is None:
        _say(f"Profile {credentials.profile!r} is not signed in.\nRun: outgrow-nb login")
        return 1
    until = known.access_until.strftime("%Y-%m-%d %H:%M UTC") if known.access_until else "not told by Outgrow"
    rows = {
        "signed in as": known.who,
        "with": known.way,
        "profile": known.profile,
        "kept in": f"{known.kept_in} ({known.protection})",
        **(
            {"access until": until + (", then renewed by itself" if known.renews else "")}
            if known.way == "sign-in"
            else {}
        ),
    }
    for name, value in rows.items():
        _say(f"{name:<13} {value}")
    return 0


def _leads(arguments: argparse.Namespace) -> int:
    out: Path = arguments.out
    if out.suffix not in (".csv", ".parquet"):
        raise ConfigError(
            f"{out} is neither a .csv nor a .parquet file.", "Give --out a name that ends in one of them."
        )
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"There is no folder {out.absolute().parent}.", "Make it, or give --out another place.")
    client = connection.connect(arguments.profile, sandbox=arguments.sandbox)
    frame = client.leads(arguments.content, since=arguments.since, until=arguments.until)
    problem = ""
    try:
        if out.suffix == ".csv":
            frame.to_csv(out, index=False)
        else:
            frame.to_parquet(out, index=False)
    except OSError as error:
        problem = error.strerror or type(error).__name__
    if problem:
        raise ConfigError(f"Can't write {out} ({problem}).", "Free the place, or give --out another one.")
    _say(f"{len(frame)} leads in {out}")
    return 0


def _sync(arguments: argparse.Namespace) -> int:
    client = connection.connect(arguments.profile, sandbox=arguments.sandbox, store=arguments.store)
    cut = None
    try:
        frame = client.sync(arguments.content or None, full=arguments.full)
    except PartialFetch as error:
        cut = error
    except KeyboardInterrupt:
        _say("Stopped; what was kept before stays.", sys.stderr)
        return 130
    if cut is not None:
        _say(f"{cut.problem}\nRun the same command again: it goes on from there.", sys.stderr)
        return 1
    for row in frame.itertuples(index=False):
        gap = f" · GAP {row.gap} UTC: leads of that time may be missing" if isinstance(row.gap, str) else ""
        _say(f"{row.content}: {row.new} new, {row.changed} changed, {row.gone} gone, {row.total} kept{gap}")
    _say(f"{int(frame['new'].sum())} new leads, {int(frame['total'].sum())} kept in {arguments.store}")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    client = connection.connect(arguments.profile, sandbox=arguments.sandbox, store=arguments.store)
    _say(f"Leads are in {client.export(arguments.path, pii=arguments.pii)}")
    return 0


def _demo(_: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        raise ConfigError(
            "JupyterLab is not installed here.", "Run: pip install jupyterlab 'outgrow-nb[sandbox,explore]'"
        )
    checkout = Path(__file__).resolve().parents[1] / "notebooks" / "01_quickstart.ipynb"
    packaged = Path(__file__).resolve().parent / "notebooks" / "01_quickstart.ipynb"
    notebook = checkout
    if not checkout.exists():
        notebook = Path.cwd() / "outgrow-quickstart.ipynb"
        if not notebook.exists():
            shutil.copy(packaged, notebook)
    connection.start_sandbox()
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    _say(f"Opening {notebook.name} in JupyterLab; stop it with Ctrl-C.")
    place = [f"--ServerApp.root_dir={notebook.parent}", f"--LabApp.default_url=/lab/tree/{notebook.name}"]
    return subprocess.call([sys.executable, "-m", "jupyterlab", *root, *place])


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """One line: at a command line nobody looks for the line of code that warned."""
    _say(f"Note: {message}", sys.stderr)


def _say(text: str, out: TextIO | None = None) -> None:
    stream = out or sys.stdout
    stream.write(text + "\n")
    stream.flush()
