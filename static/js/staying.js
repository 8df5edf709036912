// Tells a page that is being left from one that something is wrong with.
const A_WHILE = 1500; // milliseconds; arbitrary: a browser tells a page soon after what it cut off that it is left …
const LEAVING = 30_000; // … unless what follows is slow to come; a download, too, looks like leaving at first

let isGone = false;
addEventListener("pagehide", () => {
  isGone = true;
});
addEventListener("pageshow", () => {
  isGone = false;
});

/** What `loading` gives. Where it was cut off because somebody left the page it never settles: that is no fault. */
export async function whileHere(loading) {
  let isBeingLeft = false;
  const leave = () => {
    isBeingLeft = true;
  };
  addEventListener("beforeunload", leave); // only meanwhile: some browsers do not keep a page for "Back" that listens
  try {
    return await loading;
  } catch (error) {
    if (error.name === "AbortError") throw error; // called off by ourselves
    // A page that is gone has no clock: only who stays sees the end of this.
    await new Promise((resolve) => setTimeout(resolve, isBeingLeft ? LEAVING : A_WHILE));
    if (isGone) await new Promise(() => {});
    throw error;
  } finally {
    removeEventListener("beforeunload", leave);
  }
}
