/** Place suggestions: the element fetches /suggest?q=…, whose answer is a list of options made by the server. */
import "@github/auto-complete-element";
