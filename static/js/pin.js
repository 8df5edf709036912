// Offers a map beside each pin that can be typed; its code is fetched when somebody opens the fold around it.
import { loadWithRetries } from "./loading.js";

async function open(box) {
  try {
    const { openPinMap } = await loadWithRetries(() => import("./pin-map.js"));
    await openPinMap(box);
  } catch (error) {
    // The pin can still be typed.
    console.warn("The map could not be started; type the pin instead.", error);
  }
}

for (const box of document.querySelectorAll("[data-pin-map]")) {
  const fold = box.closest("details");
  const start = () => fold.open && open(box);
  fold.addEventListener("toggle", start);
  start();
}
