"""A part of the page with a template and a script of its own, NAME.html and NAME.js beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradio as gr

HERE = Path(__file__).resolve().parent

#: How a script tells what was clicked. The browser keeps it, by part and event, until the event's handler
#: asks for the last, see `ui.events.last_click`: Gradio 6.31 would send the first one's data again.
TELL = """const tell = (event, data = {}) => {
  const key = `${partName} ${event}`;
  const others = (window.clicks ?? []).filter((each) => each.key !== key);
  window.clicks = [...others, { ...data, key, part: partName, event }];
  trigger(event, data);
};"""


def html_component(
    name: str,
    constants: dict[str, Any] | None = None,
    value: dict[str, Any] | None = None,
    scripts: tuple[str, ...] = (),
    **options: Any,  # noqa: ANN401
) -> gr.HTML:
    """The part, as a component whose value its script draws.

    Args:
        name: Of its files.
        constants: What the script finds as `constants`. Not as properties of the component: Gradio 6.31 loses
            those of one that gets a value before it was ever visible.
        value: What is drawn at first.
        scripts: Names of further scripts, which come before its own.
        options: Of `gr.HTML`; an `elem_id` where it has events.

    Raises:
        ValueError: If a script has the name of an argument of `gr.HTML` in quotes. Gradio takes it for an
            event, writes the event's function into the page, and cannot copy the page in one go any more.
    """
    read = [(HERE / f"{each}.js").read_text(encoding="utf-8") for each in (*scripts, name)]
    component = gr.HTML(
        value=value or {},
        html_template=(HERE / f"{name}.html").read_text(encoding="utf-8"),
        js_on_load="\n".join(
            [
                f"const constants = {json.dumps(constants or {}, ensure_ascii=False)};",
                f"const partName = {json.dumps(options.get('elem_id', name))};",
                TELL,
                *read,
            ]
        ),
        apply_default_css=False,
        elem_classes="part",
        **options,
    )
    for argument, given in component.get_config().items():
        if callable(given):
            raise ValueError(f"The script of '{name}' has '{argument}' in quotes: give it another name.")
    return component
