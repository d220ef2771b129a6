"""Each example photo has a file, and a thumbnail that is made once."""

import numpy as np
import pytest

from examples.catalog import SIDE, example_path, example_paths, example_thumbnail
from retrieval.collections.photos import cache_folder, thumbnail
from retrieval.images import decode


def test_an_example_is_found_by_its_name():
    paths = example_paths()
    assert paths == sorted(paths)
    assert [example_path(path.stem) for path in paths] == paths


@pytest.mark.parametrize("name", ["etna", "", "..", "../queries/harbor", "harbor.webp", "*", "Harbor"])
def test_other_names_lead_to_no_file(name):
    for find in (example_path, example_thumbnail):
        with pytest.raises(FileNotFoundError):
            find(name)


def test_its_thumbnail_is_small_shows_the_same_and_is_made_once():
    for path in example_paths()[::4]:
        small = example_thumbnail(path.stem)
        assert small.stat().st_size < 12_000
        assert cache_folder() in small.parents
        shown = decode(small).image
        assert shown.size == (SIDE, SIDE)
        expected = thumbnail(decode(path).image, SIDE)
        assert np.abs(np.asarray(shown).astype(int) - np.asarray(expected)).mean() < 8
        made = small.stat().st_mtime_ns
        assert example_thumbnail(path.stem) == small
        assert small.stat().st_mtime_ns == made
