// What the search found beyond this page of the list, gathered into counts that open as one comes nearer.
import Supercluster from "supercluster";

import { described, fromFeature, inSight } from "./map-places.js";
import { makePin } from "./map-pins.js";
import { openPopup } from "./map-popup.js";

const RADIUS = 56; // pixels that a count stands for

export class Clusters {
  #map;
  #pins;
  #index;
  #shown = new Map();

  constructor(map, features, listed, pins) {
    this.#map = map;
    this.#pins = pins;
    const inList = new Set(listed.map((entry) => entry.slug));
    const points = features
      .filter((feature) => feature.geometry && !inList.has(feature.properties.slug))
      .map(fromFeature)
      .map(toPoint);
    if (!points.length) return;
    this.#index = new Supercluster({ radius: RADIUS, maxZoom: map.getMaxZoom() - 1, extent: 256 }).load(points);
    this.#draw();
    map.on("moveend", () => this.#draw());
    explain(map.getContainer());
  }

  #draw() {
    const bounds = this.#map.getBounds().pad(0.15);
    const found = this.#index.getClusters(
      [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()],
      this.#map.getZoom(),
    );
    const wanted = new Map(found.map((feature) => [keyOf(feature), feature]));
    const lostFocus = [...this.#shown.values()].some((pin) => pin.element === document.activeElement);
    for (const [key, pin] of this.#shown) {
      if (wanted.has(key)) continue;
      pin.marker.remove();
      this.#shown.delete(key);
    }
    for (const [key, feature] of wanted) {
      if (!this.#shown.has(key)) this.#shown.set(key, this.#pin(feature));
    }
    this.#pins.adopt([...this.#shown.values()]);
    if (lostFocus && !this.#map.getContainer().contains(document.activeElement)) {
      this.#pins.all.find((pin) => pin.element.tabIndex === 0)?.element.focus({ preventScroll: true });
    }
  }

  #pin(feature) {
    const [lat, lon] = inSight(feature.geometry.coordinates[1], feature.geometry.coordinates[0]);
    const { cluster, point_count: count, point_count_abbreviated: short } = feature.properties;
    const pin = cluster ? this.#count(short, count, [lat, lon]) : this.#single(feature.properties, [lat, lon]);
    pin.choose = () => this.#choose(pin, feature);
    this.#pins.listen(pin);
    return pin;
  }

  /** A count has a plus before it, so that it is not taken for a number of the list. */
  #count(short, count, place) {
    const kind = count >= 100 ? "pin-cluster pin-cluster-large" : "pin-cluster";
    const label = `+${short} more providers here`;
    return makePin(this.#map, place, { text: `+${short}`, kind, label, offset: 0 });
  }

  #single(entry, place) {
    const kind = entry.hasBadge ? "pin-more pin-badge" : "pin-more";
    return makePin(this.#map, place, { text: "", kind, label: described(entry), offset: 0 });
  }

  #choose(pin, feature) {
    const { cluster, cluster_id: id } = feature.properties;
    const nearer = cluster ? this.#index.getClusterExpansionZoom(id) : Infinity;
    if (nearer <= this.#map.getMaxZoom()) {
      this.#map.setView(pin.marker.getLatLng(), nearer);
      return;
    }
    const leaves = cluster ? this.#index.getLeaves(id, Infinity) : [feature];
    pin.entries = leaves.map((leaf) => leaf.properties);
    openPopup(this.#map, pin, matchMedia("(prefers-reduced-motion: reduce)"));
  }
}

/** An entry as Supercluster wants it: on the globe, where [-180, 180] ends at the antimeridian. */
function toPoint(entry) {
  const [lat, lon] = entry.place;
  const coordinates = [lon < -180 ? lon + 360 : lon, lat];
  return { type: "Feature", properties: entry, geometry: { type: "Point", coordinates } };
}

function keyOf({ id, properties, geometry }) {
  return properties.cluster ? `cluster ${id}` : `${properties.slug} ${geometry.coordinates}`;
}

/** The legend gains a line for what only now is on the map. */
function explain(stage) {
  const legend = stage.closest("figure")?.querySelector(".map-legend");
  if (!legend) return;
  const key = document.createElement("span");
  key.className = "map-key map-key-cluster";
  key.setAttribute("aria-hidden", "true");
  const line = document.createElement("li");
  line.append(key, " More providers, further down the list");
  legend.append(line);
}
