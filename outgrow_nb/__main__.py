"""`python -m outgrow_nb`: the same as the `outgrow-nb` command."""

import sys

from outgrow_nb.cli import main

if __name__ == "__main__":
    sys.exit(main())
