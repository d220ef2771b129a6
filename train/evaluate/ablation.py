"""Weights and parts -> how well each way of searching does, beside the plain one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from retrieval.collections.evaluation import PROPORTION, proportion_interval
from train.data.dataset import LabeledImages
from train.evaluate.metrics import DECIMALS, INTERVAL
from train.evaluate.spaces import Gallery
from train.evaluate.view_vectors import ViewVectors
from train.evaluate.views import WHOLE
from train.evaluate.way_answers import METRICS, Learned, Protocol, Side, Values, values_of, work_of
from train.evaluate.ways import WAYS, Setting, Vectors, Way

#: The validation photos as if from elsewhere: from twice as low, from twice and four times as high.
COPIES = ("middle-0.5", "mosaic-2", "mosaic-4")
#: What is measured of all copies together.
COPIED = "copies-train"
RESAMPLES = 1000


def ablate(
    vectors: ViewVectors, parts: Mapping[str, LabeledImages], groups: Collection[str]
) -> dict[str, Any]:
    """Compare all ways of some groups.

    Args:
        vectors: Embeds what is needed.
        parts: 'train', 'validation', 'test', and 'shift' where there is one.
        groups: See `train.evaluate.ways.GROUPS`.

    Returns:
        'weights' (SHA-256), 'size', 'dtype', and 'ways', the plain one first: 'group', 'title', 'setting',
        'work' (protocol -> mean of `Way.cost` of what its queries need), 'vectors' of a photo of the gallery,
        and 'protocols': name -> metric -> 'value', 'interval', and 'change' with 'change_interval' from the
        plain way, bootstrapped over pairs.

    Raises:
        DataError: If a photo cannot be read.
    """
    plain = Way("", "plain")
    ways = [plain, *(way for way in WAYS if way.group in groups)]
    protocols, copies = _embedded(vectors, parts, ways)
    validation = protocols["validation-train"]
    learned = Learned(Gallery(validation.gallery.by_view[WHOLE], parts["train"].labels), validation)
    before = {name: values_of(plain, {}, protocol, learned) for name, protocol in protocols.items()}
    before[COPIED] = _of_all(plain, {}, copies, learned)
    rows = []
    for way in tqdm(ways, desc="compare", unit="way"):
        setting = _chosen(way, [validation, *copies], learned)
        after = {name: values_of(way, setting, protocol, learned) for name, protocol in protocols.items()}
        if _sees(way, copies):
            after[COPIED] = _of_all(way, setting, copies, learned)
        rows.append(
            {
                "group": way.group,
                "title": way.title,
                "setting": dict(setting),
                "work": {
                    name: work_of(way, setting, protocol, learned) for name, protocol in protocols.items()
                },
                "vectors": len(way.gallery),
                "protocols": {name: measured(values, before[name]) for name, values in after.items()},
            }
        )
    return {"weights": vectors.weights, "size": vectors.size, "dtype": vectors.dtype, "ways": rows}


def measured(values: Values, before: Values) -> dict[str, dict[str, Any]]:
    """Means with 95 % intervals, and how far they are from what was before, of the same queries."""
    count = len(values)
    draws = np.random.default_rng(0).multinomial(count, [1 / count] * count, RESAMPLES) / count

    def interval(of: Values) -> Any:  # noqa: ANN401 - lists of two numbers each
        return np.percentile(draws @ of, INTERVAL, axis=0).T.round(DECIMALS).tolist()

    change, bootstrapped = values - before, interval(values)
    return {
        metric: {
            "value": round(float(values[:, number].mean()), DECIMALS),
            "interval": _interval(metric, values[:, number], bootstrapped[number]),
            "change": round(float(change[:, number].mean()), DECIMALS),
            "change_interval": interval(change)[number],
        }
        for number, metric in enumerate(METRICS)
    }


def _interval(metric: str, values: NDArray[np.float64], bootstrapped: list[float]) -> list[float]:
    if not PROPORTION.fullmatch(metric):
        return bootstrapped
    return [round(end, DECIMALS) for end in proportion_interval(float(values.mean()), len(values))]


def _chosen(way: Way, validation: Sequence[Protocol], learned: Learned) -> Setting:
    """The setting with the best mAP on the validation photos, as they are and as if from elsewhere."""
    if len(way.settings) == 1:
        return way.settings[0]
    return max(
        way.settings,
        key=lambda setting: float(_of_all(way, setting, validation, learned)[:, METRICS.index("mAP")].mean()),
    )


def _of_all(way: Way, setting: Setting, protocols: Iterable[Protocol], learned: Learned) -> Values:
    return np.concatenate([values_of(way, setting, protocol, learned) for protocol in protocols])


def _sees(way: Way, copies: Sequence[Protocol]) -> bool:
    """Whether the copies were embedded in all views that the way needs."""
    return all(set(_views([way.queries])) <= set(copy.queries.by_view) for copy in copies)


def _views(vectors: Iterable[Vectors]) -> list[str]:
    return list(dict.fromkeys(view for each in vectors for views in each for view in views))


def _embedded(
    vectors: ViewVectors, parts: Mapping[str, LabeledImages], ways: Sequence[Way]
) -> tuple[dict[str, Protocol], list[Protocol]]:
    """The protocols by name, and those of the copies of the validation photos."""
    of_queries, of_gallery = (_views(each) for each in ([w.queries for w in ways], [w.gallery for w in ways]))
    views = {
        "train": of_gallery,
        "validation": of_queries,
        "test": [*of_queries, *of_gallery],
        "shift": of_queries,
    }
    sides = {
        part: Side(np.array(photos.labels), vectors.of(part, photos, views[part]))
        for part, photos in parts.items()
    }
    protocols = {f"{part}-train": Protocol(sides[part], sides["train"]) for part in ("validation", "test")}
    protocols["test-test"] = Protocol(sides["test"], sides["test"])
    if "shift" in sides:
        protocols["shift-train"] = Protocol(sides["shift"], sides["train"])
    photos = parts["validation"]
    scales = [view for view in of_queries if not view.startswith("turn")]  # that would take the longest
    copies = [
        Protocol(
            Side(sides["validation"].labels, vectors.of("validation", photos, scales, copy)), sides["train"]
        )
        for copy in COPIES
    ]
    return protocols, copies
