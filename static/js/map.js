// Starts the map once the list can be read: its code is fetched when the page is idle and the map is near.
import { loadWithRetries } from "./loading.js";

const box = document.getElementById("map");

function whenIdle(start) {
  if ("requestIdleCallback" in window) requestIdleCallback(start, { timeout: 1500 });
  else setTimeout(start, 200);
}

async function start() {
  try {
    const { openMap } = await loadWithRetries(() => import("./map-view.js"));
    await openMap(box);
  } catch (error) {
    // The server's drawing stays where it is, and so does the list.
    console.warn("The map could not be started; the drawing is shown instead.", error);
  }
}

if (box) {
  const watcher = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      whenIdle(start);
    },
    { rootMargin: "400px" },
  );
  watcher.observe(box);
}
