"""`python -m outgrow_nb.sandbox`: how the sandbox starts as a process of its own."""

import argparse
import sys

from outgrow_nb.errors import OutgrowError
from outgrow_nb.sandbox.command import add_arguments, run


def _write(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


def main() -> int:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="outgrow-nb sandbox", description="An embedded Outgrow with invented leads.")
    add_arguments(parser)
    try:
        return run(parser.parse_args(), write=_write)
    except OutgrowError as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
