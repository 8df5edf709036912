/** "Copy": where the browser lets a page write to the clipboard; the text stands on the page anyhow. */
const SHOWN_MS = 2000;

export function offerCopying(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy]")) {
    const words = button.textContent;
    button.setAttribute("aria-live", "polite");
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied: mark the text instead";
      }
      setTimeout(() => (button.textContent = words), SHOWN_MS);
    });
  }
}
