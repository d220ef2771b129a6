// What is opened under a button closes as people expect: by Escape, and by a press beside it. Gradio's accordion
// closes by its own button alone. On a phone these are sheets from the bottom of the screen, see sheets.css.
() => {
  const phone = window.matchMedia("(max-width: 700px)");
  const open = () => [...document.querySelectorAll(".sheet > .label-wrap.open")]
    .filter((button) => phone.matches || button.parentElement.id === "refine");
  const close = (button) => {
    button.click();
    button.focus({ preventScroll: true });
  };
  document.addEventListener("pointerdown", (event) => {
    open().filter((button) => !button.parentElement.contains(event.target)).forEach((button) => button.click());
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    open().forEach(close);
  });
}
