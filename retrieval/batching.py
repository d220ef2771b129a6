"""Calls that come together are computed together, in turn, by whichever of the callers is free to do it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Forward = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(eq=False)
class _Job:
    forward: Forward
    items: NDArray[np.uint8]
    result: NDArray[np.float32] | None = None
    error: Exception | None = None
    done: bool = False


class Batcher:
    """Lets one forward pass run at a time; what arrives meanwhile waits, and goes in one batch.

    A call that comes alone runs at once: nobody waits for company, only for the pass that is running. The
    order is that of arrival. There is no thread to start or stop: the caller that finds nothing running does
    the work for those before it and its own. It may be used from many threads.

    Args:
        limit: How many items fit into a batch; asked each time, as it may shrink. A call of more runs alone.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._waiting: deque[_Job] = deque()
        self._running = False
        self._state = threading.Condition()

    def run(self, forward: Forward, items: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Call `forward` with these items, perhaps among others' of the same forward and shape.

        Args:
            forward: (n, ...) -> (n, ...), row by row; the same object for calls that may go together.
            items: (n, ...), n >= 1.

        Returns:
            The rows of these items.

        Raises:
            Exception: What `forward` raised for the batch with these items.
        """
        job = _Job(forward, items)
        with self._state:
            self._waiting.append(job)
        try:
            while True:
                with self._state:
                    self._state.wait_for(lambda: job.done or not self._running)
                    if job.done:
                        break
                    self._running = True
                    batch = self._next_batch()
                self._compute(batch)
        finally:
            with self._state:  # an interrupted caller leaves nothing behind
                if job in self._waiting:
                    self._waiting.remove(job)
        if job.error:
            raise job.error
        assert job.result is not None
        return job.result

    def _next_batch(self) -> list[_Job]:
        """Take the job that waited longest, and those of its kind behind it that fit."""
        first = self._waiting.popleft()
        batch, count, limit = [first], len(first.items), self._limit()
        for job in list(self._waiting):
            same = job.forward == first.forward and job.items.shape[1:] == first.items.shape[1:]
            if same and count + len(job.items) > limit:
                break  # it comes first next time: smaller ones do not overtake it
            if same:
                self._waiting.remove(job)
                batch.append(job)
                count += len(job.items)
        return batch

    def _compute(self, batch: list[_Job]) -> None:
        """Run a batch outside the lock, hand out its rows or its error, and let the next one run."""
        try:
            results = batch[0].forward(np.concatenate([job.items for job in batch]))
            for job in batch:
                job.result, results = results[: len(job.items)], results[len(job.items) :]
                job.done = True
        except Exception as error:
            for job in batch:
                job.error, job.done = error, True
        finally:
            with self._state:
                # This caller alone was interrupted: the others' jobs are still to be done.
                self._waiting.extendleft(job for job in reversed(batch) if not job.done)
                self._running = False
                self._state.notify_all()
