"""The vectors of a collection in a Milvus database, in place of a FAISS index in memory.

The artifact folder says which photos there are; a row of the Milvus collection is a row of its catalogue,
with the vector, and with what may be asked of a photo within a search. The properties of the Milvus
collection say which vectors it holds: they are compared when it is opened, and now and then after that.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import CATALOGUE, INDEX, PLACES, ArtifactError, Manifest
from retrieval.errors import Message
from retrieval.milvus_database import CONNECT_SECONDS, Address, Database, DatabaseError
from retrieval.vector_store import Allowed, Area, StoreError

logger = logging.getLogger(__name__)

#: Fields of a row.
ROW, VECTOR, ID, LABEL, PLACED, LONGITUDE, LATITUDE, CONTENT = (
    "row", "vector", "id", "label", "placed", "longitude", "latitude", "content",
)  # fmt: skip
#: The most that Milvus finds at a time.
MAX_K = 16_384
#: Found at a time, over all queries of one call.
_FOUND_AT_ONCE = 100_000
_QUERIES_AT_ONCE = 256
#: Bytes of vectors in one call: servers take 64 MB at most.
VECTOR_BYTES = 8 * 1000**2
#: The properties are compared again after so many seconds, before a search.
CHECK_SECONDS = 10.0
#: What loading may take, of many vectors from a disk.
LOAD_SECONDS = 120.0
#: What stands in the properties while the rows are still being written.
UNFINISHED = "unfinished"
_PROPERTY = "aerial."

#: How wide a search looks, by the kind of index; the exact kind needs nothing.
SEARCH_PARAMETERS: dict[str, dict[str, int]] = {
    "FLAT": {}, "HNSW": {"ef": 256}, "IVF_FLAT": {"nprobe": 64}, "IVF_SQ8": {"nprobe": 64},
    "IVF_PQ": {"nprobe": 64}, "DISKANN": {"search_list": 256},
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """Which vectors a Milvus collection holds.

    Attributes:
        weights: SHA-256 of the weights that made them.
        dimension: Features of a vector.
        count: How many there are.
        content: Of the files that they and all else in the rows come from; `UNFINISHED` until all are there.
    """

    weights: str
    dimension: int
    count: int
    content: str

    @classmethod
    def of(cls, manifest: Manifest) -> Held:
        """What has to be there for an artifact folder."""
        files = [f"{name} {manifest.files.get(name)}" for name in (INDEX, CATALOGUE, PLACES)]
        content = sha256("\n".join(files).encode()).hexdigest()
        return cls(manifest.model.sha256, manifest.model.dimension, manifest.count, content)

    def to_properties(self) -> dict[str, str]:
        """As Milvus keeps them."""
        return {_PROPERTY + name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def read(cls, described: dict[str, Any]) -> Held | None:
        """From what Milvus says of a collection; None where this program did not make it."""
        found = described.get("properties") or {}
        try:
            weights, dimension, count, content = (
                str(found[_PROPERTY + name]) for name in cls.__dataclass_fields__
            )
            return cls(weights, int(dimension), int(count), content)
        except (KeyError, ValueError):
            return None


def milvus_name(collection: str) -> str:
    """What Milvus calls a collection of this name: letters, digits and '_' alone."""
    return "aerial_" + collection.replace("-", "_")


class MilvusStore:
    """A `retrieval.vector_store.VectorStore` in a Milvus database. Any thread may use it.

    Args:
        address: Where the database is.
        manifest: Of the artifact folder whose vectors it has to hold.

    Raises:
        ArtifactError: If it does not answer, or does not hold them: says what to do.
    """

    def __init__(self, address: Address, manifest: Manifest) -> None:
        self._database = Database(address)
        self._name = milvus_name(manifest.name)
        self._called = manifest.name
        self._expected = Held.of(manifest)
        self._parameters: dict[str, int] = {}
        #: When it was last found to hold what it has to; None where that is not known.
        self._checked: float | None = None
        try:
            self._open()
        except DatabaseError as error:
            self.close()
            remedy = "import the collection with 'python -m train milvus'" if address.is_file else "start it"
            raise ArtifactError(f"{address} does not answer ({error}): {remedy}, or name another.") from None
        except ArtifactError:
            self.close()
            raise

    @property
    def dimension(self) -> int:
        """Features of a vector."""
        return self._expected.dimension

    def __len__(self) -> int:
        return self._expected.count

    def search(
        self, queries: NDArray[np.float32], k: int, allowed: Allowed | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The nearest rows of each query, as `VectorStore.search`; `MAX_K` of them at most."""
        if k < 1:
            raise ValueError(f"k is the number of neighbours and has to be at least 1, not {k}.")
        queries = np.ascontiguousarray(queries, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.dimension:
            raise ValueError(f"Queries come as (n, {self.dimension}), not {queries.shape}.")
        limit, wanted = min(k, len(self), MAX_K), expression(allowed or Allowed())
        if wanted is None:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        self._check()
        at_once = max(1, min(_QUERIES_AT_ONCE, _FOUND_AT_ONCE // limit))
        found = [
            hits
            for start in range(0, len(queries), at_once)
            for hits in self._call(
                "search",
                data=queries[start : start + at_once],
                limit=limit,
                filter=wanted,
                output_fields=[ROW],
                search_params={"metric_type": "L2", "params": self._parameters},
            )
        ]
        most = max((len(hits) for hits in found), default=0)
        distances = np.full((len(queries), most), np.inf, np.float32)
        rows = np.full((len(queries), most), -1, np.int64)
        for line, hits in enumerate(found):
            distances[line, : len(hits)] = [hit["distance"] for hit in hits]
            rows[line, : len(hits)] = [hit["entity"][ROW] for hit in hits]
        if rows.size and rows.max() >= len(self):  # rows of another state of the collection
            raise self._changed("it has rows that the catalogue has not")
        known = rows >= 0
        # Milvus gives squares, which rounding can push a hair outside what unit vectors allow.
        distances[known] = np.sqrt(np.clip(distances[known], 0.0, 4.0))
        return distances, rows

    def vectors_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of some rows, as stored: (n, dimension) float32."""
        rows = np.asarray(rows, np.int64)
        if rows.size and not (rows.min() >= 0 and rows.max() < len(self)):
            raise IndexError(f"There are {len(self)} rows, and not all of these.")
        self._check()
        different = np.unique(rows)
        vectors = np.empty((len(different), self.dimension), np.float32)
        at_once = max(1, VECTOR_BYTES // (4 * self.dimension))
        for start in range(0, len(different), at_once):
            asked = different[start : start + at_once]
            found = self._call("get", ids=asked.tolist(), output_fields=[ROW, VECTOR])
            if len(found) != len(asked):
                raise self._changed("rows of the catalogue are missing")
            for each in found:
                vectors[np.searchsorted(different, each[ROW])] = each[VECTOR]
        return vectors[np.searchsorted(different, rows)]

    def vector(self, row: int) -> NDArray[np.float32]:
        """The vector of a row: (dimension,) float32."""
        return np.asarray(self.vectors_of(np.array([row]))[0])

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _open(self) -> None:
        """Compare what is there, and have it loaded. Raises DatabaseError, or ArtifactError."""
        self._compare(CONNECT_SECONDS)
        self._database.call("load_collection", self._name, seconds=LOAD_SECONDS)
        kind = str(self._database.call("describe_index", self._name, VECTOR).get("index_type"))
        self._parameters = SEARCH_PARAMETERS.get(kind, {})
        self._checked = time.monotonic()

    def _compare(self, seconds: float) -> None:
        """Compare what is there with what has to be. Raises DatabaseError, or ArtifactError."""
        address = self._database.address
        imported = f"import it with 'python -m train milvus --artifacts COLLECTION --store {address}"
        try:
            held = Held.read(self._database.call("describe_collection", self._name, seconds=seconds))
        except DatabaseError as error:
            if not error.no_collection:
                raise
            raise ArtifactError(f"{address} does not hold '{self._called}': {imported}'.") from None
        expected = self._expected
        if held is None:
            raise ArtifactError(
                f"{address} has a collection {self._name} that another program made: rename or remove it, "
                f"then {imported}'."
            )
        if held.dimension != expected.dimension:
            raise ArtifactError(
                f"{address} holds '{self._called}' with vectors of {held.dimension} features, and those of "
                f"this collection have {expected.dimension}: {imported} --replace'."
            )
        if held.weights != expected.weights:
            raise ArtifactError(
                f"{address} holds '{self._called}' with vectors of other weights ({held.weights[:12]}…) than "
                f"this collection's ({expected.weights[:12]}…): {imported} --replace'."
            )
        if held.content == UNFINISHED:
            raise ArtifactError(
                f"{address} does not hold all of '{self._called}' yet: wait until its import has ended, or "
                f"{imported}', which goes on where it stopped."
            )
        if held != expected:
            raise ArtifactError(
                f"{address} holds another state of '{self._called}', of {held.count:,} photos: {imported}', "
                "which writes what changed; start the page again where it is the folder that is newer."
            )

    def _check(self) -> None:
        """Compare again, where that is due. Raises StoreError."""
        if self._checked is not None and time.monotonic() - self._checked < CHECK_SECONDS:
            return
        try:
            if self._checked is None:
                self._open()
            else:
                self._compare(CONNECT_SECONDS)
                self._checked = time.monotonic()
        except DatabaseError as error:
            raise self._gone(error) from None
        except ArtifactError as error:
            raise self._changed(str(error)) from None

    def _call(self, method: str, **named: Any) -> Any:  # noqa: ANN401 - as the library gives it
        """Ask for rows. They change with an import alone, so nobody waits for writes that just came."""
        named["consistency_level"] = "Eventually"
        try:
            return self._database.call(method, self._name, **named)
        except DatabaseError:
            self._checked = None
            self._check()  # says what is wrong, or has the vectors loaded again
        try:
            return self._database.call(method, self._name, **named)
        except DatabaseError as error:
            raise self._gone(error) from None

    def _gone(self, error: DatabaseError) -> StoreError:
        self._checked = None
        logger.warning("%s, '%s': %s", self._database.address, self._called, error)
        return StoreError(
            Message(
                "The database with the vectors of this collection does not answer. Try again in a minute: "
                "all else on this page goes on."
            )
        )

    def _changed(self, why: str) -> StoreError:
        self._checked = None
        logger.warning("%s, '%s': %s", self._database.address, self._called, why)
        return StoreError(
            Message(
                "The database no longer holds the vectors of this collection as this page knows them. "
                "Whoever runs the page finds in its log what to do."
            )
        )


def expression(allowed: Allowed) -> str | None:
    """What to ask Milvus for, so that only allowed rows are found; '' for all, None where there are none."""
    if allowed.labels is not None and not allowed.labels:
        return None
    parts = []
    if allowed.labels is not None:
        parts.append(f"{LABEL} in [{', '.join(map(quoted, sorted(allowed.labels)))}]")
    if allowed.area is not None:
        parts.append(_inside(allowed.area))
    if allowed.without:
        parts.append(f"{ROW} not in [{', '.join(str(int(row)) for row in sorted(allowed.without))}]")
    return " and ".join(parts)


def quoted(text: str) -> str:
    """A stranger's text as a text in an expression: JSON's way to write one is Milvus's too."""
    return json.dumps(text, ensure_ascii=False)


def _inside(area: Area) -> str:
    west, south, east, north = map(_plain, area)
    between = "and" if area[0] <= area[2] else "or"  # across the 180th meridian
    return (
        f"{PLACED} == true and ({LONGITUDE} >= {west} {between} {LONGITUDE} <= {east}) "
        f"and {LATITUDE} >= {south} and {LATITUDE} <= {north}"
    )


def _plain(degrees: float) -> str:
    """All digits of a number, without an exponent. Raises ValueError of what is no number."""
    if not np.isfinite(degrees):
        raise ValueError("an area without a corner")
    text = format(Decimal(repr(float(degrees))), "f")
    return text if "." in text else text + ".0"
