// The map: tiles from this server, the searched circle, the pins of the list and the groups of what is not on it.
// It adds nothing that is not in the list, and it is the only module that knows Leaflet's map.
import L from "leaflet";
import { leafletLayer, PmtilesSource } from "protomaps-leaflet";

import { offerArea } from "./map-area.js";
import { Groups } from "./map-groups.js";
import { Pins } from "./map-pins.js";
import { readEntries, inSight } from "./map-places.js";
import { filtersOf, groupsAddress } from "./map-search.js";
import { nameSources } from "./map-sources.js";
import { look } from "./map-style.js";
import { loadWithRetries } from "./loading.js";

const VECTOR = 1; // of the kinds of tile that a PMTiles file may hold
const METRES_A_MILE = 1609.344;
const STREETS_FROM_ZOOM = 12; // a basemap that goes so deep was put there by the operator, and has streets
const DEEPEST_WITHOUT_STREETS = 11;
const DEEPEST_WITH_STREETS = 17;
const CLOSEST_AT_FIRST = 10;
const AROUND_THE_US = [
  [-28, -245],
  [80, -30],
];

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const finger = matchMedia("(pointer: coarse)");

/** Replaces the server's drawing in `box` by a map; rejects, with the drawing in place, if there is no basemap. */
export async function openMap(box) {
  const source = openBasemap(new URL(box.dataset.basemap, location.href).href);
  const header = await source.p.getHeader();
  if (header.tileType !== VECTOR) throw new Error("The basemap has pictures for tiles, not shapes.");
  const entries = readEntries(document, box);
  const stage = document.createElement("div");
  stage.className = "map-stage";
  box.append(stage);
  box.classList.add("map-ready");

  const map = L.map(stage, mapOptions(header.maxZoom));
  map.attributionControl.remove(); // the sources are named below the map, in the page
  stage.setAttribute("role", "region");
  stage.setAttribute("aria-label", box.dataset.title);
  fit(map, box, entries);
  showTiles(map, source, header.maxZoom);
  showCircle(map, box);
  keepPageScrollable(map, stage);

  const pins = new Pins(map, entries, { calm, origin: origin(box), tell: line(stage, "map-told", { hidden: true }) });
  await nameSources(source, box.parentElement.querySelector(".map-sources"));
  performance.mark("map-ready");
  if (box.dataset.more) await showMore(map, stage, pins, box, entries);
  return map;
}

/** The file at `url`, whose parts are asked for again after a failure: the library keeps what failed for ever. */
function openBasemap(url) {
  const source = new PmtilesSource(url, false);
  const file = source.p.source;
  const getBytes = file.getBytes.bind(file);
  file.getBytes = (...part) => loadWithRetries(() => getBytes(...part));
  return source;
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

function origin(box) {
  const { lat, lon } = box.dataset;
  return lat && lon ? inSight(Number(lat), Number(lon)) : null;
}

/** Shows the circle and every pin; without either, the lower 48 states. */
function fit(map, box, entries) {
  const bounds = L.latLngBounds(entries.map((entry) => entry.place));
  const centre = origin(box);
  if (centre) bounds.extend(centre);
  if (centre && box.dataset.miles) {
    bounds.extend(L.latLng(centre).toBounds(2 * Number(box.dataset.miles) * METRES_A_MILE));
  }
  if (!bounds.isValid()) bounds.extend([24.5, -125]).extend([49.5, -66.5]);
  map.fitBounds(bounds, { padding: [12, 12], maxZoom: CLOSEST_AT_FIRST, animate: false });
}

function showTiles(map, source, deepest) {
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

function showCircle(map, box) {
  const centre = origin(box);
  if (!centre) return;
  if (box.dataset.miles) {
    const radius = Number(box.dataset.miles) * METRES_A_MILE;
    L.circle(centre, { radius, className: "map-circle", interactive: false }).addTo(map);
  }
  const icon = L.divIcon({ className: "map-here", iconSize: [16, 16] });
  L.marker(centre, { icon, interactive: false, keyboard: false }).addTo(map);
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

/** The groups of the same search, and a way to search where the map was moved to. */
async function showMore(map, stage, pins, box, entries) {
  const address = groupsAddress(box);
  const isWhole = "whole" in box.dataset && address.searchParams.has("near");
  const say = line(stage, "sr-only", { role: "status" });
  const groups = new Groups(map, address, entries, pins, { calm, isWhole, say });
  offerArea(map, stage, filtersOf(address));
  await groups.show();
  performance.mark("map-complete");
}

/** A line of text in the map; gives what sets it. */
function line(stage, kind, { role, hidden }) {
  const words = document.createElement("p");
  words.className = kind;
  if (role) words.setAttribute("role", role);
  if (hidden) words.setAttribute("aria-hidden", "true"); // the pins have the same names
  stage.append(words);
  return (text) => {
    words.textContent = text;
  };
}
