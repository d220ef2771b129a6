// A screenshot with what is known of it on top: a square that is moved by clicking, dragging or arrow keys, its
// scale bar, and a layer of colours. Gradio's image field can show a picture, but nothing on it that moves at once.
// props.picture is a data URL, props.value what ui/render/screenshots.py calls view_value. 'pick' tells the
// server the place in pixels of the screenshot; `element`, `props`, `trigger` and `watch` are Gradio's.
const shot = element.querySelector(".shot");
shot.ariaLabel = constants.label;
const part = (name) => shot.querySelector(`.${name}`);

const place = (node, left, top, width, height) => {
  const { width: across, height: down } = props.value;
  node.style.left = `${(100 * left) / across}%`;
  node.style.top = `${(100 * top) / down}%`;
  node.style.width = `${(100 * width) / across}%`;
  if (height !== undefined) node.style.height = `${(100 * height) / down}%`;
};

// By its middle: one too small to be seen is drawn larger, see screenshot_view.css.
const placeSquare = ({ x, y, side }) => {
  place(part("square"), x, y, side, side);
  part("square").classList.toggle("small", side < 0.15 * props.value.width);
};

const draw = () => {
  const value = props.value ?? {};
  if (part("picture").getAttribute("src") !== props.picture) part("picture").src = props.picture || "";
  shot.hidden = !props.picture;
  shot.style.setProperty("--ratio", value.width / value.height || 1);
  part("square").hidden = !value.square;
  if (value.square) placeSquare(value.square);
  part("bar").hidden = !value.bar;
  if (value.bar) {
    const { x, y, side } = value.square;
    part("bar").textContent = value.bar.label;
    const below = y + side / 2 < 0.93 * value.height; // else it stands inside, at the foot of the square
    const left = Math.min(Math.max(x - value.bar.pixels / 2, 0), value.width - value.bar.pixels);
    place(part("bar"), left, y + side / 2, value.bar.pixels);
    part("bar").classList.toggle("inside", !below);
  }
  part("layer").hidden = !value.layer;
  if (value.layer) {
    const { src, left, top, width, height, smooth } = value.layer;
    part("layer").src = src;
    part("layer").classList.toggle("smooth", smooth);
    place(part("layer"), left, top, width, height);
  }
};

const inside = (x, y) => {
  const { width, height, square } = props.value;
  const half = Math.min((square?.side ?? 0), width, height) / 2;
  const within = (at, most) => Math.min(Math.max(at, half), most - half);
  return { ...square, x: within(x, width), y: within(y, height) };
};
const under = (event) => {
  const box = part("picture").getBoundingClientRect();
  const { width, height } = props.value;
  return inside(((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height);
};
const pick = (square) => {
  if (square.side) placeSquare(square); // at once; the server's answer puts it where it belongs
  tell("pick", { x: square.x, y: square.y });
};

shot.addEventListener("click", (event) => pick(under(event)));
shot.addEventListener("pointermove", (event) => { // a finger scrolls the page, and only taps the picture
  if (event.pointerType !== "touch" && event.buttons === 1 && props.value?.square) placeSquare(under(event));
});
shot.addEventListener("dragstart", (event) => event.preventDefault());
shot.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const square = props.value?.square;
  if (!step || !square) return;
  event.preventDefault();
  const moved = inside(square.x + (step[0] * square.side) / 4, square.y + (step[1] * square.side) / 4);
  props.value.square = moved; // so that the next key goes on from here
  pick(moved);
});
watch(["value", "picture"], draw);
draw();
