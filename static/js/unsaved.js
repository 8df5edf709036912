/** Asks before changes in a long form are left behind. */

export function guardUnsavedChanges(root) {
  for (const form of root.querySelectorAll("form[data-guard]")) {
    let changed = form.querySelector("[aria-invalid=true]") !== null;
    form.addEventListener("input", () => (changed = true));
    form.addEventListener("submit", () => (changed = false));
    window.addEventListener("beforeunload", (event) => changed && event.preventDefault());
  }
}
