// The numbered pins, in step with the list: what is pointed at or focused in one is marked in the other.
// All pins and clusters together are one tab stop; the arrow keys go from one to the next.
import L from "leaflet";

import { described } from "./map-places.js";
import { openPopup } from "./map-popup.js";

const SIZE = 32;
const TOO_CLOSE = 26; // pixels between two middles; closer pins become one, which opens as a list

export class Pins {
  #map;
  #entries;
  #calm;
  #tell;
  #pins = []; // of the list
  #others = []; // groups, see adopt()
  #active = null;

  /** `tell` is given the name of the pin that is pointed at or focused, and nothing when none is any more. */
  constructor(map, entries, { calm, origin, tell }) {
    this.#map = map;
    this.#entries = entries;
    this.#calm = calm;
    this.#tell = tell;
    this.origin = origin;
    this.#draw();
    map.on("zoomend", () => this.#draw());
    for (const entry of entries) this.#follow(entry);
  }

  #draw() {
    const held = this.#pins.find((pin) => pin.element.contains(document.activeElement))?.entries[0];
    for (const pin of this.#pins) pin.marker.remove();
    this.#pins = stacked(this.#map, this.#entries).map((entries) => this.#pin(entries));
    this.#arrange();
    const again = this.#pins.find((pin) => pin.entries.includes(held));
    if (again) this.#focus(again);
  }

  #pin(entries) {
    const [first, ...rest] = entries;
    const text = rest.length ? `${first.number} +${rest.length}` : String(first.number);
    const also = rest.length ? `; and ${rest.length} more at this spot` : "";
    const kind = rest.length ? "pin-stack" : first.hasBadge ? "pin-badge" : "";
    const pin = makePin(this.#map, first.place, { text, kind, label: `${text} ${described(first)}${also}` });
    pin.entries = entries;
    pin.choose = () => this.#choose(pin);
    this.listen(pin);
    return pin;
  }

  /** Gives a pin its keys, and marks the cards of its entries while it is pointed at or focused. */
  listen(pin) {
    const { element, marker } = pin;
    const show = (isOn) => () => this.#mark(pin, isOn || pin.isOpen);
    element.addEventListener("pointerenter", show(true));
    element.addEventListener("pointerleave", show(false));
    element.addEventListener("focus", show(true));
    element.addEventListener("blur", show(false));
    element.addEventListener("keydown", (event) => this.#key(event, pin));
    marker.on("click", () => {
      this.#activate(pin);
      pin.choose();
    });
  }

  /** Takes the groups into the same tab stop, from west to east; `others` are pins made by makePin. */
  adopt(others) {
    this.#others = others.sort((a, b) => a.marker.getLatLng().lng - b.marker.getLatLng().lng);
    this.#arrange();
  }

  get all() {
    return [...this.#pins, ...this.#others];
  }

  /** Where the numbers are, in the map's pixels. */
  get spots() {
    return this.#pins.map((pin) => this.#map.latLngToLayerPoint(pin.marker.getLatLng()));
  }

  /** Puts the focus on the pin nearest to a place, as the one that had it is gone. */
  focusNear(place) {
    const from = (pin) => this.#map.distance(place, pin.marker.getLatLng());
    const [nearest] = [...this.all].sort((a, b) => from(a) - from(b));
    if (nearest) this.#focus(nearest);
    else this.#map.getContainer().focus({ preventScroll: true });
  }

  #arrange() {
    if (!this.all.includes(this.#active)) this.#active = this.all[0] ?? null;
    for (const pin of this.all) pin.element.tabIndex = pin === this.#active ? 0 : -1;
  }

  #activate(pin) {
    this.#active = pin;
    this.#arrange();
  }

  #focus(pin) {
    this.#activate(pin);
    this.#map.panInside(pin.marker.getLatLng(), { padding: [SIZE, SIZE], animate: !this.#calm.matches });
    pin.element.focus({ preventScroll: true });
  }

  #key(event, pin) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const pins = this.all;
    const at = pins.indexOf(pin);
    if (event.key in steps) this.#focus(pins[(at + steps[event.key] + pins.length) % pins.length]);
    else if (event.key === "Home") this.#focus(pins[0]);
    else if (event.key === "End") this.#focus(pins.at(-1));
    else if (event.key === "Enter" || event.key === " ") pin.choose({ byKey: true });
    else return;
    event.preventDefault();
    event.stopPropagation(); // else Leaflet would move the map as well
  }

  #choose(pin) {
    const popup = openPopup(this.#map, pin, { entries: pin.entries, calm: this.#calm });
    pin.isOpen = true;
    this.#mark(pin, true);
    popup.on("remove", () => {
      pin.isOpen = false;
      this.#mark(pin, pin.element.matches(":hover, :focus"));
    });
    const [{ card }] = pin.entries;
    if (isBeside(card, this.#map.getContainer())) {
      card.scrollIntoView({ block: "nearest", behavior: this.#calm.matches ? "auto" : "smooth" });
    }
  }

  #mark(pin, isOn) {
    pin.element.classList.toggle("is-chosen", isOn);
    pin.marker.setZIndexOffset(isOn ? 2000 : pin.offset);
    this.#tell(isOn ? pin.label : "");
    for (const entry of pin.entries ?? []) entry.card?.classList.toggle("is-chosen", isOn);
  }

  #follow(entry) {
    const show = (isOn) => () => {
      for (const pin of this.all.filter((candidate) => candidate.entries?.includes(entry))) {
        pin.element.classList.toggle("is-chosen", isOn);
        pin.marker.setZIndexOffset(isOn ? 2000 : pin.offset);
      }
    };
    entry.card.addEventListener("pointerenter", show(true));
    entry.card.addEventListener("pointerleave", show(false));
    entry.card.addEventListener("focusin", show(true));
    entry.card.addEventListener("focusout", show(false));
  }
}

/** A focusable, named marker with `text`, and `below` on a second line. Text only: divIcon would take a string as HTML. */
export function makePin(map, place, { text, below = "", kind, label, offset = 1000 }) {
  const face = document.createElement("span");
  face.className = "pin-face";
  face.textContent = text;
  if (below) {
    const second = document.createElement("span");
    second.className = "pin-badges";
    second.textContent = below;
    face.append(second);
  }
  const icon = L.divIcon({ className: `map-pin ${kind}`, html: face, iconSize: [SIZE, SIZE] });
  const marker = L.marker(place, { icon, keyboard: false, zIndexOffset: offset, alt: "" }).addTo(map);
  const element = marker.getElement();
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
  return { marker, element, offset, label };
}

/** The entries in groups that would cover each other at this zoom, in the order of the list. */
function stacked(map, entries) {
  const groups = [];
  for (const entry of entries) {
    const spot = map.latLngToLayerPoint(entry.place);
    const near = groups.find((group) => group.spot.distanceTo(spot) < TOO_CLOSE);
    if (near) near.entries.push(entry);
    else groups.push({ spot, entries: [entry] });
  }
  return groups.map((group) => group.entries);
}

function isBeside(card, stage) {
  if (!card) return false;
  const a = card.getBoundingClientRect();
  const b = stage.getBoundingClientRect();
  return a.right <= b.left || b.right <= a.left;
}
