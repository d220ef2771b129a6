// What is said of a link that came without a picture. page.js finds such links, 'link' has the server read one, and
// props.value is the answer of ui/panels/pasted_link.py: what to say, and the link that is kept for the next screenshot.
const note = element.querySelector(".note");
const close = note.querySelector("button");

const draw = () => {
  const { told = "" } = props.value ?? {};
  note.hidden = !told;
  note.querySelector("p").textContent = told;
  if (told) note.scrollIntoView({ block: "nearest" });
};
document.addEventListener("link-given", (event) => tell("link", { link: event.detail }));
close.ariaLabel = close.title = constants.close;
close.addEventListener("click", () => tell("link", { link: "" }));
watch("value", draw);
draw();
