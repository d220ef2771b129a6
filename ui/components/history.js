// The searches of this visit, and the tabs that were opened between them, as a trail, one with the browser's own
// history: each step has an address, the buttons are the browser's, and a click on an earlier step goes back to
// it. Gradio knows nothing of history.
// props.value is what ui/components/history.py gives; 'travel' asks the server for the search of an address,
// 'visit_NAME' for what is chosen in the view of that name, 'random' for any photo, 'unread' for the screenshot
// that a preview stands for. constants.fields are the names in addresses, constants.views the tabs with
// addresses of their own (ui/views.py); what else is in the page's address stays there.
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

// Addresses.
const named = (address) => constants.views.find(({ name }) => name === new URLSearchParams(address).get("view"));
const ours = () => {
  const all = new URLSearchParams(location.search);
  return new URLSearchParams([...all].filter(([name]) => constants.fields.includes(name))).toString();
};
const url = (address) => {
  const others = new URLSearchParams(location.search);
  const gradios = ["api", "api-recorder", "settings"].includes(others.get("view")); // its own, above the page
  constants.fields.forEach((name) => { if (name !== "view" || !gradios) others.delete(name); });
  const query = [address, others.toString()].filter(Boolean).join("&");
  return location.pathname + (query ? `?${query}` : "");
};

// Steps.
const start = () => ({ address: "", title: texts.start });
const viewStep = ({ name, title, words }, address = `view=${name}`) =>
  ({ address, view: name, title, heading: title, words });
const stepHere = () => {
  const view = named(location.search);
  return view ? viewStep(view, ours()) : { ...start(), address: ours() };
};
let entries = remembered();
let at = history.state?.trail;
if (at === undefined) { // a new page: its trail begins here
  entries = [];
  at = 0;
  history.replaceState({ ...history.state, trail: at }, "");
}
// What another page of this tab went through may be forgotten, and the browser still goes back to it.
const fill = () => {
  while (entries.length <= at) entries.push(start());
  if ((entries[at].view ?? "") !== (named(location.search)?.name ?? "")) entries[at] = stepHere();
};
fill();
const put = (entry, push) => {
  if (push) {
    entries = [...entries.slice(0, at + 1), { ...entry, scroll: 0 }];
    at += 1;
    history.pushState({ trail: at }, "", url(entry.address));
  } else {
    entries[at] = { ...entry, scroll: entries[at].scroll };
    history.replaceState({ ...history.state, trail: at }, "", url(entry.address));
  }
  // A Space is a frame in the Hub's page, whose address people copy.
  if (window.parent !== window) {
    const queryString = url(entry.address).split("?")[1] ?? "";
    window.parent.postMessage({ queryString }, "https://huggingface.co");
  }
  remember();
  draw();
};

// What the tab of the search shows: its step, and the address that the server answered last.
let search = entries.slice(0, at + 1).findLast(({ view }) => !view) ?? start();
let answered;
const latest = {}; // of each view the last step: what is chosen in it stays

const follow = () => {
  const { step, unread, ...entry } = props.value ?? {};
  if (entry.address === undefined) return;
  entry.title ||= texts.start;
  const here = entries[at];
  const back = travelled && step !== "push";
  travelled = false;
  if (entry.view) {
    latest[entry.view] = entry;
    if (here.view !== entry.view) return; // another tab was opened meanwhile
    put(entry, step === "push" && here.address !== entry.address && !here.passing);
  } else {
    answered = entry.address;
    // What asks for a search opens its tab at once: of another tab somebody chose it meanwhile, and stays there.
    if (here.view) {
      if (step === "push") keep(entry);
      if (step === "push" || !search.address) search = entry;
      return;
    }
    search = entry;
    put(entry, step === "push" && here.address !== entry.address && !here.passing);
  }
  if (back) scrollBack();
  if (unread) tell("unread");
};
// The answer to a search that the page itself had opened the tab for, and that somebody has left.
const keep = (entry) => {
  const place = entries.findLastIndex((each, index) => index < at && each.passing && !each.view);
  if (place < 0) return;
  entries[place] = { ...entry, scroll: 0, behind: true }; // the browser has its address only once it is there again
  remember();
  draw();
};
const scrollBack = () =>
  requestAnimationFrame(() => scrollTo({ top: entries[at].scroll ?? 0, behavior: "instant" }));

// Tabs. Gradio shows those that have room, the open one among them, and has the others in a menu.
const bar = document.querySelector("#tabs [role=tablist]").parentElement;
const opened = () => bar.querySelector("[role=tab][aria-selected=true]")?.dataset.tabId;
const select = (tab) => {
  if (opened() === tab) return;
  const place = [constants.tab, ...constants.views.map((view) => view.tab)].indexOf(tab);
  const name = bar.querySelectorAll("[aria-hidden] button")[place]?.textContent;
  const hidden = [...bar.querySelectorAll(".overflow-dropdown button")].find((each) => each.textContent === name);
  (bar.querySelector(`[role=tab][data-tab-id="${tab}"]`) ?? hidden)?.click();
};
let pressed = -Infinity; // when a visitor himself last used the bar of tabs, unless the page did so since
const onPress = (event) => {
  if (bar.contains(event.target)) pressed = event.isTrusted ? performance.now() : -Infinity;
};
document.addEventListener("click", onPress, true);
document.addEventListener("keydown", onPress, true);
const onTab = () => {
  const tab = opened();
  const view = constants.views.find((each) => each.tab === tab);
  if (!tab || (view?.name ?? "") === (entries[at].view ?? "")) return;
  // The page itself opens the search for what was dropped or clicked: that takes this step's place.
  const passing = performance.now() - pressed > 1000;
  put({ ...(view ? latest[view.name] ?? viewStep(view) : search), passing }, true);
  if (passing) return; // the page itself has something to show there
  if (view) visit(view);
  else if (search.address !== answered) tell("travel", { address: `?${search.address}` });
};
const visit = ({ name }) => tell(`visit_${name}`, { address: `?${entries[at].address}` });
new MutationObserver(onTab)
  .observe(bar, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-selected"] });

const crumb = ({ title, thumb, view }, place) => {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", title, ariaLabel: title });
  if (place === at) made.ariaCurrent = "step";
  if (thumb) made.append(Object.assign(new Image(32, 32), { src: thumb, alt: "" }));
  else made.textContent = constants.views.find(({ name }) => name === view)?.title ?? "⌂";
  if (view) made.className = "view";
  made.addEventListener("click", () => history.go(place - at));
  const item = document.createElement("li");
  item.append(made);
  return item;
};
const draw = () => {
  part("back").disabled = at === 0;
  part("forward").disabled = at === entries.length - 1;
  const focused = part("crumbs").contains(document.activeElement);
  part("crumbs").replaceChildren(...entries.map(crumb));
  if (focused) part("crumbs").querySelector("[aria-current]")?.focus();
  part("crumbs").hidden = entries.length < 2;
  part("crumbs").scrollLeft = 1e6;
  document.title = current().title;
  document.dispatchEvent(new CustomEvent("trail"));
};

// Sharing: of the step that is shown, without what is in the page's address besides.
const current = () => {
  const { heading, words, life, shared = "", address } = entries[at];
  const sent = address || shared; // under the bare address an example is shown, and there is another one each day
  return {
    url: sent && new URL(`${location.pathname}?${sent}`, location.href).href,
    title: heading ? `${heading} \u2013 ${texts.page}` : texts.page,
    words,
    life,
  };
};
window.trail = { current, select };
sharePanel(part, texts, current);
button("back", "", texts.back).addEventListener("click", () => history.back());
button("forward", "", texts.forward).addEventListener("click", () => history.forward());
button("random", texts.random, texts.random_long).addEventListener("click", () => tell("random", {}));
element.querySelector(".trail").ariaLabel = texts.trail;

// Back is also where one was on the page; the browser would look for it before the answer is there.
let travelled = false;
history.scrollRestoration = "manual";
window.addEventListener("scroll", () => { if (!travelled) entries[at].scroll = scrollY; }, { passive: true });
window.addEventListener("popstate", (event) => {
  if (event.state?.trail === undefined) return;
  const before = entries[at].view;
  at = event.state.trail;
  fill();
  if (entries[at].behind) history.replaceState({ ...history.state, trail: at }, "", url(entries[at].address));
  const view = named(location.search);
  travelled = true;
  setTimeout(() => { travelled = false; }, 3000); // there may be no answer, but a sentence
  select(view?.tab ?? constants.tab);
  draw();
  if (view) {
    visit(view);
    return;
  }
  search = entries[at];
  if (before && search.address === answered) { // from a view: the search is still there as it was
    travelled = false;
    scrollBack();
  } else {
    tell("travel", { address: location.search });
  }
});
watch("value", follow);
draw();
if (named(location.search)) {
  select(named(location.search).tab);
  visit(named(location.search));
}
