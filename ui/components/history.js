// The searches of this visit as a trail, one with the browser's own history: each search has an address, its
// buttons are the browser's, and a click on an earlier photo goes back to it. Gradio knows nothing of history.
// props.value is what ui/components/history.py gives; 'travel' asks the server for the search of an address, 'random'
// for any photo, 'unread' for the screenshot that a preview stands for. constants.fields are the names in addresses;
// what else is in the page's address stays there.
const texts = constants;
const part = (name) => element.querySelector(`.${name}`);
const button = (name, text, label) => {
  if (text) part(name).textContent = text;
  part(name).title = label;
  if (!text) part(name).ariaLabel = label;
  return part(name);
};

const remembered = () => {
  try {
    return JSON.parse(sessionStorage.getItem("trail")) ?? [];
  } catch {
    return []; // storage may be forbidden, as in some frames
  }
};
const remember = () => {
  try {
    sessionStorage.setItem("trail", JSON.stringify(entries));
  } catch { /* the trail lives until the page is left */ }
};
let entries = remembered();
let at = history.state?.trail;
if (at === undefined) { // a new page: its trail begins here
  entries = [];
  at = 0;
  history.replaceState({ ...history.state, trail: at }, "");
}
// What another page of this tab went through may be forgotten, and the browser still goes back to it.
const fill = () => { while (entries.length <= at) entries.push({ address: "", title: texts.start }); };
fill();

const url = (address) => {
  const others = new URLSearchParams(location.search);
  constants.fields.forEach((name) => others.delete(name));
  const query = [address, others.toString()].filter(Boolean).join("&");
  return location.pathname + (query ? `?${query}` : "");
};
const link = () => new URL(url(entries[at].address), location.href).href;

const follow = () => {
  const { address, title, thumb, life, step, unread } = props.value ?? {};
  if (address === undefined) return;
  const back = travelled && step !== "push";
  travelled = false;
  const entry = { address, title: title || texts.start, thumb, life, scroll: entries[at].scroll };
  if (step === "push" && entries[at].address !== address) {
    entries = [...entries.slice(0, at + 1), { ...entry, scroll: 0 }];
    at += 1;
    history.pushState({ trail: at }, "", url(address));
  } else {
    entries[at] = entry;
    history.replaceState({ ...history.state, trail: at }, "", url(address));
  }
  // A Space is a frame in the Hub's page, whose address people copy.
  if (window.parent !== window) {
    window.parent.postMessage({ queryString: url(address).split("?")[1] ?? "" }, "https://huggingface.co");
  }
  remember();
  draw();
  if (back) requestAnimationFrame(() => scrollTo({ top: entries[at].scroll ?? 0, behavior: "instant" }));
  if (unread) tell("unread");
};

const draw = () => {
  part("back").disabled = at === 0;
  part("forward").disabled = at === entries.length - 1;
  const focused = part("crumbs").contains(document.activeElement);
  part("crumbs").replaceChildren(...entries.map(({ title, thumb }, place) => {
    const crumb = document.createElement("button");
    Object.assign(crumb, { type: "button", title, ariaLabel: title });
    if (place === at) crumb.ariaCurrent = "step";
    if (thumb) crumb.append(Object.assign(new Image(32, 32), { src: thumb, alt: "" }));
    else crumb.textContent = "⌂";
    crumb.addEventListener("click", () => history.go(place - at));
    const item = document.createElement("li");
    item.append(crumb);
    return item;
  }));
  if (focused) part("crumbs").querySelector("[aria-current]")?.focus();
  part("crumbs").hidden = entries.length < 2;
  part("crumbs").scrollLeft = 1e6;
  part("share").disabled = !entries[at].address;
  part("address").value = link();
  part("life").textContent = entries[at].life ?? "";
  if (!entries[at].address) showLink(false);
  part("copied").textContent = "";
};

const showLink = (open) => {
  part("link").hidden = !open;
  part("share").ariaExpanded = String(open);
};
button("back", "", texts.back).addEventListener("click", () => history.back());
button("forward", "", texts.forward).addEventListener("click", () => history.forward());
button("random", texts.random, texts.random_long).addEventListener("click", () => tell("random", {}));
button("share", texts.share, texts.share_long).addEventListener("click", async () => {
  showLink(part("link").hidden);
  if (part("link").hidden) return;
  part("address").select();
  try {
    await navigator.clipboard.writeText(link());
    part("copied").textContent = texts.copied;
  } catch {
    part("copied").textContent = texts.copy; // not allowed here: it is selected, to be copied by hand
  }
});
part("address").ariaLabel = texts.address;
element.querySelector(".trail").ariaLabel = texts.trail;

// Back is also where one was on the page; the browser would look for it before the answer is there.
let travelled = false;
history.scrollRestoration = "manual";
window.addEventListener("scroll", () => { if (!travelled) entries[at].scroll = scrollY; }, { passive: true });
window.addEventListener("popstate", (event) => {
  if (event.state?.trail === undefined) return;
  at = event.state.trail;
  fill();
  travelled = true;
  setTimeout(() => { travelled = false; }, 3000); // there may be no answer, but a sentence
  draw();
  tell("travel", { address: location.search });
});
watch("value", follow);
draw();
