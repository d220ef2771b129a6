// The button and the panel that share a link, of the trail and of the tabs beside it: `part` finds their parts,
// `current` gives what is shared: {url, title, words, life}.
const sharePanel = (part, texts, current) => {
  const show = (open) => {
    part("link").hidden = !open;
    part("share").ariaExpanded = String(open);
  };
  const fill = () => {
    const { url, words, life } = current();
    part("share").disabled = !url;
    part("address").value = url;
    part("words").textContent = words ?? "";
    part("life").textContent = life ?? "";
    part("copied").textContent = "";
    if (!url) show(false);
  };
  part("share").textContent = texts.share;
  part("share").title = texts.share_long;
  part("address").ariaLabel = texts.address;
  part("share").addEventListener("click", async () => {
    show(part("link").hidden);
    if (part("link").hidden) return;
    fill();
    const { url, title, words } = current();
    if (navigator.share && matchMedia("(pointer: coarse)").matches) { // a phone knows where to send it
      try {
        await navigator.share({ title, text: words, url });
        return;
      } catch (error) {
        if (error.name === "AbortError") return; // somebody thought better of it
      }
    }
    part("address").select();
    try {
      await navigator.clipboard.writeText(url);
      part("copied").textContent = texts.copied;
    } catch {
      part("copied").textContent = texts.copy; // not allowed here: it is selected, to be copied by hand
    }
  });
  // As people expect of what opens over a page: Escape closes it, a press beside it, and another tab.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || part("link").hidden) return;
    show(false);
    part("share").focus({ preventScroll: true });
  });
  document.addEventListener("pointerdown", (event) => {
    if (!part("link").contains(event.target) && !part("share").contains(event.target)) show(false);
  }, true);
  document.addEventListener("trail", () => {
    show(false);
    fill();
  });
  fill();
};
