// A grid of meridians and parallels for a map of Leaflet, as wide as it needs no server: a line for each round number of
// degrees, and at the edges which one it is.
const placeMapGrid = (L, map) => {
  const lines = L.polyline([], { pane: "grid", interactive: false, className: "meridians", weight: 1 }).addTo(map);
  const names = L.layerGroup().addTo(map);
  const APART = 110; // pixels, at least
  const STEPS = [1, 2, 5, 10];

  const name = (place, text, edge) => L.marker(place, {
    pane: "grid",
    interactive: false,
    keyboard: false,
    icon: L.divIcon({ className: `degrees ${edge}`, iconSize: null, html: Object.assign(document.createElement("span"), { textContent: text }) }),
  }).addTo(names);

  const draw = () => {
    const seen = map.getBounds();
    const width = map.getSize().x;
    if (!width) return;
    const least = ((seen.getEast() - seen.getWest()) * APART) / width;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = Math.min(STEPS.find((each) => each * power >= least) * power, 90);
    const decimals = Math.max(-Math.floor(Math.log10(step) + 1e-9), 0);
    const wide = seen.pad(1); // what a finger may pull into sight before this is drawn again
    const [south, north] = [Math.max(wide.getSouth(), -85), Math.min(wide.getNorth(), 85)];
    const of = (from, to) => {
      const numbers = [];
      for (let each = Math.ceil(from / step); each <= to / step && numbers.length < 100; each += 1) numbers.push(each * step);
      return numbers;
    };
    const meridians = of(wide.getWest(), wide.getEast());
    const parallels = of(south, north);
    lines.setLatLngs([
      ...meridians.map((at) => [[south, at], [north, at]]),
      ...parallels.map((at) => [[at, wide.getWest()], [at, wide.getEast()]]),
    ]);
    names.clearLayers();
    const said = (at, [plus, minus]) => `${Math.abs(at).toFixed(decimals)}° ${at < 0 ? minus : plus}`;
    const corner = map.containerPointToLatLng([0, map.getSize().y]);
    meridians.filter((at) => at > seen.getWest() && at < seen.getEast()).forEach((at) => {
      const east = at - 360 * Math.round(at / 360);
      name([corner.lat, at], said(east, "EW"), "below");
    });
    parallels.filter((at) => at > seen.getSouth() && at < seen.getNorth()).forEach((at) =>
      name([at, corner.lng], said(at, "NS"), "beside"));
  };
  map.on("moveend resize", draw);
  return { draw, show: (shown) => [lines, names].forEach((layer) => (shown ? layer.addTo(map) : layer.remove())) };
};
