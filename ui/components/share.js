// Shares the view that is open; history.js knows its address, and what it shows.
sharePanel(
  (name) => element.querySelector(`.${name}`),
  constants,
  () => window.trail?.current() ?? { url: "" },
);
