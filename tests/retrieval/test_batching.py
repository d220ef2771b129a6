"""Calls that come together are computed together, in order, and no error or interrupt of one harms others."""

import threading

import numpy as np
import pytest
from PIL import Image

from retrieval.batching import Batcher
from retrieval.embedder import Embedder
from retrieval.preprocessing import Preprocessing

WITHIN = 30  # seconds, after which a thread counts as stuck


class Network:
    """Doubles what it is given; notes each batch, and holds back while `gate` is closed."""

    def __init__(self):
        self.batches = []
        self.gate = threading.Event()
        self.started = threading.Event()

    def forward(self, items):
        self.batches.append(items[:, 0].tolist())
        self.started.set()
        assert self.gate.wait(WITHIN)
        if 13 in items:
            raise ValueError("thirteen")
        return items.astype(np.float32) * 2


class Callers:
    """Threads that call a batcher, and what each was answered."""

    def __init__(self, batcher, forward):
        self.batcher, self.forward = batcher, forward
        self.threads, self.answers = [], {}

    def call(self, *values, forward=None):
        """Call with these, and go on once the call waits or runs."""
        waiting = len(self.batcher._waiting)

        def run():
            items = np.array(values, np.uint8)[:, None]
            try:
                self.answers[values] = self.batcher.run(forward or self.forward, items)[:, 0].tolist()
            except (ValueError, KeyboardInterrupt) as error:
                self.answers[values] = error

        idle = not self.batcher._running
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()
        while not (self.batcher._running if idle else len(self.batcher._waiting) > waiting):
            assert self.threads[-1].is_alive() or self.answers
        return self

    def finish(self):
        for thread in self.threads:
            thread.join(WITHIN)
            assert not thread.is_alive()
        assert not self.batcher._waiting
        assert not self.batcher._running
        return self.answers


@pytest.fixture
def network():
    return Network()


def callers(network, limit=4):
    return Callers(Batcher(lambda: limit), network.forward)


def test_a_lone_call_is_computed_alone_and_at_once(network):
    network.gate.set()
    batcher = Batcher(lambda: 4)
    for value in (1, 2):
        assert batcher.run(network.forward, np.array([[value]], np.uint8)).tolist() == [[2 * value]]
    assert network.batches == [[1], [2]]


def test_what_comes_during_a_pass_goes_in_one_batch_and_each_gets_its_own(network):
    calls = callers(network).call(1)
    for values in ((2,), (3, 4), (5,)):
        calls.call(*values)
    network.gate.set()
    assert calls.finish() == {(1,): [2], (2,): [4], (3, 4): [6, 8], (5,): [10]}
    assert network.batches == [[1], [2, 3, 4, 5]]


def test_the_order_is_that_of_arrival_and_a_small_call_does_not_overtake(network):
    calls = callers(network).call(1)
    for values in ((2, 3, 4), (5, 6), (7,), (8, 9)):
        calls.call(*values)
    network.gate.set()
    calls.finish()
    assert network.batches == [[1], [2, 3, 4], [5, 6, 7], [8, 9]]


def test_a_call_of_more_than_fits_is_computed_alone(network):
    calls = callers(network, limit=2).call(1)
    calls.call(2, 3, 4).call(5)
    network.gate.set()
    calls.finish()
    assert network.batches == [[1], [2, 3, 4], [5]]


def test_an_error_reaches_each_caller_of_its_batch_and_nobody_else(network):
    calls = callers(network, limit=2).call(1)
    calls.call(12).call(13).call(14)
    network.gate.set()
    answers = calls.finish()
    assert (answers[(1,)], answers[(14,)]) == ([2], [28])
    assert all(str(answers[(value,)]) == "thirteen" for value in (12, 13))


def test_calls_of_another_forward_or_shape_do_not_mix(network):
    calls = callers(network).call(1)
    seen = []

    def other(items):
        seen.append(items[:, 0].tolist())
        return items.astype(np.float32)

    calls.call(2).call(3, forward=other).call(4).call(5, forward=other)
    network.gate.set()
    assert calls.finish() == {(1,): [2], (2,): [4], (3,): [3], (4,): [8], (5,): [5]}
    assert (network.batches, seen) == ([[1], [2, 4]], [[3, 5]])


def test_an_interrupted_caller_leaves_the_others_jobs_to_them():
    first, attempts = threading.Event(), []

    def forward(items):
        attempts.append(items[:, 0].tolist())
        if len(attempts) == 1:
            assert first.wait(WITHIN)
            return items.astype(np.float32)
        if len(attempts) == 2:
            raise KeyboardInterrupt
        return items.astype(np.float32)

    calls = Callers(Batcher(lambda: 8), forward).call(1)
    calls.call(2).call(3)
    first.set()
    answers = calls.finish()
    interrupted = [values for values, answer in answers.items() if isinstance(answer, KeyboardInterrupt)]
    assert len(interrupted) == 1
    assert answers | {interrupted[0]: None} == {(1,): [1], (2,): [2], (3,): [3]} | {interrupted[0]: None}


def test_many_threads_get_what_is_theirs():
    batcher = Batcher(lambda: 8)
    sizes, wrong = [], []

    def forward(items):
        sizes.append(len(items))
        return items.astype(np.float32) + 1

    def caller(number):
        for turn in range(50):
            values = np.full((1 + turn % 3, 1), number, np.uint8)
            if not np.array_equal(batcher.run(forward, values), values + 1.0):
                wrong.append(number)

    threads = [threading.Thread(target=caller, args=(number,), daemon=True) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN)
        assert not thread.is_alive()
    assert not wrong
    assert sum(sizes) == 16 * sum(1 + turn % 3 for turn in range(50))
    assert max(sizes) <= 8


class Runtime:
    """A network that gives the mean colour, and waits for `gate` after its first batch."""

    device, dtype, pooling_power, batch, lanes = "cpu", "float32", 1.0, 4, 1

    def __init__(self):
        self.batches, self.gate, self.started = [], threading.Event(), threading.Event()

    def vectors(self, pixels):
        self.batches.append(len(pixels))
        self.started.set()
        assert self.gate.wait(WITHIN)
        return np.repeat(pixels.mean(axis=(1, 2, 3), dtype=np.float32)[:, None], 2048, 1)

    maps = vectors


def test_a_single_image_comes_in_between_the_batches_of_a_whole_map():
    runtime = Runtime()
    embedder = Embedder(runtime, Preprocessing(32))
    images = [Image.new("RGB", (32, 32), (value,) * 3) for value in range(12)]
    done = []

    def embed_map():
        assert embedder.embed(images)[:, 0].tolist() == list(range(12))
        done.append("map")

    def embed_one():
        assert embedder.embed([Image.new("RGB", (32, 32), "white")])[0, 0] == 255
        done.append("one")

    threads = [threading.Thread(target=action, daemon=True) for action in (embed_map, embed_one)]
    threads[0].start()
    assert runtime.started.wait(WITHIN)
    threads[1].start()
    while not embedder._batcher._waiting:
        assert threads[1].is_alive()
    runtime.gate.set()
    for thread in threads:
        thread.join(WITHIN)
    assert sorted(done) == ["map", "one"]
    assert runtime.batches == [4, 1, 4, 4]
