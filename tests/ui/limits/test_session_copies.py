"""A session of Gradio takes little memory, and still has what is its own."""

import gradio as gr
from gradio.state_holder import SessionState

from ui.limits.sessions import share_configuration
from ui.page import build_page
from ui.uploads import UploadStore


def called(served, name, data, session):
    body = {"data": data, "session_hash": session}
    answer = served.client.post(f"/gradio_api/run/{name}", json=body)
    return answer.status_code, answer.json()


def test_a_session_of_the_page_has_no_configuration_of_its_own(retriever, monkeypatch):
    page = build_page(retriever, UploadStore())
    configured = []
    monkeypatch.setattr(gr.HTML, "get_config", lambda self: configured.append(self) or {})
    session = SessionState(page)
    assert not configured
    assert not any(session.config_values.values())
    assert session.blocks_config.fns is page.default_config.fns
    for part in page.blocks:
        session._update_value_in_config(part, "x" * 1000)
    assert "xxx" not in str(session.config_values)


def test_components_that_are_only_shown_are_not_kept_for_a_session():
    with gr.Blocks() as page:
        field, shown = gr.Textbox(), [gr.HTML() for _ in range(50)]
        field.submit(lambda text: text, field, shown[0])
    share_configuration(page)
    session = SessionState(page)
    for part in [field, *shown]:
        session[part._id] = changed = part.__class__(render=False)
        assert session[part._id] is changed  # Gradio reads it right away
    assert len(session.blocks_config.blocks.maps[0]) == 1
    assert len(session.blocks_config.blocks.maps[1]) == 1
    assert session[shown[0]._id] is shown[0]


def test_what_is_changed_for_one_session_is_so_for_that_one_alone(served):
    assert called(served, "offer", [], "one")[0] == 200
    assert called(served, "choose", ["c"], "one")[0] == 200  # 'c' is offered there
    status, answer = called(served, "choose", ["c"], "other")
    assert status == 500
    assert "c" in answer["error"] or answer["error"] is None


def test_states_are_of_one_session_alone(served):
    assert called(served, "choose", ["a"], "one")[0] == 200
    assert called(served, "choose", ["b"], "other")[0] == 200
    held = served.page.app.state_holder.session_data
    assert [list(held[name].state_data.values()) for name in ("one", "other")] == [["a"], ["b"]]


def test_a_page_that_is_open_for_long_does_not_grow(served):
    def size():
        session = served.page.app.state_holder["one"]
        kept = [*session.blocks_config.blocks.maps, session.config_values, session.state_data]
        kept += [served.queue.event_ids_to_events, served.queue.event_analytics, served.page.app.iterators]
        return [len(each) for each in [*kept, served.page.temp_file_sets]]

    def events():
        assert called(served, "offer", [], "one")[0] == 200
        assert called(served, "choose", ["c"], "one")[0] == 200

    events()
    before = size()
    for _ in range(50):
        events()
    assert size() == before


def test_who_opens_many_pages_makes_nobody_else_lose_his(served):
    states = served.page.app.state_holder
    states.capacity = 10
    served.client.headers["X-Forwarded-For"] = "203.0.113.9"
    assert called(served, "choose", ["a"], "mine")[0] == 200
    served.client.headers["X-Forwarded-For"] = "198.51.100.1"
    for number in range(40):
        assert called(served, "choose", ["b"], f"greedy {number}")[0] == 200
    assert len(states.session_data) == 10
    assert list(states.session_data["mine"].state_data.values()) == ["a"]
    assert "greedy 39" in states.session_data
    assert len(states._visitors) == len(states.time_last_used) == 10


def test_the_name_of_a_session_is_short(served):
    status, answer = called(served, "choose", ["a"], "x" * 65)
    assert status == 400
    assert answer["detail"] == "The name of this session is too long: at most 64 characters."
    assert not served.page.app.state_holder.session_data
