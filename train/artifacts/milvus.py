"""A collection -> a Milvus database: in batches, on from where it was cut off, and only what changed.

Each row holds a checksum of what was written. A run reads those that are there, writes the rows that differ,
and removes those that the collection has not; then it reads all again. So it may be stopped at any moment,
and run again at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from retrieval.collections.artifacts import ArtifactError
from retrieval.collections.collection import Collection
from retrieval.milvus_database import Address, Database, DatabaseError
from retrieval.milvus_store import (
    CONTENT,
    ID,
    LABEL,
    LATITUDE,
    LOAD_SECONDS,
    LONGITUDE,
    MAX_K,
    PLACED,
    ROW,
    UNFINISHED,
    VECTOR,
    VECTOR_BYTES,
    Held,
    milvus_name,
)  # fmt: skip

Rows = NDArray[np.int64]

#: The most vectors that are compared one by one, which is exact.
EXACT_COUNT = 100_000
#: What each kind of index is built with.
BUILT_WITH: dict[str, dict[str, int]] = {
    "FLAT": {}, "HNSW": {"M": 32, "efConstruction": 256}, "IVF_FLAT": {"nlist": 4096},
    "IVF_SQ8": {"nlist": 4096}, "IVF_PQ": {"nlist": 4096, "m": 128, "nbits": 8}, "DISKANN": {},
}  # fmt: skip
#: Of the longest label and the longest id, in UTF-8.
_LABEL_BYTES, _ID_BYTES = 800, 4000
_WRITE_SECONDS = 60.0
#: How often what differs is written, before somebody else is thought to be at it too.
_PASSES = 3


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    count: int
    written: int
    removed: int
    kind: str


def import_collection(
    collection: Collection, address: Address, kind: str | None = None, *, replace_target: bool = False
) -> Imported:
    """Bring a Milvus database to the state of a collection.

    Args:
        collection: With its own index.
        address: Of the database. A file is made where there is none.
        kind: Of index, one of `BUILT_WITH`; by default FLAT of up to `EXACT_COUNT` vectors, else HNSW.
        replace_target: Whether what is there of other weights, or with another kind of index, is removed.

    Raises:
        ArtifactError: If the database does not answer, or holds what may not be replaced.
    """
    with closing(Database(address, make=True)) as database:
        try:
            return _Import(collection, database).run(kind, replace_target=replace_target)
        except DatabaseError as error:
            raise ArtifactError(
                f"{address} does not take '{collection.name}' ({error}). What it took already stays there: "
                "run the command again, and it goes on."
            ) from None


class _Import:
    def __init__(self, collection: Collection, database: Database) -> None:
        self._collection, self._database = collection, database
        self._name = milvus_name(collection.name)
        self._held = Held.of(collection.manifest)
        self._at_once = max(1, VECTOR_BYTES // (4 * self._held.dimension))

    def run(self, kind: str | None, *, replace_target: bool) -> Imported:
        kind = self._prepare(kind, replace_target=replace_target)
        self._call("load_collection", seconds=LOAD_SECONDS)
        expected = np.concatenate([self._checksums(rows) for rows in _blocks(len(self), self._at_once)])
        written = removed = 0
        for _ in range(_PASSES):
            differing, further = np.flatnonzero(self._there() != expected), self._further()
            if not len(differing) and not len(further):
                break
            self._tell(replace(self._held, content=UNFINISHED))
            self._write(differing, expected)
            while len(further):
                self._call("delete", ids=further.tolist(), seconds=_WRITE_SECONDS)
                removed += len(further)
                further = self._further()
            written += len(differing)
        else:
            raise ArtifactError(
                f"Another program writes '{self._collection.name}' into {self._database.address} too: wait "
                "until it has ended, and run this again."
            )
        if written or removed:
            self._call("flush", seconds=LOAD_SECONDS)
        self._tell(self._held)
        return Imported(len(self), written, removed, kind)

    def __len__(self) -> int:
        return self._held.count

    def _call(self, method: str, **named: Any) -> Any:  # noqa: ANN401 - as the library gives it
        return self._database.call(method, self._name, **named)

    def _tell(self, held: Held) -> None:
        for _ in range(2):  # Milvus 2.3.5 forgets the last change of properties when it is started again
            self._call("alter_collection_properties", properties=held.to_properties())

    def _prepare(self, kind: str | None, *, replace_target: bool) -> str:
        """Have a Milvus collection that takes the rows. Returns the kind of its index."""
        if self._call("has_collection"):
            held = Held.read(self._call("describe_collection"))
            if held is None:
                raise ArtifactError(
                    f"{self._database.address} has a collection {self._name} that another program made: "
                    "rename or remove it first."
                )
            there = str(self._call("describe_index", index_name=VECTOR).get("index_type"))
            fits = (held.weights, held.dimension) == (self._held.weights, self._held.dimension)
            if fits and kind in (None, there):
                return there
            if not replace_target:
                other = f"the index {there}" if fits else "vectors of other weights"
                raise ArtifactError(
                    f"{self._database.address} holds '{self._collection.name}' with {other}: have it "
                    "removed and imported anew with --replace."
                )
            self._call("drop_collection", seconds=_WRITE_SECONDS)
        made = kind or ("FLAT" if len(self) <= EXACT_COUNT else "HNSW")
        self._make(made)
        return made

    def _make(self, kind: str) -> None:
        from pymilvus import DataType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field(ROW, DataType.INT64, is_primary=True)
        schema.add_field(VECTOR, DataType.FLOAT_VECTOR, dim=self._held.dimension)
        schema.add_field(ID, DataType.VARCHAR, max_length=_ID_BYTES)
        schema.add_field(LABEL, DataType.VARCHAR, max_length=_LABEL_BYTES)
        schema.add_field(PLACED, DataType.BOOL)
        schema.add_field(LONGITUDE, DataType.DOUBLE)
        schema.add_field(LATITUDE, DataType.DOUBLE)
        schema.add_field(CONTENT, DataType.INT64)
        index = MilvusClient.prepare_index_params()
        index.add_index(VECTOR, index_type=kind, index_name=VECTOR, metric_type="L2", params=BUILT_WITH[kind])
        properties = replace(self._held, content=UNFINISHED).to_properties()
        self._call(
            "create_collection",
            schema=schema,
            index_params=index,
            properties=properties,
            seconds=LOAD_SECONDS,
        )

    def _described(self, row: int) -> dict[str, Any]:
        """What is known of a photo besides its vector."""
        entry, places = self._collection.entries[row], self._collection.places
        centre = places[row].centre if places else None
        longitude, latitude = centre or (0.0, 0.0)
        return {
            ROW: row, ID: entry.id, LABEL: entry.label, PLACED: centre is not None,
            LONGITUDE: longitude, LATITUDE: latitude,
        }  # fmt: skip

    def _checksums(self, rows: Rows) -> Rows:
        """A number for each row that changes with anything that is written of it."""
        vectors = np.ascontiguousarray(self._collection.index.vectors_of(rows), "<f4")
        sums = [
            sha256(vector.tobytes() + json.dumps(self._described(row)).encode()).digest()[:8]
            for row, vector in zip(rows.tolist(), vectors, strict=True)
        ]
        return np.frombuffer(b"".join(sums), "<i8").astype(np.int64)

    def _there(self) -> Rows:
        """The checksum of each row that is there; 0 where there is none, which no row has but by chance."""
        found = np.zeros(len(self), np.int64)
        for rows in _blocks(len(self), MAX_K):
            for each in self._rows(f"{ROW} >= {rows[0]} and {ROW} <= {rows[-1]}", [ROW, CONTENT]):
                found[each[ROW]] = each[CONTENT]
        return found

    def _further(self) -> Rows:
        """Rows that are there and not in the collection; some of them, where there are many."""
        found = self._rows(f"{ROW} >= {len(self)}", [ROW])
        return np.array([each[ROW] for each in found], np.int64)

    def _rows(self, wanted: str, fields: list[str]) -> Any:  # noqa: ANN401 - as the library gives it
        return self._call(
            "query", filter=wanted, output_fields=fields, limit=MAX_K, consistency_level="Strong",
            seconds=_WRITE_SECONDS,
        )  # fmt: skip

    def _write(self, rows: Rows, checksums: Rows) -> None:
        with tqdm(total=len(rows), desc=f"milvus {self._collection.name}", unit="photo") as bar:
            for block in np.split(rows, range(self._at_once, len(rows), self._at_once)):
                vectors = self._collection.index.vectors_of(block)
                data = [
                    self._described(row) | {VECTOR: vector, CONTENT: int(checksums[row])}
                    for row, vector in zip(block.tolist(), vectors, strict=True)
                ]
                self._call("upsert", data=data, seconds=_WRITE_SECONDS)
                bar.update(len(block))


def _blocks(count: int, size: int) -> Iterator[Rows]:
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))
