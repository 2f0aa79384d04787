"""Prints the oldest versions that pyproject.toml allows, pinned: ``python -m tests.install.oldest EXTRA …``."""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
_LOWEST = re.compile(r"(?P<name>[\w.-]+)(?:\[[\w,]+\])?>=(?P<version>[\d.]+)")


def oldest(*extras: str) -> list[str]:
    """A pin for each dependency of the package and of these extras."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    found = [_LOWEST.match(one) for one in asked]
    return [f"{match['name']}=={match['version']}" for match in found if match is not None]


if __name__ == "__main__":
    print("\n".join(oldest(*sys.argv[1:])))
