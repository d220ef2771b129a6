// Under a mapped picture: how much the layer hides of it, at once and without the server, and the files to save.
// props.value is what ui/panels/map_panel.py gives; constants.view is the `elem_id` of the picture's part.
const tools = element.querySelector(".map-tools");
const strength = tools.querySelector(".strength");
const range = strength.querySelector("input");
const files = tools.querySelector(".files");
strength.querySelector("span").textContent = constants.strength;
let chosen = null; // by the visitor, for all layers from then on

const apply = () => {
  const shown = chosen ?? props.value?.strength ?? 50;
  range.value = shown;
  document.getElementById(constants.view)?.style.setProperty("--strength", shown / 100);
  files.querySelectorAll("a").forEach((link) => { // what is saved looks as it does here
    const url = new URL(link.href);
    if (chosen !== null) url.searchParams.set("strength", chosen);
    link.href = url.href;
  });
};

const draw = () => {
  const { strength: usual = null, files: offered = [], note = "" } = props.value ?? {};
  tools.hidden = !offered.length;
  strength.hidden = usual === null;
  files.replaceChildren(...offered.map(({ text, url }) => Object.assign(
    document.createElement("a"), { className: "download", textContent: text, href: url, download: "" },
  )));
  tools.querySelector(".note").textContent = note;
  apply();
};
range.addEventListener("input", () => {
  chosen = Number(range.value);
  apply();
});
watch("value", draw);
draw();
