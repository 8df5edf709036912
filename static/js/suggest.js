/** Place suggestions: the element fetches /suggest?q=…, whose answer is a list of options made by the server. */
import "@github/auto-complete-element";

// The list is a list box, and may bear a name, only once the element above has made it one.
for (const list of document.querySelectorAll("auto-complete > [data-label]")) {
  list.setAttribute("aria-label", list.dataset.label);
}
