// Circles around a place and how far they lie from it. They are decoration: nothing in them is pressed or focused.
import L from "leaflet";

const RINGS = [5, 10, 25]; // miles; the same as in directory/basemap/distance_marks.py
const MIN_PIXELS = 28; // a smaller ring would lie under the pin in its middle
const METERS_A_MILE = 1609.344;
const MILES_A_DEGREE = 69.09;

/** Draws those rings around `middle` that fit the zoom, inside a circle of `most` miles if there is one. */
export function showRings(map, middle, most) {
  const layer = L.layerGroup().addTo(map);
  const draw = () => {
    layer.clearLayers();
    const { x, y } = map.getSize();
    for (const miles of RINGS.filter((ring) => !(ring >= most))) {
      const pixels = map.latLngToLayerPoint(middle).distanceTo(map.latLngToLayerPoint(north(middle, miles)));
      if (pixels < MIN_PIXELS || pixels > Math.max(x, y) / 2) continue;
      ring(middle, miles, "map-ring").addTo(layer);
      label(layer, middle, miles);
    }
    if (most) label(layer, middle, most);
  };
  map.on("zoomend resize", draw);
  draw();
}

/** A circle of so many miles. */
export function ring(middle, miles, className) {
  return L.circle(middle, { radius: miles * METERS_A_MILE, className, interactive: false });
}

function label(layer, middle, miles) {
  const icon = L.divIcon({ className: "map-ring-label", iconSize: [0, 0] });
  const mark = L.marker(north(middle, miles), { icon, interactive: false, keyboard: false }).addTo(layer);
  const text = document.createElement("span");
  text.textContent = `${miles} mi`;
  mark.getElement().append(text);
  mark.getElement().setAttribute("aria-hidden", "true");
}

function north(middle, miles) {
  const { lat, lng } = L.latLng(middle);
  return L.latLng(lat + miles / MILES_A_DEGREE, lng);
}
