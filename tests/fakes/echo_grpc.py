"""A server that lets pymilvus connect, and answers all else with an error that holds what it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from pymilvus.grpc_gen import milvus_pb2


class _Echo(grpc.GenericRpcHandler):
    def service(self, call: Any):
        sent = {name: str(value) for name, value in call.invocation_metadata}

        def answer(_request: bytes, context: grpc.ServicerContext) -> bytes:
            if call.method.endswith("/Connect"):
                return bytes(milvus_pb2.ConnectResponse().SerializeToString())
            context.abort(grpc.StatusCode.PERMISSION_DENIED, f"refused: {sent}")
            raise AssertionError("abort raises")

        return grpc.unary_unary_rpc_method_handler(answer)


@contextmanager
def echo_server() -> Iterator[str]:
    """The address of such a server."""
    server = grpc.server(ThreadPoolExecutor(2), handlers=[_Echo()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
