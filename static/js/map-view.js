// The map: tiles from this server, the searched circle, the pins of the list and the groups of what is not on it.
// It adds nothing that is not in the list.
import L from "leaflet";

import { offerArea } from "./map-area.js";
import { Groups } from "./map-groups.js";
import { Pins } from "./map-pins.js";
import { readEntries, inSight } from "./map-places.js";
import { calm, makeMap, openBasemap, showTiles } from "./map-stage.js";
import { filtersOf, groupsAddress } from "./map-search.js";
import { ring, showRings } from "./map-rings.js";
import { nameSources } from "./map-sources.js";

const METRES_A_MILE = 1609.344;
const CLOSEST_AT_FIRST = 10;
const CLOSEST_WITH_CIRCLE = 11;

/** Replaces the server's drawing in `box` by a map; rejects, with the drawing in place, if there is no basemap. */
export async function openMap(box) {
  const { source, deepest } = await openBasemap(box.dataset.basemap);
  const entries = readEntries(document, box);
  const stage = document.createElement("div");
  stage.className = "map-stage";
  box.append(stage);
  box.classList.add("map-ready");

  const map = makeMap(stage, deepest);
  stage.setAttribute("role", "region");
  stage.setAttribute("aria-label", box.dataset.title);
  fit(map, box, entries);
  showTiles(map, source, deepest);
  showDistances(map, box, entries);

  const pins = new Pins(map, entries, { calm, origin: origin(box), tell: line(stage, "map-told", { hidden: true }) });
  await nameSources(source, box.parentElement.querySelector(".map-sources"));
  performance.mark("map-ready");
  if (box.dataset.more) await showMore(map, stage, pins, box, entries);
  return map;
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
  const maxZoom = box.dataset.miles ? CLOSEST_WITH_CIRCLE : CLOSEST_AT_FIRST;
  map.fitBounds(bounds, { padding: [12, 12], maxZoom, animate: false });
}

/** The searched circle with its middle, and rings around that middle or around the only practice. */
function showDistances(map, box, entries) {
  const centre = origin(box);
  const miles = Number(box.dataset.miles) || undefined;
  if (centre && miles) ring(centre, miles, "map-circle").addTo(map);
  if (centre || entries.length === 1) showRings(map, centre ?? entries[0].place, miles);
  if (!centre) return;
  const icon = L.divIcon({ className: "map-here", iconSize: [16, 16] });
  L.marker(centre, { icon, interactive: false, keyboard: false }).addTo(map);
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
