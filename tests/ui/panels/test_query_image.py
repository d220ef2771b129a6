"""What a caller names as a file is opened only if it was uploaded here."""

import os
from types import SimpleNamespace

import gradio as gr
import pytest

from ui.components.query_image import QueryImage, UploadPhotosButton
from ui.components.uploaded_path import uploaded_path


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    folder = tmp_path / "uploads"
    (folder / "abc").mkdir(parents=True)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    (folder / "abc" / "photo.png").write_bytes(b"uploaded")
    (tmp_path / "photo.png").write_bytes(b"the server's own")
    return folder


def test_an_upload_is_handed_over_as_it_is(uploads):
    path = str(uploads / "abc" / "photo.png")
    payload = SimpleNamespace(path=path)
    assert uploaded_path(path) == path
    assert QueryImage().preprocess(payload) == path
    assert QueryImage().preprocess(None) is None
    assert UploadPhotosButton().preprocess(payload) == [path]
    assert UploadPhotosButton().preprocess(SimpleNamespace(root=[payload, payload])) == [path, path]
    assert UploadPhotosButton().preprocess(None) == []


@pytest.mark.parametrize(
    "path",
    [
        "../photo.png", "abc/../../photo.png", "/etc/hostname", "/dev/zero", "", ".", "abc", "abc/other.png",
        "abc/link.png", "abc/loop.png", "abc/pipe", "abc/photo.png\0", "a" * 5000, None,
    ],
)  # fmt: skip
def test_nothing_else_is(uploads, path):
    folder = uploads / "abc"
    (folder / "link.png").symlink_to(uploads.parent / "photo.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    os.mkfifo(folder / "pipe")
    named = path and os.path.join(uploads, path)  # noqa: PTH118 - as somebody may write it
    payload = SimpleNamespace(path=named)
    for preprocess in (QueryImage().preprocess, UploadPhotosButton().preprocess):
        with pytest.raises(gr.Error, match="upload it first") as told:
            preprocess(payload)
        assert str(uploads.parent) not in str(told.value)
