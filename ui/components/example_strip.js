// Pictures to click, in one row that scrolls sideways inside itself: photos, and views of maps.
// props.value is what ui/components/example_strip.py gives; 'follow' tells which was clicked, 'came' that photos which
// were on their way are here, or will not come.
const strip = element.querySelector(".strip");
const texts = constants;

const build = ({ id, title, small }, [width, height]) => {
  const item = document.createElement("li");
  const photo = Object.assign(document.createElement("button"), {
    type: "button", className: "photo", title, tabIndex: -1,
  });
  const name = Object.assign(document.createElement("span"), { className: "name", textContent: title });
  photo.append(Object.assign(new Image(width, height), { alt: "", loading: "lazy", src: small }), name);
  photo.addEventListener("click", () => {
    photo.ariaBusy = "true";
    setTimeout(() => { photo.ariaBusy = null; }, 1500);
    tell("follow", { collection: "examples", id });
  });
  item.append(photo);
  return item;
};

// One picture of each kind is in the tab order, and the arrow keys move between them.
const photosOf = (section) => [...section.querySelectorAll(".photo")];
const enter = (photo, focus = true) => {
  if (!photo) return;
  photosOf(photo.closest("section")).forEach((each) => { each.tabIndex = each === photo ? 0 : -1; });
  if (focus) photo.focus();
};
strip.addEventListener("focusin", (event) => enter(event.target.closest(".photo"), false));
strip.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const all = photosOf(event.target.closest("section"));
  const at = all.indexOf(event.target.closest(".photo"));
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  enter(all[to]);
  event.preventDefault();
});

// Where more is to the right, the last picture fades; a wheel turned over the row does not hold the page.
const showMore = () => {
  strip.classList.toggle("more", strip.scrollLeft + strip.clientWidth < strip.scrollWidth - 2);
};
strip.addEventListener("scroll", showMore, { passive: true });
new ResizeObserver(showMore).observe(strip);

let looking; // asks only while photos are on their way, and this page is looked at
const look = async () => {
  if (!element.isConnected) return clearInterval(looking);
  if (document.hidden) return;
  try {
    const { share } = await (await fetch("fetching")).json();
    if (share === null) {
      clearInterval(looking);
      tell("came");
    } else {
      say(share);
    }
  } catch { /* the connection is lost, which the page says elsewhere */ }
};
const say = (share) => {
  const percent = Math.min(Math.floor(100 * share), 99);
  strip.querySelector("#examples .caption").textContent = texts.fetching.replace("PERCENT", percent);
};

const draw = () => {
  const { groups, share } = props.value ?? {};
  if (!groups) return;
  for (const { name, caption, items, size } of groups) {
    const section = strip.querySelector(`#${name}`);
    section.hidden = !items.length;
    section.querySelector(".caption").textContent = caption;
    const list = section.querySelector("ul");
    list.ariaLabel = caption;
    list.replaceChildren(...items.map((item) => build(item, size)));
    enter(photosOf(section)[0], false);
  }
  clearInterval(looking);
  if (share !== null && share !== undefined) {
    say(share);
    looking = setInterval(look, texts.interval);
  }
  showMore();
};
watch("value", draw);
draw();
