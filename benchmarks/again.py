"""A second `leads()` of the same content with a store: ``python -m benchmarks.again flat|full URL CONTENT_ID``.

Prints wall seconds of the first and the second call, and of a second call in a new client, as a new kernel makes it.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.one import warm
from benchmarks.package import credentials
from outgrow_nb.client import Outgrow
from outgrow_nb.store import Store


def main() -> None:
    """Runs and prints."""
    what, url, content_id = sys.argv[1:]
    warm("package")
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        og, anew = (Outgrow(credentials(url), store=Store(Path(place) / "kept")) for _ in range(2))
        for name, client in (("first", og), ("second", og), ("anew", anew)):
            began = time.perf_counter()
            frame = client.leads(content_id, answers="none" if what == "flat" else "wide")
            found[name] = time.perf_counter() - began
            assert len(frame)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
