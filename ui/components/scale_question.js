// A question with a picture: whether single cars can be made out in the square of a screenshot whose scale nobody
// says. props.value is what `question` in ui/render/screenshots.py gives; 'answer' tells the server what was said.
const card = element.querySelector(".question");
const part = (name) => card.querySelector(name);
for (const name of ["yes", "no", "zoom", "again"]) part(`.${name}`).textContent = constants[name];
part(".crop").alt = constants.crop;

const answer = (said) => () => tell("answer", { said });
part(".yes").addEventListener("click", answer("yes"));
part(".no").addEventListener("click", answer("no"));
part(".again").addEventListener("click", answer("again"));
part(".zoom").addEventListener("click", () => { // the fields are there already, perhaps folded away
  const fields = document.querySelector("#by-hand");
  const field = () => fields.querySelector("#zoom input");
  if (!field()?.offsetParent) fields.querySelector("button.label-wrap").click();
  const wait = (times) => (field()?.offsetParent ? field().focus() : times && setTimeout(wait, 50, times - 1));
  wait(40);
});

const draw = () => {
  const { state, picture, leans } = props.value ?? {};
  card.hidden = !state;
  if (!state) return;
  card.dataset.state = state;
  card.classList.toggle("leans", state === "open" && leans);
  if (part(".crop").getAttribute("src") !== picture) part(".crop").src = picture;
  part("h3").textContent = { open: constants.question, yes: constants.confirmed, no: constants.far }[state];
  part("p").textContent = { open: leans ? constants.leans : constants.why, yes: "", no: constants.then }[state];
  part(".yes").hidden = part(".no").hidden = state !== "open";
  part(".zoom").hidden = state === "yes";
  part(".again").hidden = state === "open";
};
watch("value", draw);
draw();
