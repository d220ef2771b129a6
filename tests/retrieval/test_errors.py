"""A message is an English sentence with its values kept apart, and so is the error that carries one."""

import pickle

import pytest

from examples.scenes import CLASSES
from retrieval.collections.photos import DownloadError
from retrieval.errors import Message, UserError
from retrieval.images import ImageError
from retrieval.labels import CLASS_NAMES, class_name
from retrieval.maps.land_use import TooLargeError
from retrieval.maps.scale import ScaleError
from retrieval.query import QueryError
from retrieval.retriever import UnknownCollectionError


def test_a_message_is_its_template_with_the_values_filled_in():
    message = Message("{count:,} photos, {share:.0%} of {name}", count=1234, share=0.5, name="scenes")
    assert str(message) == f"{message}" == "1,234 photos, 50% of scenes"
    assert message.template == "{count:,} photos, {share:.0%} of {name}"
    assert message.values == {"count": 1234, "share": 0.5, "name": "scenes"}


def test_values_may_be_messages_themselves():
    inner = Message("{count} photos", count=2)
    outer = Message("{what} of {where}", what=inner, where=Message("scenes"))
    assert str(outer) == "2 photos of scenes"
    assert outer.values["what"] is inner
    assert str(Message("<{what:>10}>", what=inner)) == "<  2 photos>"


@pytest.mark.parametrize("text", ["{", "}", "{}", "{name}", "{0}", "a {b} c", "{{}}", "{a.b[c]!r:>9}", ""])
def test_without_values_braces_are_text(text):
    assert str(Message(text)) == text
    assert str(UserError(text)) == text
    assert str(Message("<{text}>", text=text)) == f"<{text}>"
    assert str(Message("<{text}>", text=Message(text))) == f"<{text}>"


def test_messages_are_equal_if_template_and_values_are():
    one = Message("{count} photos", count=2)
    assert one == Message("{count} photos", count=2)
    assert hash(one) == hash(Message("{count} photos", count=2))
    assert one != Message("{count} photos", count=3)
    assert one != Message("2 photos")  # the same text is another message
    assert one != "2 photos"
    assert Message("<{a}>", a=one) == Message("<{a}>", a=Message("{count} photos", count=2))
    assert len({one, Message("{count} photos", count=2), Message("2 photos")}) == 2


def test_values_may_have_any_name():
    message = Message("{template} {self}", template="a", self="b")
    assert str(message) == "a b"
    assert str(UserError("{template} {self}", template="a", self="b")) == "a b"


def test_the_repr_of_a_message_shows_its_text():
    assert repr(Message("{count} photos", count=2)) == "Message('2 photos')"


@pytest.mark.parametrize(
    "kind",
    [
        UserError,
        ImageError,
        ScaleError,
        QueryError,
        TooLargeError,
        DownloadError,
        UnknownCollectionError,
    ],
)
def test_an_error_is_its_sentence_and_keeps_the_message(kind):
    error = kind("{count} photos", count=2)
    assert isinstance(error, UserError)
    assert str(error) == "2 photos"
    assert error.args == ("2 photos",)
    assert error.message == Message("{count} photos", count=2)
    message = Message("Nothing.")
    assert kind(message).message is message
    assert str(kind(message)) == "Nothing."


@pytest.mark.parametrize("kind", [ImageError, ScaleError, QueryError, TooLargeError, UnknownCollectionError])
def test_what_was_given_wrong_is_a_value_error_for_programs(kind):
    assert issubclass(kind, ValueError)


def test_a_message_survives_pickling():
    message = Message("{count} of {where}", count=2, where=Message("scenes"))
    assert pickle.loads(pickle.dumps(message)) == message


def test_every_class_of_the_data_set_has_a_name_as_people_write_it():
    for label, name in CLASS_NAMES.items():
        assert class_name(label) == str(name)
        assert str(name).replace(" ", "") == label
        assert name.values == {}
    assert class_name("storagetanks") == "storage tanks"
    assert class_name("mobilehomepark") == "mobile home park"
    assert class_name("river") == "river"
    assert set(CLASSES) <= set(CLASS_NAMES)
    assert len(CLASS_NAMES) == 21


@pytest.mark.parametrize("label", ["volcano", "", "Storage Tanks", "{label}", "a/b"])
def test_a_class_of_another_data_set_keeps_its_name(label):
    assert class_name(label) == label
