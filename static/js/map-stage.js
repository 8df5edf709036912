// An empty map: tiles from this server in Leaflet, without the page being caught by it.
import L from "leaflet";
import { leafletLayer, PmtilesSource } from "protomaps-leaflet";

import { look } from "./map-style.js";
import { loadWithRetries } from "./loading.js";

const VECTOR = 1; // of the kinds of tile that a PMTiles file may hold
const STREETS_FROM_ZOOM = 12; // a basemap that goes so deep was put there by the operator, and has streets
const DEEPEST_WITHOUT_STREETS = 11;
const DEEPEST_WITH_STREETS = 17;
const AROUND_THE_US = [
  [-28, -245],
  [80, -30],
];

export const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const finger = matchMedia("(pointer: coarse)");

/** The basemap at `address`, and how deep it goes; rejects if there is none. */
export async function openBasemap(address) {
  const source = fileAt(new URL(address, location.href).href);
  const header = await source.p.getHeader();
  if (header.tileType !== VECTOR) throw new Error("The basemap has pictures for tiles, not shapes.");
  return { source, deepest: header.maxZoom };
}

/**
 * The file at `url`. Its parts are asked for and unpacked again after a failure: the library keeps what failed for ever,
 * and a busy Chromium sometimes fails to unpack a tile that is whole ("Failed to fetch", with every byte received).
 */
function fileAt(url) {
  const source = new PmtilesSource(url, false);
  const { source: file, cache, decompress } = source.p;
  const getBytes = file.getBytes.bind(file);
  file.getBytes = (...part) => loadWithRetries(() => getBytes(...part));
  source.p.decompress = (...packed) => loadWithRetries(() => decompress(...packed));
  cache.decompress = source.p.decompress;
  return source;
}

export function makeMap(stage, deepest) {
  const map = L.map(stage, mapOptions(deepest));
  map.attributionControl.remove(); // the sources are named below the map, in the page
  const scale = L.control.scale({ metric: false, position: "bottomright" }).addTo(map);
  scale.getContainer().setAttribute("aria-hidden", "true");
  keepPageScrollable(map, stage);
  return map;
}

function mapOptions(deepest) {
  return {
    minZoom: 3,
    maxZoom: deepest >= STREETS_FROM_ZOOM ? DEEPEST_WITH_STREETS : DEEPEST_WITHOUT_STREETS,
    maxBounds: AROUND_THE_US,
    maxBoundsViscosity: 0.8,
    scrollWheelZoom: false,
    dragging: !finger.matches, // one finger scrolls the page, two move the map
    zoomAnimation: !calm.matches,
    fadeAnimation: !calm.matches,
    markerZoomAnimation: !calm.matches,
    inertia: !calm.matches,
  };
}

export function showTiles(map, source, deepest) {
  const layer = leafletLayer({
    sources: { "": { maxDataZoom: deepest, url: source.p } },
    attribution: "",
    lang: document.documentElement.lang || "en",
    ...look(),
  });
  layer.addTo(map);
  dark.addEventListener("change", () => {
    Object.assign(layer, look());
    layer.clearLayout();
    layer.rerenderTiles();
  });
}

/** The wheel scrolls the page until the map was pressed, or while Ctrl is held. */
function keepPageScrollable(map, stage) {
  let isChosen = false;
  const choose = (chosen) => () => {
    isChosen = chosen;
  };
  stage.addEventListener("pointerdown", choose(true));
  stage.addEventListener("pointerleave", choose(false));
  stage.addEventListener(
    "wheel",
    (event) => map.scrollWheelZoom[isChosen || event.ctrlKey ? "enable" : "disable"](),
    { capture: true, passive: true },
  );
}
