/** Puts the focus where the corrections are listed. */

export function focusErrorSummary(root) {
  root.querySelector("[data-error-summary]")?.focus();
}
