"""Puts each ipykernel of the matrix into a folder of its own, which a kernel process finds before everything else.

Run it as `python -m tests.install.kernels`; KERNELS=all makes the whole matrix, else its two ends.
"""

import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

FOLDER = Path(sys.prefix) / "kernels"
# The oldest stands with the IPython and jupyter_client of its time; what is missing here comes from .venv.
MATRIX = {
    "6.29.5": ["ipykernel==6.29.5", "nest-asyncio", "ipython==8.*", "decorator", "jupyter-client==8.6.*"],
    "6": ["ipykernel==6.*", "nest-asyncio"],
    "7.0.1": ["ipykernel==7.0.1", "nest-asyncio"],
    "7.3": ["ipykernel==7.3.*"],
    "7": ["ipykernel==7.*"],
}
ENDS = ("6.29.5", "7")


def wanted() -> tuple[str, ...]:
    """The versions of this run, oldest first."""
    return tuple(MATRIX) if os.environ.get("KERNELS") == "all" else ENDS


def installed(name: str) -> str:
    """Which ipykernel stands in the folder of that name; "" where there is none."""
    found = distributions(name="ipykernel", path=[str(FOLDER / name)])
    return next((one.version for one in found), "")


def main() -> None:
    """Makes the folders that are not there."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    for name in wanted():
        if not installed(name):
            made = FOLDER / f"{name}.part"
            subprocess.run([*pip, "--upgrade", f"--target={made}", *MATRIX[name]], check=True)
            made.rename(FOLDER / name)


if __name__ == "__main__":
    main()
