// Photos as tiles: a click searches with one; small buttons ask why it is alike, and mark it right or wrong.
// Gradio's gallery opens a photo on a click, has no buttons on a photo, and no arrow keys between photos.
// props.value is what ui/components/photo_grid.py gives; 'follow', 'why' and 'again' tell the server what was wanted.
const grid = element.querySelector(".grid");
const marks = element.querySelector(".marks");
const texts = constants;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const make = (tag, className, properties = {}) =>
  Object.assign(document.createElement(tag), { className, ...properties });
const tiles = () => [...grid.children];
const photoOf = (tile) => tile.querySelector(".photo");
const of = (tile) => ({ collection: tile.dataset.collection, id: tile.dataset.id });
const marked = (kind) => tiles().filter((tile) => tile.dataset.mark === kind);

// How near a neighbour is: a bar, a word and the number; a sentence where the pointer rests.
const near = ({ distance, likeness }) => {
  const line = make("div", "near");
  if (likeness?.word) {
    line.title = likeness.told;
    const bar = make("div", "likeness");
    bar.style.setProperty("--share", likeness.share);
    line.append(bar, make("em", "", { textContent: likeness.word }), " ");
  }
  line.append(make("b", "", { textContent: distance }));
  return line;
};

const build = (each) => {
  const tile = make("li", "tile");
  Object.assign(tile.dataset, { collection: each.collection, id: each.id, mark: each.mark ?? "" });
  const photo = make("button", "photo", { type: "button", title: texts.follow, tabIndex: -1 });
  // The sizes are known before the picture is, so that nothing jumps when it comes.
  photo.append(make("img", "", { alt: each.alt, src: each.small, loading: "lazy", width: 224, height: 224 }));
  photo.addEventListener("click", () => {
    tile.ariaBusy = "true";
    setTimeout(() => { tile.ariaBusy = null; }, 1500); // the examples stay where they are
    tell("follow", of(tile));
  });
  const caption = make("div", "caption");
  caption.append(make("span", "", { textContent: each.label }));
  if (each.distance !== undefined) caption.append(near(each));
  tile.append(photo, caption);
  if (each.distance !== undefined && constants.tools) {
    const tools = make("div", "tools");
    for (const [name, sign, title] of [
      ["right", "✓", texts.right], ["wrong", "✗", texts.wrong], ["why", texts.why, texts.why_long],
    ]) {
      const tool = make("button", name, { type: "button", textContent: sign, title, tabIndex: -1 });
      tool.ariaLabel = `${name === "why" ? sign : title}: ${each.alt}`;
      tool.addEventListener("click", () => (name === "why" ? tell("why", of(tile)) : mark(tile, name)));
      tools.append(tool);
    }
    tile.append(tools);
  }
  showMark(tile);
  return tile;
};

const showMark = (tile) => {
  for (const name of ["right", "wrong"]) {
    const tool = tile.querySelector(`.${name}`);
    if (tool) tool.ariaPressed = String(tile.dataset.mark === name);
  }
};
const mark = (tile, name) => {
  tile.dataset.mark = tile.dataset.mark === name ? "" : name;
  showMark(tile);
  showMarks();
  if (!marks.hidden && tile.getBoundingClientRect().bottom > marks.getBoundingClientRect().top) {
    tile.scrollIntoView({ block: "end", behavior: calm.matches ? "auto" : "smooth" }); // above the bar
  }
};
// How many are marked: those that were searched with, of which some may not be shown any more, and the new ones.
const count = (kind) => (props.value?.marks?.[kind] ?? 0) + marked(kind).length
  - tiles().filter((tile) => tile.dataset.asked === kind).length;
const changed = () => tiles().some((tile) => tile.dataset.mark !== (tile.dataset.asked ?? ""));
const showMarks = () => {
  const [right, wrong] = [count("right"), count("wrong")];
  marks.hidden = !changed() && !right && !wrong;
  marks.classList.toggle("changed", changed());
  marks.querySelector(".again").hidden = !changed();
  marks.querySelector(".told").textContent = texts.marked.replace("RIGHT", right).replace("WRONG", wrong);
};
marks.querySelector(".again").textContent = texts.again;
marks.querySelector(".clear").textContent = texts.clear;
marks.querySelector(".again").addEventListener("click", () =>
  tell("again", { right: marked("right").map(of), wrong: marked("wrong").map(of) }));
const clear = () => { // what was not searched with yet, or else all
  if (!changed()) tell("again", { forget: true });
  tiles().forEach((tile) => {
    tile.dataset.mark = tile.dataset.asked ?? "";
    showMark(tile);
  });
  showMarks();
};
marks.querySelector(".clear").addEventListener("click", clear);

// One tile at a time is in the tab order, and the arrow keys move between them (the ARIA pattern of a grid).
const enter = (tile, focus = true) => {
  if (!tile) return;
  grid.querySelectorAll("button").forEach((each) => { each.tabIndex = -1; });
  tile.querySelectorAll("button").forEach((each) => { each.tabIndex = 0; });
  if (focus) photoOf(tile).focus();
};
const columns = () => {
  const top = tiles()[0]?.offsetTop;
  return tiles().filter((tile) => tile.offsetTop === top).length || 1;
};
grid.addEventListener("focusin", (event) => enter(event.target.closest(".tile"), false));
grid.addEventListener("keydown", (event) => {
  const all = tiles();
  const at = all.indexOf(event.target.closest(".tile"));
  if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const to = {
    ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns(), ArrowDown: at + columns(),
    Home: 0, End: all.length - 1,
  }[event.key];
  const tool = constants.tools && { "+": ".right", "-": ".wrong", w: ".why" }[event.key.toLowerCase()];
  if (to !== undefined) enter(all[to]);
  else if (tool) all[at].querySelector(tool)?.click();
  else if (event.key === "Escape" && changed()) clear();
  else return;
  event.preventDefault();
});

const draw = () => {
  const hadFocus = element.contains(document.activeElement);
  grid.replaceChildren(...(props.value?.tiles ?? []).map(build));
  tiles().forEach((tile) => { tile.dataset.asked = tile.dataset.mark; });
  grid.dataset.kind = props.value?.kind ?? "";
  grid.classList.toggle("far", Boolean(props.value?.far));
  grid.ariaLabel = props.value?.name ?? "";
  enter(tiles()[0], hadFocus);
  showMarks();
};
watch("value", draw);
draw();
