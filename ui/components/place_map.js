// Where on Earth an answer lies. Leaflet draws it, and is loaded when such a map comes into sight; it asks no other server
// unless a visitor turns the streets on. place_map_grid.js stands before this, with placeMapGrid. props.value is what
// ui/components/place_map.py's `around` gives; 'follow' tells the server to search with a photo. Labels are a stranger's
// text: Leaflet takes strings for HTML, so it is given elements.
const texts = constants;
const part = (name) => element.querySelector(`.${name}`);
const land = part("land");
const LEAFLET = "vendor/leaflet";
const TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

const leaflet = () => (window.leafletComing ??= new Promise((done, failed) => {
  document.head.append(make("link", { rel: "stylesheet", href: `${LEAFLET}/leaflet.css` }));
  const script = make("script", { src: `${LEAFLET}/leaflet.js` });
  script.addEventListener("load", () => done(window.L));
  script.addEventListener("error", () => { window.leafletComing = undefined; failed(); }); // it may come next time
  document.head.append(script);
}));
const fetched = (window.placesOfCollections ??= {});
const fetchAll = (collection) => (fetched[collection] ??= fetch(`places/${encodeURIComponent(collection)}`)
  .then((answer) => (answer.ok ? answer.json() : null))
  .catch(() => { delete fetched[collection]; return null; }));

let L = null;
let map = null;
let grid = null;
let streets = null;
let behind = null; // the photos of the collection
let front = null; // those that were found, and the query
let drawn = null; // the value that is on the map
let home = null; // what all that was found lies in
let ranks = []; // the numbers of what was found, the nearest first

const start = () => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map = L.map(land, {
    zoomControl: false, minZoom: 1, maxZoom: 21, zoomSnap: 0.5, scrollWheelZoom: false, attributionControl: false,
    zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm, inertia: !calm,
  });
  for (const [name, order] of [["grid", 250], ["behind", 380], ["asked", 410]]) map.createPane(name).style.zIndex = order;
  map.getPane("grid").style.pointerEvents = "none";
  behind = L.layerGroup().addTo(map);
  front = L.layerGroup().addTo(map);
  L.control.scale({ imperial: false, position: "topleft" }).addTo(map);
  map.setView([0, 0], 2);
  grid = placeMapGrid(L, map);
  map.on("zoomend", spread);
  // The wheel scrolls the page until the map was chosen.
  land.addEventListener("focusin", () => map.scrollWheelZoom.enable());
  land.addEventListener("focusout", () => map.scrollWheelZoom.disable());
  for (const name of ["in", "out", "all"]) part(name).title = part(name).ariaLabel = texts[name];
  part("in").addEventListener("click", () => map.zoomIn());
  part("out").addEventListener("click", () => map.zoomOut());
  part("all").addEventListener("click", goHome);
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(land);
};
// A number that would cover that of a nearer photo is a dot, until the map is near enough for both.
const APART = 24; // pixels
const spread = () => {
  const numbered = [];
  ranks.forEach((marker) => {
    const at = map.latLngToLayerPoint(marker.getLatLng());
    const covers = numbered.some((other) => other.distanceTo(at) < APART);
    marker.getElement()?.classList.toggle("dot", covers);
    if (!covers) numbered.push(at);
  });
};
const goHome = () => home && map.fitBounds(home, { padding: [30, 30], maxZoom: 18 });

// The photo in a window on the map: what it is, and where one can go from here. Escape gives the focus back.
const open = (at, { id, label, distance, small }) => {
  const before = document.activeElement;
  const card = make("div", { className: "card" });
  const follow = make("button", { type: "button", textContent: texts.follow });
  follow.addEventListener("click", () => tell("follow", { collection: drawn.collection, id }));
  const { lat, lng } = at.wrap();
  const numbers = [lat, lng, lat, lng].map((each) => each.toFixed(6));
  const where = make("a", {
    textContent: texts.where, target: "_blank", rel: "noopener noreferrer",
    href: texts.address.replace(/\{\}/g, () => numbers.shift()),
  });
  const picture = make("img", { alt: "", src: small, width: 112, height: 112 });
  card.append(picture, make("p", { textContent: [label, distance].filter(Boolean).join(" · ") }), follow, where);
  const popup = L.popup({ autoPanPaddingTopLeft: [16, 16], autoPanPaddingBottomRight: [60, 16], minWidth: 132, maxWidth: 160 }).setLatLng(at).setContent(card).openOn(map);
  const close = popup.getElement().querySelector(".leaflet-popup-close-button");
  close.ariaLabel = close.title = texts.close;
  popup.getElement().addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // it closes nothing around it
    map.closePopup();
    before.focus({ preventScroll: true });
  });
  follow.focus({ preventScroll: true });
};
const told = ({ rank, label, distance }) => texts.rank
  .replace("RANK", rank).replace("DISTANCE", distance ?? "").replace("LABEL", () => label);
const around = (corners) => L.latLngBounds(corners);
// All on the same side of the 180th meridian as the first.
const besides = (corners, reference) => {
  const turns = Math.round((reference - around(corners).getCenter().lng) / 360);
  return corners.map(([latitude, longitude]) => [latitude, longitude + 360 * turns]);
};

const drawFound = (value) => {
  front.clearLayers();
  ranks = [];
  map.closePopup();
  const shapes = value.found.map((each) => each.corners);
  const reference = shapes.length ? around(shapes[0]).getCenter().lng : 0;
  [...value.found].reverse().forEach((each) => { // the nearest on top
    const corners = besides(each.corners, reference);
    const middle = around(corners).getCenter();
    const tip = () => make("span", { textContent: told(each) });
    const show = () => open(middle, each);
    L.polygon(corners, { className: "footprint", weight: 2 }).bindTooltip(tip, { sticky: true }).on("click", show).addTo(front)
      .getElement().style.setProperty("--share", each.share);
    const number = make("span", { textContent: each.rank });
    number.style.setProperty("--share", each.share);
    const marker = L.marker(middle, {
      icon: L.divIcon({ className: "rank", iconSize: [26, 26], html: number }),
      zIndexOffset: -1000 * each.rank, riseOffset: 1e6, riseOnHover: true, // the nearest on top, wherever it lies
    }).bindTooltip(tip, { direction: "top", offset: [0, -14] }).on("click", show).addTo(front);
    ranks.unshift(marker);
    marker.getElement().ariaLabel = told(each);
    marker.getElement().addEventListener("keydown", (event) => { // Leaflet's own opens what it has bound alone
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show();
    });
  });
  value.query.forEach((shape) => {
    const corners = besides(shape, reference);
    L.polygon(corners, { className: "asked", weight: 2, pane: "asked", interactive: false }).addTo(front);
    const { lng } = around(corners).getCenter();
    L.marker([around(corners).getNorth(), lng], {
      pane: "asked", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "query", iconSize: null, html: make("span", { textContent: texts.query }) }),
    }).addTo(front);
  });
  if (value.area) L.polygon(besides(value.area, reference), { className: "area", weight: 2, interactive: false, pane: "asked" }).addTo(front);
  home = value.area ? around(besides(value.area, reference)) : null;
  shapes.forEach((shape) => { home = (home ?? L.latLngBounds([])).extend(around(besides(shape, reference))); });
  return reference;
};
const drawBehind = (value, all, reference) => {
  behind.clearLayers();
  const renderer = L.canvas({ pane: "behind" });
  const colour = getComputedStyle(element).getPropertyValue("--quiet").trim();
  const found = new Set(value.found.map(({ id }) => id));
  const whole = L.latLngBounds([]);
  all.corners.forEach((shape, row) => {
    const corners = besides(shape, reference);
    whole.extend(around(corners));
    const id = all.ids[row];
    if (found.has(id)) return;
    const label = value.labels[all.labels[row]] ?? (all.labels[row] || id);
    const blurred = value.preview ? `?preview=${value.preview}` : "";
    const small = `photos/${encodeURIComponent(value.collection)}/${encodeURIComponent(id)}/small${blurred}`;
    L.polygon(corners, { renderer, weight: 1, color: colour, opacity: 0.28, fillOpacity: 0.08, smoothFactor: 0 })
      .bindTooltip(() => make("span", { textContent: label }), { sticky: true })
      .on("click", () => open(around(corners).getCenter(), { id, label, small })).addTo(behind);
  });
  // The query too is in sight, unless it lies far away.
  value.query.map((shape) => around(besides(shape, reference))).filter((shape) => whole.isValid() && whole.pad(1).intersects(shape))
    .forEach((shape) => home?.extend(shape));
  home ??= whole.isValid() ? whole : null;
  const sentence = all.corners.length < all.count ? texts.thinned : texts.drawn;
  part("told").textContent = sentence.replace("DRAWN", all.corners.length.toLocaleString(document.documentElement.lang))
    .replace("COUNT", all.count.toLocaleString(document.documentElement.lang));
};

const say = (sentence) => {
  part("none").textContent = sentence;
  part("none").hidden = !sentence;
  for (const name of ["zoom", "under"]) part(name).hidden = Boolean(sentence);
};
const draw = async () => {
  const value = props.value;
  if (!value?.collection || value === drawn) return;
  try {
    L ??= await leaflet();
  } catch {
    say(texts.failed);
    return;
  }
  const all = await fetchAll(value.collection);
  if (props.value !== value) return; // another was asked for meanwhile
  if (!map) start();
  drawn = value;
  const reference = drawFound(value);
  if (all) drawBehind(value, all, reference);
  say(home ? "" : texts.unknown);
  map.invalidateSize({ pan: false });
  goHome();
  spread(); // the zoom may be as before
  grid.draw();
};

land.ariaLabel = texts.map;
part("here").textContent = texts.here;
part("here").addEventListener("click", () => {
  const seen = map.getBounds();
  const inside = (at) => at - 360 * Math.round(at / 360);
  const all = seen.getEast() - seen.getWest() >= 360;
  const limit = (at) => Math.min(Math.max(at, -90), 90);
  const edges = [inside(seen.getWest()), limit(seen.getSouth()), inside(seen.getEast()), limit(seen.getNorth())];
  tell("area", { area: all ? null : edges });
});
part("streets").querySelector("span").textContent = texts.streets;
part("streets").querySelector("input").addEventListener("change", (event) => {
  const shown = event.target.checked;
  // Its servers answer those who say from which site they ask; the rest of the address stays here.
  streets ??= L.tileLayer(TILES, { maxZoom: 21, maxNativeZoom: 19, referrerPolicy: "strict-origin-when-cross-origin" });
  if (shown) streets.addTo(map);
  else streets.remove();
  grid.show(!shown);
  credit(shown);
});
let credits = null;
const credit = (shown) => {
  credits ??= L.control.attribution({ prefix: false });
  if (!shown) return credits.remove();
  credits.addTo(map);
  return credits.getContainer().replaceChildren(make("a", {
    href: "https://www.openstreetmap.org/copyright", target: "_blank", rel: "noopener noreferrer", textContent: texts.contributors,
  }));
};

let inSight = false;
new IntersectionObserver(([entry]) => {
  inSight = entry.isIntersecting;
  if (inSight) draw();
}).observe(element.querySelector(".earth"));
watch("value", () => { if (inSight) draw(); });
