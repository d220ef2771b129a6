// Where the names on the map stand: beside their photos, on no dot and on no other name, with a line to them where that
// is a little far. One without room near is left out: zooming makes some. Distances are pixels of the screen.
const CELL = 3; // of the grid that remembers what is taken
const LETTER = 7.4; // about the width of one
const LINE = 26; // from here on a name has one
const AROUND = [[0, 1], [0, -1], [1, 0], [-1, 0], [0.7, 0.7], [-0.7, 0.7], [0.7, -0.7], [-0.7, -0.7]];

// names: texts with the place of their class in data-x and data-y, perhaps after a line from there; those that count
// most first. dots: lists of places in [0, 1], each after the radius that it takes. buttons: a box over the map.
const placeNames = ({ names, dots, buttons, view, unit, scale }) => {
  const side = view.size / unit;
  const across = Math.ceil(side / CELL);
  const taken = new Uint8Array(across * across);
  const some = (left, top, right, bottom, visit) => {
    const bound = (value) => Math.min(Math.max(Math.floor(value / CELL), 0), across - 1);
    for (let row = bound(top); row <= bound(bottom); row += 1) {
      for (let column = bound(left); column <= bound(right); column += 1) {
        if (visit(row * across + column)) return true;
      }
    }
    return false;
  };
  const take = (...box) => some(...box, (cell) => { taken[cell] = 1; });
  const fits = (left, top, right, bottom) =>
    left >= 3 && top >= 3 && right <= side - 3 && bottom <= side - 3
    && !some(left, top, right, bottom, (cell) => taken[cell] === 1);
  const pixels = (x, y) => [(x - view.x) / unit, (y - view.y) / unit];

  take(...buttons);
  for (const [radius, places] of dots) {
    for (const place of places) {
      const [x, y] = pixels(place[0] * scale, place[1] * scale);
      if (x > -radius && y > -radius && x < side + radius && y < side + radius) {
        take(x - radius, y - radius, x + radius, y + radius);
      }
    }
  }
  for (const name of names) {
    const [x, y] = pixels(Number(name.dataset.x), Number(name.dataset.y));
    const half = (name.textContent.length * LETTER) / 2;
    const inSight = x >= 0 && y >= 0 && x <= side && y <= side;
    const place = inSight ? nearestFree(x, y, half, fits) : null;
    name.toggleAttribute("hidden", !place);
    const line = name.previousElementSibling?.tagName === "line" ? name.previousElementSibling : null;
    line?.toggleAttribute("hidden", !place || place.far < LINE);
    if (!place) continue;
    take(place.x - half - 2, place.y - 8, place.x + half + 2, place.y + 8);
    name.setAttribute("x", view.x + place.x * unit);
    name.setAttribute("y", view.y + (place.y + 4) * unit); // of its base line
    const end = Math.min(Math.max(x, place.x - half), place.x + half); // where the line meets it
    line?.setAttribute("x2", view.x + end * unit);
    line?.setAttribute("y2", view.y + (place.y + Math.sign(y - place.y) * 7) * unit);
  }
};

// The nearest place for the middle of a name around a point.
const nearestFree = (x, y, half, fits) => {
  for (let far = 10; far <= 54; far += 4) {
    for (const [right, down] of AROUND) {
      const middle = x + right * (far + half);
      const height = y + down * far;
      if (!fits(middle - half, height - 7, middle + half, height + 7)) continue;
      // No line runs through another name, or other photos than its own, which lie at its beginning.
      const end = Math.min(Math.max(x, middle - half), middle + half);
      const isClear = far < LINE || [0.5, 0.65, 0.8].every((part) => {
        const [left, top] = [x + part * (end - x), y + part * (height - y)];
        return fits(left, top, left, top);
      });
      if (isClear) return { x: middle, y: height, far };
    }
  }
  return null;
};
