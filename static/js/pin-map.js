// A map on which the pin of an address is dragged, pressed into place, or moved by the arrow keys. It writes what
// the field beside it says and follows what is typed there; the server decides what is saved.
import L from "leaflet";

import { loadWithRetries } from "./loading.js";
import { inSight } from "./map-places.js";
import { ring } from "./map-rings.js";
import { makeMap, openBasemap, showTiles } from "./map-stage.js";

const DIGITS = 5; // decimal places, about a meter
const METERS_A_MILE = 1609.344;
const MOST_MILES = 30; // as in directory/listings/address_changes.py
const ZOOM = 11;
const STEP = 8; // pixels that an arrow key moves the pin; with Shift, one
const PIN = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NO_ZIP = "Type the ZIP code above, then open this again to see the map.";
const NO_PIN = "Drag the pin to the right spot, press the spot, or move the pin with the arrow keys.";

/** Shows the map in `box`, around the pin or else the ZIP code; without either, says what is missing. */
export async function openPinMap(box) {
  if (box.classList.contains("is-open")) return;
  const input = document.getElementById(box.dataset.pinMap);
  const zip = document.getElementById(box.dataset.zip);
  const middle = await placeOf(zip.value.trim());
  const start = typed(input) ?? middle;
  box.hidden = false;
  const say = status(box);
  if (!start) {
    say(NO_ZIP);
    return;
  }
  const { source, deepest } = await openBasemap(box.dataset.basemap);
  if (box.classList.contains("is-open")) return; // opened twice while the file was fetched
  box.classList.add("is-open");
  const stage = box.querySelector(".map");
  stage.hidden = false;
  const map = makeMap(stage, deepest).setView(start, ZOOM);
  showTiles(map, source, deepest);
  if (middle) ring(middle, MOST_MILES, "map-circle").addTo(map);
  const pin = addPin(map, start);
  const tell = () => say(input.value ? described(pin.getLatLng(), middle) : NO_PIN);
  const write = () => {
    const { lat, lng } = pin.getLatLng().wrap();
    input.value = `${lat.toFixed(DIGITS)}, ${lng.toFixed(DIGITS)}`;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    tell();
  };
  pin.on("dragend", write);
  map.on("click", ({ latlng }) => {
    pin.setLatLng(latlng);
    write();
  });
  pin.getElement().addEventListener("keydown", (event) => moveByKey(event, map, pin) && write());
  input.addEventListener("change", () => {
    const point = typed(input) ?? middle;
    if (!point) return;
    pin.setLatLng(point);
    map.panInside(point, { padding: [40, 40] });
    tell();
  });
  tell();
}

/** The point that the field says, or null. */
function typed(input) {
  const found = PIN.exec(input.value);
  return found ? L.latLng(inSight(Number(found[1]), Number(found[2]))) : null;
}

/** The middle of a ZIP code, or null if this server does not know it. */
async function placeOf(zip) {
  if (!/^\d{5}/.test(zip)) return null;
  const answer = await loadWithRetries(() => fetch(`/api/v1/places?q=${zip.slice(0, 5)}`));
  if (!answer.ok) return null;
  const { places } = await answer.json();
  return places.length ? L.latLng(inSight(places[0].lat, places[0].lon)) : null;
}

function addPin(map, point) {
  const icon = L.divIcon({ className: "pin-drag", iconSize: [32, 32] });
  const pin = L.marker(point, { icon, draggable: true, keyboard: true, autoPan: true }).addTo(map);
  const element = pin.getElement();
  element.setAttribute("aria-label", "Pin: drag it, or move it with the arrow keys");
  return pin;
}

/** Whether an arrow key moved the pin; the map then stays, unless the pin would leave it. */
function moveByKey(event, map, pin) {
  const move = MOVES[event.key];
  if (!move) return false;
  event.preventDefault();
  event.stopPropagation();
  const step = L.point(move).multiplyBy(event.shiftKey ? 1 : STEP);
  pin.setLatLng(map.layerPointToLatLng(map.latLngToLayerPoint(pin.getLatLng()).add(step)));
  map.panInside(pin.getLatLng(), { padding: [40, 40] });
  return true;
}

function described(point, middle) {
  if (!middle) return "";
  const miles = point.distanceTo(middle) / METERS_A_MILE;
  const about = `The pin is ${miles < 9.95 ? miles.toFixed(1) : Math.round(miles)} miles from the middle of the ZIP code.`;
  return miles > MOST_MILES ? `${about} It may be at most ${MOST_MILES} miles away.` : about;
}

function status(box) {
  const line = box.querySelector("[role=status]");
  return (text) => {
    line.textContent = text;
  };
}
