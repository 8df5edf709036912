// What opens at a pin: the names found there as links, the focus inside, and the way back by Escape.
import L from "leaflet";
import { badgeLabel } from "./map-places.js";

const PLACEMENT = { offset: [0, -12], maxWidth: 260, maxHeight: 240, autoPan: true, autoPanPadding: [12, 12] };
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const NOT_LOADED = "These could not be loaded. The list has everybody.";

/**
 * Opens a list at a pin, and gives the popup. Names are set as text; they were typed by strangers.
 * `entries` are listed at once; `more` gives further ones, a page at each call; `leave` takes the focus where the pin
 * itself is gone.
 */
export function openPopup(map, pin, { title, entries = [], more, calm, leave }) {
  const list = document.createElement("ul");
  list.className = "map-found";
  list.append(...entries.map(item));
  const content = document.createElement("div");
  if (title) content.append(heading(title));
  content.append(list);
  const popup = L.popup({ ...PLACEMENT, closeOnClick: false })
    .setLatLng(pin.marker.getLatLng())
    .setContent(content)
    .openOn(map);
  const frame = popup.getElement();
  if (calm.matches) frame.classList.add("is-calm");
  frame.setAttribute("role", "dialog");
  frame.setAttribute("aria-label", title ?? pin.label);
  frame.addEventListener("keydown", (event) => onKey(event, map, popup, list));
  closeByPress(map, popup);
  popup.on("remove", () => {
    // Without the fading, the frame is gone already and has taken the focus with it.
    const { activeElement, body } = document;
    if (activeElement !== body && !frame.contains(activeElement)) return;
    if (pin.element.isConnected) pin.element.focus({ preventScroll: true });
    else leave?.();
  });
  if (more) grow(popup, list, more);
  else list.querySelector("a").focus({ preventScroll: true });
  return popup;
}

/** Closes on a press of the map, but not on one that began in the list: the map may have moved it away meanwhile. */
function closeByPress(map, popup) {
  let isInside = false;
  const begin = ({ target }) => {
    isInside = popup.getElement().contains(target);
  };
  const end = () => {
    if (!isInside) map.closePopup(popup);
  };
  map.getContainer().addEventListener("pointerdown", begin, { capture: true });
  map.on("preclick", end);
  popup.on("remove", () => {
    map.getContainer().removeEventListener("pointerdown", begin, { capture: true });
    map.off("preclick", end);
  });
}

/** Adds pages of a long list, the first at once and each next one at the press of a button. */
function grow(popup, list, more) {
  const foot = document.createElement("button");
  foot.type = "button";
  foot.className = "map-more";
  foot.textContent = "Loading…";
  list.after(foot);
  const load = async () => {
    foot.textContent = "Loading…";
    try {
      const { entries, isLast } = await more();
      const items = entries.map(item);
      list.append(...items);
      foot.textContent = "Show more";
      foot.hidden = isLast;
      if (popup.isOpen()) popup.update(); // takes the content out and in again, and the focus from it
      items[0]?.querySelector("a").focus();
    } catch {
      foot.textContent = NOT_LOADED;
    }
  };
  foot.addEventListener("click", load);
  foot.focus({ preventScroll: true });
  load();
}

/** Escape closes; up, down, Home and End go through the names. Leaflet would move the map with them. */
function onKey(event, map, popup, list) {
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "Escape") map.closePopup(popup);
  else if (event.key in STEPS && at >= 0) links[(at + STEPS[event.key] + links.length) % links.length].focus();
  else if (event.key === "Home") links[0]?.focus();
  else if (event.key === "End") links.at(-1)?.focus();
  else {
    if (event.key.startsWith("Arrow")) event.stopPropagation();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function heading(title) {
  const words = document.createElement("p");
  words.className = "map-found-title";
  words.textContent = title;
  return words;
}

function item(entry) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = entry.href;
  link.textContent = entry.number ? `${entry.number}. ${entry.name}` : entry.name;
  const facts = document.createElement("span");
  facts.className = "map-facts";
  facts.textContent = [entry.distance, entry.hasBadge ? badgeLabel() : ""].filter(Boolean).join(" · ");
  row.append(link, facts);
  return row;
}
