"""Guards of leads beyond this process: nothing secret goes to a worker, and nothing in the clear to another computer."""

from tests.breakages.case import Breakage

PAST = (
    Breakage("D01", "client/beyond.py", "            return found", "            return found.map_partitions(lambda part, token: part, self._credentials.entry.token.refresh.reveal(), meta=found._meta)", "processes/test_dask.py"),
    Breakage("D02", "store/partition.py", "    if open_ones:", "    if False:", "processes/test_dask.py"),
)  # fmt: skip
