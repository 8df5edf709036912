// What the map knows of a provider, read from the list's own markup or from the GeoJSON of the same search.

/** A place as Leaflet wants it. The Pacific territories lie west of Hawaii, not beyond Asia. */
export function inSight(lat, lon) {
  return [lat, lon > 0 ? lon - 360 : lon];
}

/** The entries of the list that carry a number, in its order. */
export function readEntries(page, box) {
  const cards = [...page.querySelectorAll("[data-lat][data-lon][data-number]")];
  return cards.filter((card) => !box.contains(card)).map(fromCard);
}

function fromCard(card) {
  const { lat, lon, number, name, badge, miles } = card.dataset;
  return {
    card,
    slug: card.id.replace(/^p-/, ""),
    place: inSight(Number(lat), Number(lon)),
    number: Number(number),
    name,
    hasBadge: badge === "1" || badge === "true",
    distance: inWords(miles),
    href: card.querySelector('a[href^="/providers/"]')?.getAttribute("href") ?? `#${card.id}`,
  };
}

/** What is found beyond this page of the list. */
export function fromFeature({ geometry, properties }) {
  const [lon, lat] = geometry.coordinates;
  const { slug, name, badge, technique, miles } = properties;
  return {
    slug,
    place: inSight(lat, lon),
    name,
    hasBadge: Boolean(badge ?? technique?.badge),
    distance: inWords(miles),
    href: `/providers/${encodeURIComponent(slug)}`,
  };
}

/** "4 miles", whether the list wrote the words or the interface gave the number. */
function inWords(miles) {
  if (miles === undefined || miles === null || miles === "") return "";
  const number = Number(miles);
  if (Number.isNaN(number)) return String(miles);
  if (number < 1) return "less than 1 mile";
  const rounded = Math.round(number);
  return `${rounded.toLocaleString("en-US")} ${rounded === 1 ? "mile" : "miles"}`;
}

/** "Dr Ada Example, 4 miles", as a pin is named after its number. */
export function described(entry) {
  const badge = entry.hasBadge ? "self-certified" : "";
  return [entry.name, entry.distance, badge].filter(Boolean).join(", ");
}
