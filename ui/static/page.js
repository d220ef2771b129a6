// Ctrl+V, and a drop of one photo or several, anywhere on the page: Gradio's image field takes neither when it holds a photo already.
// The file goes into the hidden upload button, which is always there, and from there the usual way.
() => {
  const give = (files) => {
    // In the tab 'Whole map' it is mapped, else searched.
    const mapping = document.querySelector("#whole-own")?.offsetParent;
    const input = document.querySelector(`${mapping ? "#whole-own" : "#anywhere"} input[type=file]`);
    if (!files.length || !input) return false;
    const carrier = new DataTransfer();
    files.forEach((file) => carrier.items.add(file));
    input.files = carrier.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  document.addEventListener("paste", (event) => {
    // A screenshot comes as an item of kind 'file', a copied file as a file of any type: the server
    // says what is wrong with one that is no image.
    if (give([...(event.clipboardData?.files ?? [])])) event.preventDefault();
  });
  document.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  }, true);
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  }, true);
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (give([...event.dataTransfer.files])) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
  // Gradio's image field takes one photo: of several, all go the way of a drop.
  const field = "#query input[type=file]";
  document.addEventListener("click", (event) => {
    if (event.target.matches?.(field)) event.target.multiple = true;
  }, true);
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.(field) || event.target.files.length < 2) return;
    event.stopImmediatePropagation();
    give([...event.target.files]);
    event.target.value = "";
  }, true);
  // '/' goes to the class filter, as it goes to the search field elsewhere.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || document.querySelector("dialog[open]")) return;
    if (!document.querySelector("#refine")?.offsetParent) return; // another tab is open
    const field = () => document.querySelector("#classes input");
    if (!field()?.offsetParent) document.querySelector("#refine button.label-wrap")?.click();
    event.preventDefault();
    requestAnimationFrame(() => requestAnimationFrame(() => field()?.focus()));
  });
}
