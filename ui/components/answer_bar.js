// On a phone the answer may be far below what was asked: a bar at the bottom of the screen says so, and leads there.
const bar = element.querySelector(".answer-bar");
const answer = () => document.querySelector('#neighbours .grid[data-kind="answer"]');
const show = () => {
  const grid = answer();
  const count = grid?.children.length ?? 0;
  const below = count > 0 && grid.offsetParent && grid.getBoundingClientRect().top > window.innerHeight - 40;
  bar.hidden = !below;
  bar.textContent = `${constants.results.replace("COUNT", count)} ↓`;
};
bar.addEventListener("click", () => {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector("#bar").scrollIntoView({ behavior: still ? "instant" : "smooth", block: "start" });
});
let asked = false;
const soon = () => { // once a frame, whatever moves
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; show(); });
};
window.addEventListener("scroll", soon, { passive: true });
window.addEventListener("resize", soon, { passive: true });
new ResizeObserver(soon).observe(document.body);
new MutationObserver(soon).observe(document.querySelector("#neighbours"), { childList: true, subtree: true });
soon();
