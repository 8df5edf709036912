/** Place suggestions: the element fetches /suggest?q=…, whose answer is a list of options made by the server. */
import "@github/auto-complete-element";

// The list is a list box, and may bear a name, only once the element above has made it one.
for (const list of document.querySelectorAll("auto-complete > [data-label]")) {
  list.setAttribute("aria-label", list.dataset.label);
}

// A number and the beginning of a word may be somebody's address: the server is not asked about it.
const STREET_BEGUN = /[0-9]\S*\s+\p{L}/u;
for (const element of document.querySelectorAll("auto-complete")) {
  const fetchSuggestions = element.fetchResult;
  element.fetchResult = async (url) =>
    STREET_BEGUN.test(url.searchParams.get("q")) ? "" : fetchSuggestions.call(element, url);
}
