"""Targets that do what no target may: for the test that the fuzzer finds it."""

import os
import signal
import time

from benchmarks.fuzz.worker import Target
from retrieval.query import QueryError


def _case(random):
    return random.randbytes(4)


def _fail(_data):
    raise ZeroDivisionError


def _say_so(_data):
    raise QueryError("This is {what}.", what="no address")


def targets():
    return {
        "good": Target(1, _case, len),
        "named": Target(1, _case, _say_so),
        "nameless": Target(1, _case, _fail),
        "crash": Target(1, _case, lambda _data: os.kill(os.getpid(), signal.SIGSEGV)),
        "exit": Target(1, _case, lambda _data: os._exit(3)),
        "hang": Target(1, _case, lambda _data: time.sleep(60)),
        "memory": Target(1, _case, lambda _data: len(b"x" * 1_200_000_000)),
        "too much memory": Target(1, _case, lambda _data: bytearray(10**11)),
    }
