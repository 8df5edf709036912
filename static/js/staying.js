// Tells a page that is being left from one that something is wrong with.
const A_WHILE = 1500; // milliseconds; arbitrary, longer than a page takes to be gone once the next one answers

let isBeingLeft = false;
addEventListener("pagehide", () => {
  isBeingLeft = true;
});
addEventListener("pageshow", () => {
  isBeingLeft = false;
});

/** What `loading` gives. Where it was cut off because somebody left the page it never settles: that is no fault. */
export async function whileHere(loading) {
  try {
    return await loading;
  } catch (error) {
    if (error.name === "AbortError") throw error; // called off by ourselves
    // A browser cuts off what is on its way a little before it tells the page that it is left, and a page that is
    // gone has no clock: only who stays sees the end of this.
    await new Promise((resolve) => setTimeout(resolve, A_WHILE));
    if (isBeingLeft) await new Promise(() => {});
    throw error;
  }
}
