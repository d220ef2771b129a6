"""How well weights retrieve: an evaluation as `python -m train evaluate` writes it.

The same JSON is in a manifest's field 'results' and in the records of runs in docs/runs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Annotated, Any

from pydantic import Field, ValidationError
from pydantic.dataclasses import dataclass

from retrieval.collections.fields import CLOSED, Count, Line, Number, Share, problem
from retrieval.proportions import wilson_interval

#: Metric, such as 'P@1' or 'mAP' -> its value in [0, 1].
Metrics = Mapping[Line, Share]

#: Metrics that are 0 or 1 for each query, so that their mean is a proportion of the queries.
PROPORTION = re.compile(r"P@1|R@\d+")

#: More would fill the page with a matrix that nobody can read.
Classes = Annotated[tuple[Line, ...], Field(max_length=1000)]


@dataclass(frozen=True)
class ConfusedPair:
    """Queries of one class whose first neighbour is of another class.

    Attributes:
        query: The class of the queries.
        neighbour: The class of their first neighbours.
        count: How many such queries there are, at least 1.
        total: How many queries of the class there are.
    """

    query: str
    neighbour: str
    count: int
    total: int


@dataclass(frozen=True, config=CLOSED)
class Confusion:
    """How often the first neighbour of a query (row) is of a class (column).

    Attributes:
        labels: The classes of the queries.
        columns: The classes of the gallery.
        counts: A row for each label, with a number for each column.
    """

    labels: Classes
    columns: Classes
    counts: tuple[tuple[Number, ...], ...]

    def __post_init__(self) -> None:
        if [len(row) for row in self.counts] != [len(self.columns)] * len(self.labels):
            raise ValueError("the confusion matrix needs a row for each label and a number for each column")

    @classmethod
    def count(cls, queries: Sequence[str], neighbours: Sequence[str], columns: Sequence[str]) -> Confusion:
        """Count first neighbours.

        Args:
            queries: The class of each query.
            neighbours: The class of its first neighbour.
            columns: The classes of the gallery, in the order of the columns.
        """
        labels = sorted(set(queries))
        counts = Counter(zip(queries, neighbours, strict=True))
        return cls(
            tuple(labels),
            tuple(columns),
            tuple(tuple(counts[label, column] for column in columns) for label in labels),
        )

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Confusion:
        """Read what `to_dict` writes. Raises ValueError where it is something else."""
        return cls(fields["labels"], fields["columns"], fields["counts"])

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON holds them."""
        return {
            "labels": list(self.labels),
            "columns": list(self.columns),
            "counts": [list(row) for row in self.counts],
        }

    def pairs(self, *, by_share: bool = False) -> list[ConfusedPair]:
        """The confused pairs of classes, the most frequent first, equals in alphabetical order.

        Args:
            by_share: Order by the share of the class's queries, not by their number.
        """
        pairs = [
            ConfusedPair(label, column, count, sum(counts))
            for label, counts in zip(self.labels, self.counts, strict=True)
            for column, count in zip(self.columns, counts, strict=True)
            if count and label != column
        ]
        return sorted(
            pairs,
            key=lambda pair: (-pair.count / (pair.total if by_share else 1), pair.query, pair.neighbour),
        )


def proportion_interval(share: float, queries: int) -> tuple[float, float]:
    """The 95 % interval of a metric of `PROPORTION`, from its mean and the number of queries."""
    return wilson_interval(round(share * queries), queries)


@dataclass(frozen=True, config=CLOSED)
class ProtocolResult:
    """What was measured of one protocol, such as 'test-train': queries of one part, gallery of another.

    Attributes:
        queries: How many queries there were.
        gallery: How many images were searched.
        overall: The mean over all queries.
        intervals: Metric -> the ends of its 95 % interval; empty where none were computed.
        per_class: Class of the queries -> its metrics.
        confusion: None where it was not kept.
    """

    queries: Count
    gallery: Count
    overall: Metrics
    intervals: Mapping[Line, tuple[Share, Share]] = field(default_factory=dict)
    per_class: Mapping[Line, Metrics] = field(default_factory=dict)
    confusion: Confusion | None = None

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> ProtocolResult:
        """Read the JSON of one protocol. The intervals of proportions follow from the counts.

        Raises:
            KeyError, TypeError, ValueError: If it is something else.
        """
        stored = cls(
            queries=fields["queries"],
            gallery=fields["gallery"],
            overall=fields["overall"],
            intervals=fields.get("intervals", {}),
            per_class=fields.get("per_class", {}),
            confusion=Confusion.from_dict(fields["confusion"]) if "confusion" in fields else None,
        )
        proportions = {  # by their counts, since older files hold bootstrapped ones
            name: proportion_interval(stored.overall[name], stored.queries)
            for name in stored.intervals
            if PROPORTION.fullmatch(name)
        }
        return replace(stored, intervals={**stored.intervals, **proportions})

    def confused_pairs(self) -> list[ConfusedPair]:
        """See `Confusion.pairs`. Raises ValueError where the confusion matrix was not kept."""
        if self.confusion is None:
            raise ValueError("the evaluation has no confusion matrix")
        return self.confusion.pairs()

    def weakest_classes(self, metric: str) -> list[str]:
        """The classes of the queries, that with the lowest value of a metric first."""
        return sorted(self.per_class, key=lambda label: self.per_class[label][metric])


@dataclass(frozen=True, config=CLOSED)
class Evaluation:
    """What was measured of weights.

    Attributes:
        protocols: 'QUERIES-GALLERY', such as 'test-train' -> its result.
        initial: Protocol -> the overall metrics of the weights before training; in manifests only.
        weights: SHA-256 of the file of weights; '' in manifests, which have it elsewhere.
        views: Orientations of each image whose embeddings were averaged.
        expansion: How many neighbours were added to each query.
    """

    protocols: Mapping[Line, ProtocolResult]
    initial: Mapping[Line, Metrics] = field(default_factory=dict)
    weights: Annotated[str, Field(max_length=200)] = ""
    views: Count = 1
    expansion: Number = 0

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Evaluation:
        """Read the JSON of an evaluation, or a manifest's field 'results', which may be empty.

        Raises:
            ValueError: If something is missing, or of another type.
        """
        try:
            protocols, initial = fields.get("protocols") or {}, fields.get("initial") or {}
            return cls(
                protocols={name: ProtocolResult.from_dict(result) for name, result in protocols.items()},
                initial={name: result.get("overall", {}) for name, result in initial.items()},
                weights=fields.get("weights", ""),
                views=fields.get("views", 1),
                expansion=fields.get("expansion", 0),
            )
        except ValidationError as error:
            raise ValueError(f"the evaluation does not fit ({problem(error)})") from None
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"the evaluation cannot be read ({error!r})") from error
