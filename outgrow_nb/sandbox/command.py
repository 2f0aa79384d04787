"""The command line of the sandbox: `outgrow-nb sandbox …` and `python -m outgrow_nb.sandbox …`."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from outgrow_nb.errors import ConfigError
from outgrow_nb.sandbox.server import Ready, serve
from outgrow_nb.sandbox.settings import LAST_DAY, Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sandbox's options to a parser."""
    normal = Settings()
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--leads", type=int, default=normal.leads, metavar="N", help="leads of the first company")
    parser.add_argument("--seed", type=int, default=normal.seed, metavar="N", help="same seed = same leads")
    parser.add_argument("--access-ttl", type=int, default=normal.access_ttl, metavar="S", help="life of access tokens")
    parser.add_argument(
        "--refresh-grace", type=int, default=0, metavar="S", help="seconds a rotated refresh token still works"
    )
    parser.add_argument("--latency-ms", type=int, default=0, metavar="N", help="how long every answer waits")
    parser.add_argument(
        "--pkce", choices=("required", "optional"), default="required", help="optional: not for a client with a secret"
    )
    parser.add_argument(
        "--until", type=_day, default=LAST_DAY, metavar="DATE", help=f"day of the last lead (default {LAST_DAY})"
    )
    parser.add_argument(
        "--fault", action="append", default=[], type=_fault, metavar="NAME=VALUE", help="something to go wrong"
    )
    parser.add_argument("--state-file", type=Path, metavar="PATH", help="keep port, clients and sign-ins here (0600)")
    parser.add_argument("--linger", type=float, metavar="S", help="end when no registered process has lived for S")


def run(args: argparse.Namespace, *, write: Callable[[str], None]) -> int:
    """Serve until stopped; gives the exit code.

    Args:
        args: What `add_arguments` read.
        write: Gets the one JSON line, with its newline, once the server listens; has to flush.

    Raises:
        ConfigError: An option cannot be used.
        CacheError: The state file cannot be used.
    """
    faults: dict[str, str] = {}
    for name, value in args.fault:
        if name in faults:
            raise ConfigError(f"The fault {name} was given twice.", "Give each --fault once.")
        faults[name] = value
    settings = Settings(
        port=args.port,
        leads=args.leads,
        seed=args.seed,
        access_ttl=args.access_ttl,
        refresh_grace=args.refresh_grace,
        latency_ms=args.latency_ms,
        pkce=args.pkce,
        until=args.until,
        faults=faults,
    )

    def tell(ready: Ready) -> None:
        write(json.dumps(asdict(ready)) + "\n")

    serve(settings, on_ready=tell, state_file=args.state_file, linger=args.linger)
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-06-30") from None


def _fault(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
