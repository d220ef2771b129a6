// The collection as a map: each photo a dot, near is similar. It zooms, and shows the photo under the pointer.
// Gradio's plots can neither show a picture for a dot nor be asked which photo it is.
// embedding_map_names.js stands before this, with placeNames. props.value is what ui/components/embedding_map.py gives; the dots are fetched once, when the map comes into sight, and
// 'follow' tells the server to search with a photo.
const texts = constants;
const svg = element.querySelector("svg");
const card = element.querySelector(".card");
const part = (name) => element.querySelector(`.${name}`);
const SIZE = 1000; // units of the drawing
const make = (tag, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  return node;
};

let map = null; // of the collection that is drawn
const MARGIN = 60; // for names at the edges
const ALL = { x: -MARGIN, y: -MARGIN, size: SIZE + 2 * MARGIN };
let view = ALL;
let shown = null; // the photo on the card
let pinned = null; // the same, once it was clicked
const maps = (window.atlasMaps ??= {}); // one fetch, however many maps there are on the page

const fetchMap = (collection) => (maps[collection] ??= fetch(`maps/${encodeURIComponent(collection)}`)
  .then((answer) => (answer.ok ? answer.json() : null))
  .catch(() => { delete maps[collection]; return undefined; })); // a network that failed may do better next time

const look = () => {
  if (!map) return;
  const [corner, box] = [part("zoom").getBoundingClientRect(), svg.getBoundingClientRect()];
  const buttons = [corner.left - box.left, corner.top - box.top, corner.right - box.left, corner.bottom - box.top];
  svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.size} ${view.size}`);
  // Dots and names keep their size on the screen while the map grows.
  const unit = view.size / (box.width || SIZE);
  svg.style.setProperty("--unit", `${unit}px`);
  // A finger scrolls the page over the whole map, and moves one that is zoomed.
  svg.style.touchAction = view.size === ALL.size ? "pan-y" : "none";
  const { query, rows = [] } = props.value;
  const names = [...svg.querySelectorAll(".query text, .names text")];
  const dots = [[4, map.places], [8, rows.map((row) => map.places[row])], [11, query ? [query] : []]];
  placeNames({ names, dots, buttons, view, unit, scale: SIZE });
  if (shown !== null) placeCard();
};
const zoom = (factor, x = view.x + view.size / 2, y = view.y + view.size / 2) => {
  const size = Math.min(Math.max(view.size * factor, SIZE / 40), ALL.size);
  const scale = size / view.size;
  view = within({ x: x - (x - view.x) * scale, y: y - (y - view.y) * scale, size });
  look();
};
const within = ({ x, y, size }) => ({
  x: Math.min(Math.max(x, ALL.x), ALL.x + ALL.size - size),
  y: Math.min(Math.max(y, ALL.y), ALL.y + ALL.size - size),
  size,
});
const pan = (dx, dy) => {
  view = within({ ...view, x: view.x + dx, y: view.y + dy });
  look();
};
const at = (event) => {
  const box = svg.getBoundingClientRect();
  return [
    view.x + ((event.clientX - box.left) / box.width) * view.size,
    view.y + ((event.clientY - box.top) / box.height) * view.size,
  ];
};

const draw = async () => {
  const { collection, query, rows = [], preview } = props.value ?? {};
  if (!collection) return;
  if (map?.collection !== collection) {
    const fetched = await fetchMap(collection);
    if (props.value.collection !== collection) return; // another was asked for meanwhile
    part("none").hidden = fetched !== null;
    part("none").textContent = texts.none;
    svg.toggleAttribute("hidden", !fetched);
    part("zoom").hidden = !fetched;
    if (!fetched) return;
    map = { collection, ...fetched };
    view = ALL;
    svg.querySelector(".dots").replaceChildren(...map.places.map(([x, y], row) => {
      const dot = make("circle", { cx: x * SIZE, cy: y * SIZE, "data-row": row, "data-class": map.classes[row] });
      dot.style.setProperty("--hue", `${(map.classes[row] * 137.508) % 360}`);
      return dot;
    }));
    svg.querySelector(".names").replaceChildren(...map.names.flatMap(([label, left, top]) => {
      const [x, y] = [left * SIZE, top * SIZE];
      const name = make("text", { "data-x": x, "data-y": y });
      name.textContent = props.value.labels[label] ?? label;
      return [make("line", { x1: x, y1: y }), name];
    }));
  }
  map.preview = preview;
  svg.querySelector(".found").replaceChildren(...rows.map((row) => {
    const [x, y] = map.places[row];
    return make("circle", { cx: x * SIZE, cy: y * SIZE, "data-row": row });
  }));
  const mark = [];
  if (query) {
    const [x, y] = query.map((value) => value * SIZE);
    mark.push(make("circle", { cx: x, cy: y }));
    mark.push(Object.assign(make("text", { "data-x": x, "data-y": y }), { textContent: texts.query }));
  }
  svg.querySelector(".query").replaceChildren(...mark);
  svg.ariaLabel = texts.map;
  hide();
  look();
};

const nameOf = (row) => props.value.labels[map.labels[map.classes[row]]] ?? map.labels[map.classes[row]];
const show = (row, pin) => {
  shown = row;
  pinned = pin ? row : null;
  const picture = card.querySelector("img");
  const blurred = map.preview ? `?preview=${map.preview}` : "";
  const source = `photos/${encodeURIComponent(map.collection)}/${encodeURIComponent(map.ids[row])}/small${blurred}`;
  if (picture.getAttribute("src") !== source) picture.src = source;
  card.querySelector("p").textContent = `${nameOf(row)} · ${map.ids[row]}`;
  card.querySelector("button").hidden = !pin;
  card.classList.toggle("pinned", Boolean(pin));
  svg.querySelectorAll(".dots circle.shown").forEach((each) => each.classList.remove("shown"));
  svg.querySelector(`.dots circle[data-row="${row}"]`)?.classList.add("shown");
  placeCard();
  highlight(map.classes[row]);
  if (pin) card.querySelector("button").focus({ preventScroll: true });
};
// Under its dot, or over it where there is more room; always whole. It goes with the dot, and out of sight with it.
const placeCard = () => {
  const [x, y] = map.places[shown];
  const across = (x * SIZE - view.x) / view.size;
  const down = (y * SIZE - view.y) / view.size;
  const inSight = across >= 0 && across <= 1 && down >= 0 && down <= 1;
  if (!inSight && card.contains(document.activeElement)) svg.focus({ preventScroll: true });
  card.hidden = !inSight;
  const [width, height] = [svg.clientWidth, svg.clientHeight];
  const top = down < 0.5 ? down * height + 14 : down * height - card.offsetHeight - 14;
  card.style.left = `${Math.max(Math.min(across * width - 66, width - 136), 4)}px`;
  card.style.top = `${Math.max(Math.min(top, height - card.offsetHeight - 4), 4)}px`;
};
const hide = () => {
  card.hidden = true;
  shown = pinned = null;
  svg.querySelectorAll(".dots circle.shown").forEach((each) => each.classList.remove("shown"));
  highlight(null);
};
// The class under the pointer stands out by its size too, not by its colour alone.
const highlight = (which) => {
  svg.classList.toggle("one", which !== null);
  svg.querySelectorAll(".dots circle.same").forEach((each) => each.classList.remove("same"));
  if (which === null) return;
  svg.querySelectorAll(`.dots circle[data-class="${which}"]`).forEach((each) => each.classList.add("same"));
};

// The dot nearest to a place, if it is within reach of a finger.
const nearest = (event) => {
  const [x, y] = at(event);
  const reach = (14 / (svg.clientWidth || SIZE)) * view.size;
  let best = null;
  let least = reach * reach;
  map?.places.forEach(([left, top], row) => {
    const apart = (left * SIZE - x) ** 2 + (top * SIZE - y) ** 2;
    if (apart < least) [best, least] = [row, apart];
  });
  return best;
};

const pointers = new Map();
let moved = 0;
svg.addEventListener("pointerdown", (event) => {
  pointers.set(event.pointerId, event);
  moved = 0;
  if (event.pointerType === "mouse") svg.setPointerCapture(event.pointerId);
});
svg.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) {
    if (event.pointerType !== "mouse" || pinned !== null) return;
    const row = nearest(event);
    if (row === null) hide();
    else show(row, false);
    return;
  }
  const scale = view.size / (svg.clientWidth || SIZE);
  if (pointers.size === 2) { // two fingers zoom
    const other = [...pointers.values()].find((each) => each.pointerId !== event.pointerId);
    const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    zoom(apart(before) / apart(event), ...at(event));
  } else {
    pan((before.clientX - event.clientX) * scale, (before.clientY - event.clientY) * scale);
  }
  moved += Math.hypot(before.clientX - event.clientX, before.clientY - event.clientY);
  pointers.set(event.pointerId, event);
});
const lift = (event) => pointers.delete(event.pointerId);
svg.addEventListener("pointerup", (event) => {
  if (pointers.size === 1 && moved < 6 && map) {
    const row = nearest(event);
    if (row === null) hide();
    else show(row, true);
  }
  lift(event);
});
svg.addEventListener("pointercancel", lift);
svg.addEventListener("pointerleave", () => { if (pinned === null) hide(); });
svg.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && view.size === ALL.size && event.deltaY > 0) return; // at full size the page scrolls on
  event.preventDefault();
  zoom(event.deltaY > 0 ? 1.25 : 0.8, ...at(event));
}, { passive: false });
element.querySelector(".atlas").addEventListener("keydown", (event) => {
  const step = view.size / 8;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  if (event.key === "Escape" && pinned !== null) {
    hide();
    svg.focus({ preventScroll: true });
  } else if (event.target !== svg) return;
  else if (moves[event.key]) pan(...moves[event.key]);
  else if (event.key === "+" || event.key === "=") zoom(0.8);
  else if (event.key === "-") zoom(1.25);
  else if (event.key === "0") zoom(SIZE);
  else return;
  event.preventDefault();
  event.stopPropagation();
});
for (const [name, factor] of [["in", 0.6], ["out", 1 / 0.6], ["all", SIZE]]) {
  part(name).title = part(name).ariaLabel = texts[name];
  part(name).addEventListener("click", () => zoom(factor));
}
card.querySelector("button").textContent = texts.follow;
card.querySelector("button").addEventListener("click", () =>
  tell("follow", { collection: map.collection, id: map.ids[pinned] }));

// Fetched and drawn when it comes into sight: most visitors never open it.
let seen = false;
new IntersectionObserver(([entry]) => {
  if (!entry.isIntersecting) return;
  if (!seen) {
    seen = true;
    draw();
  }
  look();
}).observe(element.querySelector(".atlas"));
new ResizeObserver(look).observe(svg);
watch("value", () => { if (seen) draw(); });
