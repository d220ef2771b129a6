"""Where previews stand in for photos, that is said in place of a verdict."""

from retrieval.collections.collection import Collection
from retrieval.retriever import SHIPPED_SCENES
from ui.render.previews import previews_line, some_previews_line


def test_of_previews_it_is_said_what_they_are_and_nothing_else(tmp_path):
    line = previews_line(Collection(SHIPPED_SCENES, tmp_path / "none"), range(12))
    heading, told = line.split("</h3>")
    assert heading.endswith("<h3>Blurred previews: the photos are not here yet")
    assert "Generated scenes" in told


def test_where_photos_are_here_nothing_is_said(scenes):
    assert previews_line(scenes, range(12)) == some_previews_line(scenes, range(12)) == ""


def test_a_few_that_are_missing_are_told_beside_the_verdict(scenes, own_photos):
    some = Collection(SHIPPED_SCENES, own_photos)  # the first two are here
    assert previews_line(some, range(5)) == ""
    assert some_previews_line(some, range(5))
    assert some_previews_line(some, range(2)) == ""
    assert previews_line(some, range(2, 5))


def test_of_no_photos_nothing_is_said(scenes):
    assert previews_line(scenes, []) == ""
