// Example views of a map as pictures: a click has that one mapped. Gradio's gallery and dataset open or list things,
// and say nothing of what is being mapped.
// props.value is what ui/components/map_picker.py gives; 'open' tells which was clicked, 'unmapped' what has
// to be mapped in the queue, as the server said it: something else may be open by then.
const list = element.querySelector(".map-views");
element.querySelector(".told").textContent = constants.told;
let asked = "";

const make = (tag, className, properties = {}) =>
  Object.assign(document.createElement(tag), { className, ...properties });

const build = ({ slug, name, detail, small }) => {
  const item = make("li", "");
  const button = make("button", "map-view", { type: "button" });
  button.dataset.slug = slug;
  // The sizes are known before the picture is, so that nothing jumps when it comes.
  button.append(
    make("img", "", { alt: "", src: small, loading: "lazy", width: 400, height: 250 }),
    make("span", "name", { textContent: name }), make("span", "detail", { textContent: detail }),
  );
  button.addEventListener("click", () => {
    mark(slug); // at once; the server's answer says the same
    tell("open", { slug });
  });
  item.append(button);
  return item;
};
const mark = (opened) => list.querySelectorAll("button").forEach((each) => {
  each.ariaPressed = String(each.dataset.slug === opened);
});

const draw = () => {
  const { views = [], opened = "", unmapped = null } = props.value ?? {};
  const drawn = JSON.stringify(views);
  if (list.dataset.drawn !== drawn) {
    list.replaceChildren(...views.map(build));
    list.dataset.drawn = drawn;
  }
  mark(opened);
  if (unmapped && unmapped.asked !== asked) {
    asked = unmapped.asked;
    tell("unmapped", unmapped);
  }
};
watch("value", draw);
draw();
