"""A file of weights is what it says of itself, before a library and the network believe it."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Annotated, Literal

import pydantic_core
from pydantic import Field, Strict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.fields import CLOSED, Line, PlainData, problem, shortened
from retrieval.files import open_regular

#: A ResNet-50 has 94 MB in float32.
MAX_BYTES = 400 * 1000**2
MAX_HEADER_BYTES = 1_000_000
_LENGTH = struct.Struct("<Q")
#: What a network may be loaded from -> bytes of a number. The integers are BatchNorm's counters.
_SIZES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8, "I64": 8}

Size = Annotated[int, Strict(), Field(ge=0, le=MAX_BYTES)]


@dataclass(frozen=True, config=CLOSED)
class _Tensor:
    """What the header of a safetensors file says of a tensor."""

    dtype: Literal["F16", "BF16", "F32", "F64", "I64"]
    shape: Annotated[tuple[Size, ...], Field(max_length=4)]
    data_offsets: tuple[Size, Size]


_HEADER = TypeAdapter(dict[Line, _Tensor])
_METADATA = TypeAdapter(dict[Line, Annotated[str, Strict(), Field(max_length=100_000)]])
_ABOUT = TypeAdapter(PlainData)


def check_weights(path: Path) -> None:
    """Check a safetensors file: its header, and that its tensors fill it, one after another.

    The format: eight bytes with the length of the header, the header as JSON, then the tensors
    (https://huggingface.co/docs/safetensors, 'Format').

    Raises:
        ArtifactError: If it is something else, or larger than any weights of this program.
    """
    try:
        with open_regular(path) as file:
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            if length > MAX_HEADER_BYTES:
                raise ValueError("its header is too long")
            header = file.read(length)
            filled = file.seek(0, 2) - _LENGTH.size - length
        _check_header(header, filled)
    except (OSError, ValueError, struct.error) as error:
        if isinstance(error, ValidationError):
            reason: object = problem(error)
        else:
            reason = error.strerror if isinstance(error, OSError) else error
        raise ArtifactError(
            f"The weights {path.name} cannot be read ({shortened(reason, 200)}): restore them."
        ) from error


def _check_header(header: bytes, filled: int) -> None:
    """Raises ValueError where the header is none, or says of another number of bytes than are filled."""
    fields = pydantic_core.from_json(header, allow_inf_nan=False)
    if not isinstance(fields, dict):
        raise ValueError("its header is no object")
    metadata = _METADATA.validate_python(fields.pop("__metadata__", {}))
    for text in metadata.values():  # each is JSON, see `retrieval.network.ABOUT`
        if text.startswith("{"):
            _ABOUT.validate_python(pydantic_core.from_json(text, allow_inf_nan=False))
    end = 0
    for tensor in sorted(_HEADER.validate_python(fields).values(), key=lambda each: each.data_offsets):
        start, stop = tensor.data_offsets
        if start != end or stop - start != math.prod(tensor.shape) * _SIZES[tensor.dtype]:
            raise ValueError("its tensors do not fill it one after another")
        end = stop
    if end != filled:
        raise ValueError("its size is not what its header says")
