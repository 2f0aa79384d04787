"""Runs jobs in a few threads, a few of them ahead of whoever takes their results; a job that failed is kept."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")
_AHEAD = 2


class Prefetch(Generic[J, R]):
    """Jobs still to be done, and the threads that do them.

    Args:
        work: Does one job, in a thread.
        workers: How many are done at once.

    Attributes:
        waiting: Jobs nobody has begun; add to it while results are taken.
    """

    def __init__(self, work: Callable[[J], R], workers: int) -> None:
        self._work, self._workers = work, workers
        self.waiting: deque[J] = deque()

    def results(self) -> Iterator[tuple[J, R]]:
        """Each job with its result, as they come.

        When a job fails, those under way are still given out; then its error is raised, and it waits again, so that
        another call goes on. Whoever stops taking (Ctrl-C) loses what is under way: it waits again too.
        """
        running: dict[Future[R], J] = {}
        trouble: BaseException | None = None
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="outgrow-nb read")
        try:
            while True:
                while self.waiting and trouble is None and len(running) < self._workers + _AHEAD:
                    job = self.waiting.popleft()
                    running[pool.submit(self._work, job)] = job
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    job = running.pop(future)
                    problem = None if future.cancelled() else future.exception()
                    if future.cancelled() or problem is not None:
                        self.waiting.appendleft(job)
                        trouble = trouble or problem
                    else:
                        yield job, future.result()
                if trouble is not None:
                    for future in running:
                        future.cancel()  # those not begun
        finally:
            self.waiting.extendleft(running.values())
            pool.shutdown(wait=False, cancel_futures=True)
        if trouble is not None:
            raise trouble
