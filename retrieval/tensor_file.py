"""The header of a file of tensors (safetensors), checked before a library reads the file.

The format: eight bytes with the length of the header, the header as JSON, then the tensors
(https://huggingface.co/docs/safetensors, 'Format').
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import pydantic_core
from pydantic import Field, Strict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.fields import CLOSED, Line, problem, shortened
from retrieval.files import open_regular

#: A ResNet-50 has 94 MB in float32.
MAX_BYTES = 400 * 1000**2
MAX_HEADER_BYTES = 1_000_000
_LENGTH = struct.Struct("<Q")
#: What a network may be loaded from -> bytes of a number. NumPy has no bfloat16; the integers are BatchNorm's
#: counters.
_SIZES = {"F16": 2, "F32": 4, "F64": 8, "I64": 8}

Size = Annotated[int, Strict(), Field(ge=0, le=MAX_BYTES)]


@dataclass(frozen=True, config=CLOSED)
class Tensor:
    """What a header says of a tensor."""

    dtype: Literal["F16", "F32", "F64", "I64"]
    shape: Annotated[tuple[Size, ...], Field(max_length=4)]
    data_offsets: tuple[Size, Size]


@dataclass(frozen=True)
class Header:
    """A header.

    Attributes:
        tensors: By their names.
        metadata: Texts by their names.
    """

    tensors: Mapping[Line, Tensor]
    metadata: Mapping[Line, Annotated[str, Strict(), Field(max_length=100_000)]]


_HEADER = TypeAdapter(Header)


def read_header(path: Path) -> Header:
    """Read the header of a file, and check that its tensors fill it, one after another.

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
        return _checked(header, filled)
    except (OSError, ValueError, struct.error) as error:
        if isinstance(error, ValidationError):
            reason: object = problem(error)
        else:
            reason = error.strerror if isinstance(error, OSError) else error
        raise ArtifactError(
            f"The weights {path.name} cannot be read ({shortened(reason, 200)}): restore them."
        ) from error


def _checked(data: bytes, filled: int) -> Header:
    """A header. Raises ValueError where it is none, or says of another number of bytes than are filled."""
    fields = pydantic_core.from_json(data, allow_inf_nan=False)
    if not isinstance(fields, dict):
        raise ValueError("its header is no object")
    metadata = fields.pop("__metadata__", {})
    header = _HEADER.validate_python({"tensors": fields, "metadata": metadata})
    end = 0
    for tensor in sorted(header.tensors.values(), key=lambda each: each.data_offsets):
        start, stop = tensor.data_offsets
        if start != end or stop - start != math.prod(tensor.shape) * _SIZES[tensor.dtype]:
            raise ValueError("its tensors do not fill it one after another")
        end = stop
    if end != filled:
        raise ValueError("its size is not what its header says")
    return header
