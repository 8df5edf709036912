// Loads what a page still needs over a network that fails now and then; after the page is left, failing is no fault.
const PAUSES = [1000, 4000]; // milliseconds; arbitrary: a passing fault is over, and nobody waits long for the truth

let isGone = false;
addEventListener("pagehide", () => {
  isGone = true;
});
addEventListener("pageshow", () => {
  isGone = false;
});

/** What `load()` gives, asked again after a failure. Once somebody left the page it never settles. */
export async function loadWithRetries(load) {
  for (const pause of PAUSES) {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // not the network: called off, or wrong each time
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (isGone) await new Promise(() => {});
    }
  }
  return load();
}
