// What opens at a pin: the names found there as links, the focus inside, and the way back by Escape.
import L from "leaflet";

const MOST_SHOWN = 50; // arbitrary: more than fit in a list that is looked through

/** Opens a list of the pin's entries, and gives the popup. Names are set as text; they were typed by strangers. */
export function openPopup(map, pin, calm) {
  const list = document.createElement("ul");
  list.className = "map-found";
  list.append(...pin.entries.slice(0, MOST_SHOWN).map(item));
  if (pin.entries.length > MOST_SHOWN) {
    const rest = document.createElement("li");
    rest.textContent = `and ${pin.entries.length - MOST_SHOWN} more: see the list`;
    list.append(rest);
  }
  const popup = L.popup({ offset: [0, -12], maxWidth: 260, maxHeight: 240, autoPan: true, autoPanPadding: [12, 12] })
    .setLatLng(pin.marker.getLatLng())
    .setContent(list)
    .openOn(map);
  if (calm.matches) popup.getElement().classList.add("is-calm");
  const frame = popup.getElement();
  frame.setAttribute("role", "dialog");
  frame.setAttribute("aria-label", pin.label);
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    map.closePopup(popup);
  });
  popup.on("remove", () => {
    // Without the fading, the frame is gone already and has taken the focus with it.
    const { activeElement, body } = document;
    if (activeElement === body || frame.contains(activeElement)) pin.element.focus({ preventScroll: true });
  });
  list.querySelector("a").focus({ preventScroll: true });
  return popup;
}

function item(entry) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = entry.href;
  link.textContent = entry.number ? `${entry.number}. ${entry.name}` : entry.name;
  const facts = document.createElement("span");
  facts.className = "map-facts";
  facts.textContent = [entry.distance, entry.hasBadge ? "Self-certified technique" : ""].filter(Boolean).join(" · ");
  row.append(link, facts);
  return row;
}
