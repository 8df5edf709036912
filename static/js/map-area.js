// "Search this area" after the map was moved. The answer is a search around the town nearest to the middle, in an
// address that anybody may be sent: where exactly somebody looked stands in no address, no log and no history.
import { snap } from "./near.js";
import { loadWithRetries } from "./loading.js";

const METRES_A_MILE = 1609.344;
const STEP = 5; // miles; what is asked for is rounded up, and never less
const MOST = 250; // miles that a search may ask for; past them it asks for any distance
const MOVED = 0.25; // of the view: the map moves a little by itself, to show a pin or what opened
const NO_TOWN = "There is no town near the middle of this part of the map. Type a place instead.";
const NO_ANSWER = "This could not be searched. Type a place instead.";

/** Offers it in `stage` once the map shows another part than at first; `filters` are
 * pairs of a name and a value, and are kept in the new search. */
export function offerArea(map, stage, filters) {
  const first = { zoom: map.getZoom(), centre: map.getCenter() };
  const [row, button, status] = makeRow();
  stage.append(row);
  map.on("moveend", () => {
    const away = map.latLngToLayerPoint(first.centre).distanceTo(map.latLngToLayerPoint(map.getCenter()));
    const { x, y } = map.getSize();
    if (map.getZoom() !== first.zoom || away > MOVED * Math.min(x, y)) row.hidden = false;
  });
  // Where both have no room, what was opened is what is looked at.
  map.on("popupopen popupclose", ({ type }) => row.classList.toggle("is-aside", type === "popupopen"));
  button.addEventListener("click", async () => {
    status.textContent = "Finding the nearest town…";
    try {
      const town = await nearestTown(map.getCenter().wrap());
      if (town) location.assign(`/providers?${asking(map, town, filters)}`);
      else status.textContent = NO_TOWN;
    } catch {
      status.textContent = NO_ANSWER;
    }
  });
}

function makeRow() {
  const row = document.createElement("div");
  row.className = "map-area";
  row.hidden = true;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Search this area";
  const status = document.createElement("span");
  status.className = "map-area-status";
  status.setAttribute("role", "status");
  row.append(button, status);
  for (const kind of ["click", "dblclick", "pointerdown", "keydown"]) {
    row.addEventListener(kind, (event) => event.stopPropagation()); // else Leaflet takes it for the map's
  }
  return [row, button, status];
}

/** The town by its label, with its point; asked for by a point that is rounded as for "near me". */
async function nearestTown({ lat, lng }) {
  const answer = await loadWithRetries(() => fetch(`/api/v1/places?q=${snap(lat)},${snap(lng)}`));
  if (!answer.ok) throw new Error(`${answer.status} for a place`);
  const { places } = await answer.json();
  return places.find((place) => place.precision === "city");
}

/** A circle about the town that reaches over the middle to the nearer edge of what is seen. */
function asking(map, town, filters) {
  const [centre, { x, y }] = [map.getCenter(), map.getSize()];
  const edge = map.containerPointToLatLng(x < y ? [0, y / 2] : [x / 2, 0]);
  const metres = map.distance(centre, edge) + map.distance(centre.wrap(), [town.lat, town.lon]);
  const miles = Math.max(1, Math.ceil(metres / METRES_A_MILE / STEP)) * STEP;
  const asked = new URLSearchParams({ near: town.label, within: miles > MOST ? "any" : String(miles) });
  for (const [name, value] of filters) asked.append(name, value);
  return asked;
}
