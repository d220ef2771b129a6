// What is said of a link that came without a picture. page.js finds such links, 'link' has the server read one, and
// props.value is the answer of ui/panels/pasted_link.py: what to say, and the link that is kept for the next screenshot.
// 'left_out' tells of files that page.js does not send, see ui/components/large_files.py.
const note = element.querySelector(".note");
const close = note.querySelector("button");

const draw = () => {
  const { told = "" } = props.value ?? {};
  note.hidden = !told;
  note.querySelector("p").textContent = told;
  if (told) note.scrollIntoView({ block: "nearest" });
};
document.addEventListener("link-given", (event) => tell("link", { link: event.detail }));
document.addEventListener("files-left-out", ({ detail }) => {
  if (detail.files.length) tell("left_out", detail);
  else window.clicks = window.clicks?.filter(({ key }) => key !== `${partName} left_out`);
});
close.ariaLabel = close.title = constants.close;
close.addEventListener("click", () => tell("link", { link: "" }));
watch("value", draw);
draw();
