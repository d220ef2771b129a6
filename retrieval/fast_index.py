"""FAISS's compressed and inverted kinds of index, which find most of the nearest rows in little time.

Jegou, Douze, Schmid, 'Product quantization for nearest neighbor search', IEEE TPAMI, 2011 (inverted lists);
Gao and Long, 'RaBitQ', SIGMOD, 2024; Malkov and Yashunin, 'Hierarchical Navigable Small World graphs', IEEE
TPAMI, 2020.

A folder keeps one as `fast.faiss` beside the exact index, from which it can be made again. FAISS reads it,
and FAISS believes what a file says of itself, so one from another machine is not read.
"""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from retrieval.collections.artifacts import FAST, INDEX, ArtifactError, Manifest
from retrieval.collections.own_folder import is_marked, mark
from retrieval.index_file import write_index

logger = logging.getLogger(__name__)

#: FAISS's type hints lack what its Python wrappers add, such as parameters by name.
_faiss: Any = faiss

EXACT = "exact"
#: So many numbers are compared with a query one by one: 100,000 vectors of 2,048 features. docs/scaling.md
#: says how long that takes.
EXACT_NUMBERS = 100_000 * 2048
#: Where no more rows may be found than this, each of them is compared, whatever the kind.
FEW_ROWS = 2000
#: Where no more rows may be found than this, all lists are looked through for them.
FEW_ENOUGH = 200_000
#: By default, for what a search needs at hand.
MEMORY_BYTES = 4 * 1000**3
#: Features that the rough comparison goes by.
REDUCED = 256
_ID_BYTES = 8
#: So few queries take one thread less time than several take to wait for each other on a busy machine.
FEW_QUERIES = 4
#: Of a kind that compares again by itself, so many times as many photos as are asked for are measured.
REFINED = 2


def choose_kind(count: int, dimension: int, memory_bytes: int = MEMORY_BYTES) -> str:
    """The kind of index for so many vectors: `EXACT`, or a word of FAISS's `index_factory`.

    Args:
        count: How many vectors.
        dimension: Their features.
        memory_bytes: What it may keep in memory. Where nothing fits, the smallest kind is taken.
    """
    is_fast = count * dimension <= EXACT_NUMBERS and 4 * count * dimension <= memory_bytes
    if count <= FEW_ROWS or is_fast:
        return EXACT
    lists = min(2 ** round(math.log2(4 * math.sqrt(count))), 65_536)
    reduced = min(REDUCED, dimension)
    rough = f"PCA{REDUCED}," if dimension > REDUCED else ""
    kinds = {
        f"{rough}IVF{lists},SQ8,Refine(SQ8)": reduced + _ID_BYTES + dimension,
        f"{rough}IVF{lists},SQ8": reduced + _ID_BYTES,
        f"{rough}IVF{lists},RaBitQ": reduced // 8 + 2 * _ID_BYTES,
    }
    if not rough:  # nothing is left out that a finer comparison could use
        del kinds[f"IVF{lists},SQ8,Refine(SQ8)"]
    return next((kind for kind, each in kinds.items() if count * each <= memory_bytes), [*kinds][-1])


class FastIndex:
    """Finds rows that are mostly the nearest ones. How near they are is for the exact index to say.

    Args:
        index: Of FAISS, by `index_factory`, with the L2 metric.
        effort: See `IndexFacts`.
        factor: Likewise.
    """

    def __init__(self, index: faiss.Index, effort: int = 16, factor: int = 5) -> None:
        self.index = index
        self.effort, self.factor = effort, factor
        refined = faiss.downcast_index(index)
        self._refined = refined if isinstance(refined, faiss.IndexRefine) else None
        inner = faiss.downcast_index(self._refined.base_index) if self._refined else refined
        self._turned = inner if isinstance(inner, faiss.IndexPreTransform) else None
        #: What is inside of all that.
        self.core = faiss.downcast_index(self._turned.index) if self._turned else inner

    @property
    def most_effort(self) -> int:
        """More effort than this finds no more."""
        if isinstance(self.core, faiss.IndexIVF):
            return int(self.core.nlist)
        return min(4096, len(self)) if isinstance(self.core, faiss.IndexHNSW) else 1

    def find(
        self, queries: NDArray[np.float32], k: int, mask: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Rows among which the nearest are, (n, m) int64, -1 where there are fewer.

        Args:
            queries: (n, dimension) float32, contiguous.
            k: How many nearest ones are looked for.
            mask: Which rows may be found, at least one.
        """
        effort = self._effort(mask)
        options = {} if mask is None else {"sel": _selector(mask)}
        if isinstance(self.core, faiss.IndexIVF):
            parameters = _faiss.SearchParametersIVF(nprobe=effort, **options)
        elif isinstance(self.core, faiss.IndexHNSW):
            parameters = _faiss.SearchParametersHNSW(efSearch=max(effort, k * self.factor), **options)
        else:
            parameters = _faiss.SearchParameters(**options)
        kept = [parameters]  # FAISS does not keep what its parameters refer to
        if self._turned is not None:
            kept.append(_faiss.SearchParametersPreTransform(index_params=kept[-1]))
        wanted = min(k * self.factor, len(self))
        if self._refined is not None:
            kept.append(_faiss.IndexRefineSearchParameters(k_factor=self.factor, base_index_params=kept[-1]))
            wanted = min(REFINED * k, len(self))
        if len(queries) > FEW_QUERIES:
            return faiss_search(self.index, queries, wanted, kept[-1])[1]
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)  # of this thread of Python's alone
        try:
            return faiss_search(self.index, queries, wanted, kept[-1])[1]
        finally:
            faiss.omp_set_num_threads(threads)

    def _effort(self, mask: NDArray[np.bool_] | None) -> int:
        """How much is looked through, where only some rows may be found."""
        if mask is None:
            return self.effort
        count = int(np.count_nonzero(mask))
        if count <= FEW_ENOUGH:  # what is allowed may lie in lists that are far from the query
            return self.most_effort
        return min(self.most_effort, math.ceil(self.effort * len(mask) / count))

    def save(self, path: Path) -> None:
        """Write it as one file. Raises OSError where there is no room, or no right to."""
        write_index(self.index, path)

    def __len__(self) -> int:
        return int(self.index.ntotal)


def index_mark(sha256: str) -> str:
    """What a manifest that names a fast index with this checksum has to have, to be believed here."""
    return mark(f"{FAST} {sha256}")


def load_fast(folder: Path, manifest: Manifest) -> FastIndex | None:
    """The fast index of a folder; None where it has none, or one that this machine did not make.

    Args:
        folder: An artifact folder, its files checked by their checksums.
        manifest: Its.

    Raises:
        ArtifactError: If it is of other vectors than the manifest says.
    """
    facts = manifest.index
    if facts is None or FAST not in manifest.files:
        return None
    if not is_marked(f"{FAST} {manifest.files[FAST]}", facts.mark):
        logger.warning(
            "%s in %s was made on another machine or by another user and is not read here: searches "
            "are exact, and take longer. To make it here: 'python -m train fast --artifacts %s'.",
            FAST, folder, folder,
        )  # fmt: skip
        return None
    try:
        index = faiss.read_index(str(folder / FAST))
    except RuntimeError as error:
        raise ArtifactError(f"{folder / FAST} cannot be read: build the folder again.") from error
    if (index.ntotal, index.d) != (manifest.count, manifest.model.dimension):
        raise ArtifactError(
            f"{folder} contradicts itself: {FAST} has {index.ntotal} vectors of {index.d} features, and "
            f"{INDEX} {manifest.count} of {manifest.model.dimension}. Build the folder again."
        )
    return FastIndex(index, facts.effort, facts.factor)


def only(mask: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - FAISS's parameters of a search
    """For `faiss_search` in an exact index: the rows that may be found."""
    return _faiss.SearchParameters(sel=_selector(mask))


def _selector(mask: NDArray[np.bool_]) -> Any:  # noqa: ANN401
    return _faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))


def faiss_search(
    index: Any,  # noqa: ANN401 - of FAISS
    queries: NDArray[np.float32],
    k: int,
    parameters: Any = None,  # noqa: ANN401
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """FAISS's search: squared distances and rows, (n, k) each; k is not more than there are rows.

    Not by `index.search`: FAISS's add-on for torch, which training imports, replaces that by one without
    parameters.
    """
    squared = np.empty((len(queries), k), np.float32)
    rows = np.empty((len(queries), k), np.int64)
    if queries.shape[1:] != (index.d,):
        raise ValueError(f"The index holds vectors of {index.d} features, not {queries.shape[1:]}.")
    pointers = [faiss.swig_ptr(each) for each in (queries, squared, rows)]
    index.search_c(len(queries), pointers[0], k, pointers[1], pointers[2], parameters)
    return squared, rows
