"""Each example photo has a file."""

import pytest

from examples.catalog import example_path, example_paths


def test_an_example_is_found_by_its_name():
    paths = example_paths()
    assert paths == sorted(paths)
    assert [example_path(path.stem) for path in paths] == paths


@pytest.mark.parametrize("name", ["etna", "", "..", "../queries/harbor", "harbor.webp", "*", "Harbor"])
def test_other_names_lead_to_no_file(name):
    with pytest.raises(FileNotFoundError):
        example_path(name)
