// What the search found beyond this page of the list: groups of listings that the server counts for the part of the map
// in view. A group splits when the map is magnified; one that cannot be split opens as a list.
import L from "leaflet";

import { described, fromGroup, inSight, listedBySlug, secondLocation, selfCertified } from "./map-places.js";
import { makePin } from "./map-pins.js";
import { openPopup } from "./map-popup.js";
import { holds, windowOf } from "./map-window.js";
import { loadWithRetries } from "./loading.js";

const SETTLE = 150; // milliseconds that a moving map is left alone
const KEPT = 40; // answers; arbitrary, as many as one goes back to
const ROOM = 34; // pixels between the middles of two pins, where there is room
const ONE_GROUP = 64; // pixels that the server's groups are apart
const MANY = 100; // from here on a pin is larger
const NONE_LOADED = "The map could not be filled. The list has everybody.";

export class Groups {
  #map;
  #address;
  #entries;
  #pins;
  #listed;
  #isWhole;
  #calm;
  #say;
  #shown = new Map();
  #answers = new Map();
  #underway = null;
  #timer = 0;
  #cameFrom = null;

  /** `isWhole` says that the list has everybody whom the server counts, so that nobody is left for a group. */
  constructor(map, address, entries, pins, { calm, isWhole, say }) {
    this.#map = map;
    this.#address = address;
    this.#entries = entries;
    this.#listed = listedBySlug(entries);
    this.#isWhole = isWhole;
    this.#pins = pins;
    this.#calm = calm;
    this.#say = say;
    map.on("movestart", () => clearTimeout(this.#timer));
    map.on("moveend", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.show({ isMoved: true }), SETTLE);
    });
  }

  /** Brings the groups into step with the map. */
  async show({ isMoved = false } = {}) {
    const groups = await this.#load();
    if (!groups) return;
    this.#draw(groups);
    explain(this.#map.getContainer(), [...this.#shown.values()].some((pin) => !pin.entries));
    if (isMoved) this.#say(inAll(groups, this.#isWhole ? this.#entries.length : Infinity));
  }

  /** The groups in view; null where a later question took its place or nothing came. */
  async #load() {
    const address = this.#asking("", windowOf(this.#map));
    this.#underway?.abort();
    const kept = this.#answers.get(address);
    if (kept) return kept;
    this.#underway = new AbortController();
    try {
      const { clusters } = await ask(address, this.#underway.signal);
      this.#answers.set(address, clusters);
      if (this.#answers.size > KEPT) this.#answers.delete(this.#answers.keys().next().value);
      return clusters;
    } catch (error) {
      if (error.name !== "AbortError") this.#say(NONE_LOADED);
      return null;
    }
  }

  #asking(path, parameters) {
    const address = new URL(this.#address);
    address.pathname += path;
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    return address.href;
  }

  #draw(groups) {
    const wanted = new Map(groups.flatMap((group) => this.#rest(group)).map((entry) => [entry.key, entry]));
    const held = [...this.#shown.values()].find((pin) => pin.element === document.activeElement);
    const taken = this.#pins.spots;
    for (const [key, pin] of this.#shown) {
      if (wanted.has(key)) continue;
      pin.marker.remove();
      this.#shown.delete(key);
    }
    for (const [key, entry] of wanted) {
      const place = beside(this.#map, entry.place, taken);
      if (this.#shown.has(key)) this.#shown.get(key).marker.setLatLng(place);
      else this.#shown.set(key, this.#pin(entry, place));
    }
    this.#pins.adopt([...this.#shown.values()]);
    if (held && !held.element.isConnected) this.#pins.focusNear(this.#cameFrom ?? held.place);
    this.#cameFrom = null;
  }

  /** What a group adds to the numbered pins: listings without a number, or another location of one with a number. */
  #rest(group) {
    const miles = this.#milesTo(group);
    const entry = this.#listed.get(group.slug);
    if (entry) return holds(group.bbox, entry.place) ? [] : [secondLocation(entry, group, miles)];
    if (this.#isWhole) return [];
    if (group.slug) return [fromGroup(group, { count: 1, badges: group.badge ? 1 : 0, miles })];
    const listed = this.#entries.filter(({ place }) => holds(group.bbox, place));
    const count = group.count - listed.length;
    if (count <= 0) return [];
    const badges = (group.badge_count ?? 0) - listed.filter(({ hasBadge }) => hasBadge).length;
    return [fromGroup(group, { count, badges: Math.min(count, Math.max(0, badges)), miles })];
  }

  #milesTo({ lat, lon }) {
    return this.#pins.origin ? this.#map.distance(this.#pins.origin, inSight(lat, lon)) / 1609.344 : null;
  }

  #pin(entry, place) {
    const label = entry.listed ? `${entry.number} ${described(entry)}` : described(entry);
    const { text, below } = entry;
    const pin = makePin(this.#map, place, { text, below, kind: kindOf(entry), label, offset: 0 });
    pin.place = entry.place;
    if (entry.listed) pin.entries = [entry.listed];
    pin.choose = () => this.#choose(pin, entry);
    this.#pins.listen(pin);
    return pin;
  }

  #choose(pin, entry) {
    if (entry.slug) {
      openPopup(this.#map, pin, { entries: [entry], calm: this.#calm, leave: () => this.#pins.focusNear(pin.place) });
      return;
    }
    if (this.#canSplit(entry.bbox)) {
      this.#cameFrom = entry.place;
      const nearer = Math.max(this.#map.getZoom() + 1, this.#map.getBoundsZoom(boundsOf(entry.bbox)));
      this.#map.setView(entry.place, Math.min(nearer, this.#map.getMaxZoom()), { animate: !this.#calm.matches });
      return;
    }
    const more = this.#reader(entry.bbox);
    openPopup(this.#map, pin, { title: entry.whole, more, calm: this.#calm, leave: () => this.#pins.focusNear(pin.place) });
  }

  /** Whether the map can come so near that the square of a group holds several groups. */
  #canSplit(bbox) {
    const deepest = this.#map.getMaxZoom();
    if (this.#map.getZoom() >= deepest) return false;
    const bounds = boundsOf(bbox);
    const size = this.#map.project(bounds.getSouthEast(), deepest).subtract(this.#map.project(bounds.getNorthWest(), deepest));
    return Math.max(size.x, size.y) > ONE_GROUP;
  }

  /** Reads who is in a box, a page at each call; `isLast` when that was all. */
  #reader(bbox) {
    let next = this.#asking("/providers", { bbox: bbox.join(",") });
    return async () => {
      const page = await ask(next);
      next = page.next && this.#sameCircle(page.next);
      const entries = page.providers.map((provider) => ({
        name: provider.name,
        number: this.#listed.get(provider.slug)?.number,
        hasBadge: provider.badge,
        distance: "",
        href: `/providers/${encodeURIComponent(provider.slug)}`,
      }));
      return { entries, isLast: !next };
    };
  }

  /** The address of a further page with the place and distance of the search. */
  #sameCircle(next) {
    const address = new URL(next, location.href);
    for (const name of ["near", "within"]) {
      const value = this.#address.searchParams.get(name);
      if (value) address.searchParams.set(name, value);
    }
    return address.href;
  }
}

async function ask(address, signal) {
  const answer = await loadWithRetries(() => fetch(address, { headers: { Accept: "application/json" }, signal }));
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return answer.json();
}

function boundsOf([west, south, east, north]) {
  const [[, left], [, right]] = [inSight(south, west), inSight(north, east)];
  return L.latLngBounds([south, left], [north, right < left ? right + 360 : right]);
}

/** The place itself, or as near to it as no other pin is covered; adds it to those that are taken. */
function beside(map, place, taken) {
  let spot = map.latLngToLayerPoint(place);
  for (let round = 0; round < 3; round += 1) {
    for (const other of taken) {
      const away = spot.subtract(other);
      const distance = Math.hypot(away.x, away.y);
      if (distance >= ROOM) continue;
      spot = distance ? other.add(away.multiplyBy(ROOM / distance)) : other.add([ROOM, 0]);
    }
  }
  taken.push(spot);
  return map.layerPointToLatLng(spot);
}

function kindOf(entry) {
  if (entry.listed) return entry.hasBadge ? "pin-badge" : "";
  if (entry.slug) return entry.hasBadge ? "pin-more pin-badge" : "pin-more";
  return entry.count >= MANY || entry.below ? "pin-cluster pin-cluster-large" : "pin-cluster";
}

/** How many providers are in view, `most` at most; one that is alone in two groups is counted once. */
function inAll(groups, most) {
  const seen = new Set();
  const counted = groups.filter(({ slug }) => !slug || (!seen.has(slug) && seen.add(slug)));
  const sum = counted.reduce((total, group) => total + group.count, 0);
  const badges = counted.reduce((total, group) => total + (group.badge_count ?? 0), 0);
  const count = Math.min(sum, most);
  const providers = `${count.toLocaleString("en-US")} ${count === 1 ? "provider" : "providers"} on this part of the map`;
  return [providers, selfCertified(Math.min(badges, count))].filter(Boolean).join(", ");
}

/** The legend has a line for what only now is on the map. */
function explain(stage, isShown) {
  const line = stage.closest("figure")?.querySelector("[data-map-groups]");
  if (line) line.hidden = !isShown;
}
