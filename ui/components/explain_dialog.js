// A neighbour side by side with the query, in a dialog: the browser keeps the focus in it, closes it with Esc, and
// gives the focus back. Gradio has no dialog. props.value is what ui/panels/explain.py's `open` gives, props.heat its
// `heat`, which comes later; 'look' asks for the neighbour before or after, 'follow' searches with this one.
const texts = constants;
const dialog = element.querySelector("dialog");
const part = (name) => dialog.querySelector(`.${name}`);
const heats = () => dialog.querySelectorAll(".heat");

const draw = () => {
  const value = props.value;
  if (!value?.id || (value.step && !dialog.open)) return; // one step on, and closed by now
  dialog.querySelector("h2").textContent = value.title;
  part("answer").textContent = value.answer;
  for (const name of ["query", "neighbour"]) {
    const { src, alt, caption, file } = value[name];
    const photo = part(name).querySelector(".photo");
    if (photo.getAttribute("src") !== src) photo.src = src;
    photo.alt = alt;
    const small = Object.assign(document.createElement("small"), { textContent: file });
    part(name).querySelector("figcaption").replaceChildren(caption, " ", small);
  }
  part("lines").replaceChildren(...value.lines.map((line) =>
    Object.assign(document.createElement("p"), { textContent: line })));
  part("where").hidden = !value.where;
  if (value.where) part("where").href = value.where;
  part("chart").innerHTML = value.chart; // SVG of ui/render/charts.py, its texts escaped there
  part("place").textContent = value.place;
  part("before").disabled = value.first;
  part("after").disabled = value.last;
  if (document.activeElement?.disabled) part("close").focus(); // at either end; the arrow keys still work
  drawHeat();
  if (!dialog.open) dialog.showModal();
};
const drawHeat = () => {
  const heat = props.heat ?? {};
  const ready = heat.id && heat.id === props.value?.id;
  part("told").textContent = ready ? heat.told : texts.waiting;
  for (const name of ["query", "neighbour"]) {
    const layer = part(name).querySelector(".heat");
    layer.hidden = !ready || !heat[name] || !part("toggle").querySelector("input").checked;
    if (ready && heat[name]) layer.src = heat[name];
  }
};
const look = (step) => {
  const { collection, id } = props.value;
  tell("look", { collection, id, step });
};

part("toggle").querySelector("span").textContent = texts.toggle;
part("toggle").querySelector("input").addEventListener("change", drawHeat);
part("close").ariaLabel = part("close").title = texts.close;
part("close").addEventListener("click", () => dialog.close());
for (const [name, step] of [["before", -1], ["after", 1]]) {
  part(name).ariaLabel = part(name).title = texts[name];
  part(name).addEventListener("click", () => look(step));
}
part("where").textContent = texts.where;
part("follow").textContent = texts.follow;
part("follow").addEventListener("click", () => {
  const { collection, id } = props.value;
  dialog.close();
  tell("follow", { collection, id });
});
dialog.addEventListener("click", (event) => {
  const box = dialog.getBoundingClientRect();
  const beside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  if (event.target === dialog && beside) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  const name = { ArrowLeft: "before", ArrowRight: "after" }[event.key];
  if (name && !part(name).disabled) look(name === "before" ? -1 : 1);
});
window.addEventListener("popstate", () => dialog.close()); // what it tells of is gone
watch("value", draw);
watch("heat", drawHeat);
