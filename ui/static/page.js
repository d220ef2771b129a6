// What a visitor does anywhere on the page: paste and drop, and keys. Gradio's image field takes neither a paste nor a drop
// when it holds a photo already, and shows the progress of an upload by a stream that it cannot close. So each file goes
// into the hidden upload button, which is always there, and from there the usual way.
() => {
  const find = (selector) => document.querySelector(selector);
  const inField = (target) => target.closest?.("input, textarea, select, [contenteditable]");
  const openSearch = () => find("#tabs button[role=tab]")?.click(); // the first tab

  // Files

  const give = (files) => {
    // In the tab 'Whole map' it is mapped, else searched.
    const mapping = Boolean(find("#whole-own")?.offsetParent);
    const input = find(`${mapping ? "#whole-own" : "#anywhere"} input[type=file]`);
    if (!files.length || !input) return false;
    if (!mapping) openSearch();
    const all = mapping ? files.slice(0, 1) : files;
    leaveOut([], mapping);
    if (all.every(({ size }) => size <= limits.image)) send(input, all);
    else withoutTooLarge(all, mapping).then((taken) => taken.length && send(input, taken));
    return true;
  };
  let sending = false;
  const send = (input, files) => {
    const carrier = new DataTransfer();
    files.forEach((file) => carrier.items.add(file));
    input.files = carrier.files;
    document.body.classList.add("sending"); // until it is sent, see below
    sending = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    sending = false;
  };
  new PerformanceObserver((list) => {
    if (list.getEntries().some(({ name }) => /\/gradio_api\/upload\b/.test(name))) document.body.classList.remove("sending");
  }).observe({ type: "resource" });
  // What is larger than any file that is read is not sent: the server says the same of it without its bytes.
  const isRaster = async (file) => {
    const bytes = new Uint8Array(await file.slice(0, limits.beginning).arrayBuffer());
    return new RegExp(limits.rasters).test(String.fromCharCode(...bytes));
  };
  const withoutTooLarge = async (files, mapping) => {
    const rasters = await Promise.all(files.map((file) => isRaster(file).catch(() => false)));
    const isTooLarge = ({ size }, place) => size > (rasters[place] ? limits.raster : limits.image);
    const left = files.map(({ name, size }, place) => ({ name, size, raster: rasters[place] })).filter(isTooLarge);
    leaveOut(left, mapping);
    return files.filter((file, place) => !isTooLarge(file, place));
  };
  const leaveOut = (files, mapping) =>
    document.dispatchEvent(new CustomEvent("files-left-out", { detail: { files, mapping } }));
  const fields = ["#query", "#screenshot", "#whole-own"].map((each) => `${each} input[type=file]`).join();
  document.addEventListener("click", (event) => {
    if (event.target.matches?.("#query input[type=file]")) event.target.multiple = true;
  }, true);
  document.addEventListener("change", (event) => {
    if (sending || !event.target.matches?.(fields) || !event.target.files.length) return;
    event.stopImmediatePropagation();
    const files = [...event.target.files];
    event.target.value = "";
    give(files);
  }, true);

  // Links without a picture: of the screenshot that is shown, or else the server says what to do with one.

  const LONGEST = 4000;
  const linkIn = (carrier) => {
    const listed = carrier?.getData("text/uri-list").split(/\r?\n/).find((line) => line && !line.startsWith("#"));
    const text = (listed || carrier?.getData("text/plain") || "").trim();
    const isLink = /^(https?:\/\/|geo:)\S+$/i.test(text) || /^[\w-]+(\.[\w-]+)+\/\S*$/.test(text);
    return isLink && text.length <= LONGEST ? text : "";
  };
  const giveLink = (link) => {
    openSearch();
    const scale = find("#link input, #link textarea");
    if (!scale?.offsetParent) return document.dispatchEvent(new CustomEvent("link-given", { detail: link }));
    scale.value = link;
    scale.dispatchEvent(new Event("input", { bubbles: true }));
    return scale.focus();
  };

  document.addEventListener("paste", (event) => {
    // A screenshot comes as an item of kind 'file', a copied file as a file of any type: the server
    // says what is wrong with one that is no image.
    if (give([...(event.clipboardData?.files ?? [])])) event.preventDefault();
    else if (event.target.closest?.("#whole-link")) setTimeout(() => event.target.blur()); // it is whole: map by it
    else if (!inField(event.target) && linkIn(event.clipboardData)) giveLink(linkIn(event.clipboardData));
  });
  let ours = false; // a picture or a link of this page is dragged, not one that is brought here
  document.addEventListener("dragstart", () => { ours = true; }, true);
  document.addEventListener("dragend", () => { ours = false; }, true);
  document.addEventListener("dragover", (event) => {
    const types = [...event.dataTransfer.types];
    const isBrought = types.includes("Files") || (types.includes("text/uri-list") && !inField(event.target));
    if (ours || !isBrought) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  }, true);
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  }, true);
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (ours) return;
    const link = inField(event.target) ? "" : linkIn(event.dataTransfer);
    if (!give([...event.dataTransfer.files])) {
      if (!link) return;
      giveLink(link);
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // Keys, and what touch screens read instead, see keys_and_touch.css

  document.documentElement.style.setProperty("--tap", JSON.stringify(find("#skip a")?.dataset.tap ?? ""));
  const firstPhoto = () => [...document.querySelectorAll("#neighbours .photo, #browse-grid .photo")].find((photo) => photo.offsetParent);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#skip a")) return;
    event.preventDefault();
    openSearch();
    requestAnimationFrame(() => find("#neighbours .tile .photo")?.focus());
  });
  document.addEventListener("keydown", (event) => {
    if (inField(event.target) || find("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") toClassFilter(event);
    else if (event.key.startsWith("Arrow") && event.target === document.body) toPhotos(event);
  });
  // From the start the arrow keys go to the photos; further down, where those are out of sight, they scroll.
  const toPhotos = (event) => {
    const photo = firstPhoto();
    const top = photo?.getBoundingClientRect().top;
    if (!photo || (scrollY > 0 && (top < 0 || top > innerHeight))) return;
    event.preventDefault();
    photo.focus();
  };
  // '/' goes to the class filter, as it goes to the search field elsewhere.
  const toClassFilter = (event) => {
    if (!find("#refine")?.offsetParent) return; // another tab is open
    const classes = () => find("#classes input");
    if (!classes()?.offsetParent) find("#refine button.label-wrap")?.click();
    event.preventDefault();
    requestAnimationFrame(() => requestAnimationFrame(() => classes()?.focus()));
  };

  // Gradio tells of a slider that was moved by a pointer, and not of one that keys moved (6.31).
  document.addEventListener("keyup", (event) => {
    const isMove = /^(Arrow|Home|End|Page)/.test(event.key);
    if (isMove && event.target.matches?.("#size input[type=range]")) event.target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  });

  // Gradio leaves the list of classes open after a choice. Its Escape closes it and keeps the focus, for those who go on
  // with keys; a pointer leaves the field. A click opens it again where the focus has stayed.
  const pressInClasses = (key) => {
    const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    press.preventDefault(); // it is for the list, and closes nothing around it
    find("#classes input")?.dispatchEvent(press);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("#classes input")) setTimeout(pressInClasses, 0, "Escape");
  }, true);
  document.addEventListener("mousedown", (event) => {
    const chosen = event.target.closest?.("#classes [role=option]");
    const closed = event.target.matches?.("#classes input:focus[aria-expanded=false]");
    if (!chosen && !closed) return;
    setTimeout(() => {
      pressInClasses(chosen ? "Escape" : "ArrowDown");
      if (chosen) find("#classes input")?.blur();
    });
  }, true);
}
