// What the map knows of a provider, read from the list's own markup or from the server's groups of the same search.

/** A place as Leaflet wants it. The Pacific territories lie west of Hawaii, not beyond Asia. */
export function inSight(lat, lon) {
  return [lat, lon > 0 ? lon - 360 : lon];
}

/** The entries of the list that carry a number, in its order. */
export function readEntries(page, box) {
  const cards = [...page.querySelectorAll("[data-lat][data-lon][data-number]")];
  return cards.filter((card) => !box.contains(card)).map(fromCard);
}

export function listedBySlug(entries) {
  return new Map(entries.map((entry) => [entry.slug, entry]));
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

/** Another location of a listing that has a number in the list; it keeps that number. */
export function secondLocation(entry, { lat, lon, bbox }, miles) {
  return {
    ...entry,
    key: [lat, lon, entry.slug].join(" "),
    place: inSight(lat, lon),
    bbox,
    listed: entry,
    text: String(entry.number),
    distance: inWords(miles),
  };
}

/**
 * A group of which `count` listings have no number in the list, and `badges` of those have the badge. A group of one
 * listing goes by its name.
 */
export function fromGroup(group, { count, badges, miles }) {
  const { lat, lon, count: all, badge_count: allBadges = 0, name, place, bbox, slug, badge } = group;
  const where = place ? ` near ${place}` : "";
  const number = short(count);
  const some = all === count ? number : `+${number}`;
  const what = `${all === count ? "" : "more "}${count === 1 ? "provider" : "providers"}`;
  return {
    key: [lat, lon, all, count, badges, slug].join(" "),
    place: inSight(lat, lon),
    bbox,
    count,
    slug,
    badges,
    text: slug ? "" : some,
    below: badges && !slug ? `${short(badges)} ✓` : "",
    name: slug ? name : `${some} ${what}${where}`,
    whole: [name, selfCertified(allBadges)].filter(Boolean).join(", "),
    hasBadge: Boolean(badge),
    distance: inWords(miles),
    href: slug && `/providers/${encodeURIComponent(slug)}`,
  };
}

/** "1,234", and "12k" where that has no room on a pin. */
function short(count) {
  if (count < 10_000) return count.toLocaleString("en-US");
  return count < 1_000_000 ? `${Math.round(count / 1000)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** "4 miles", whether the list wrote the words or the map measured. */
function inWords(miles) {
  if (miles === undefined || miles === null || miles === "") return "";
  const number = Number(miles);
  if (Number.isNaN(number)) return String(miles);
  if (number < 1) return "less than 1 mile";
  const rounded = Math.round(number);
  return `${rounded.toLocaleString("en-US")} ${rounded === 1 ? "mile" : "miles"}`;
}

/** "Self-certified", in the server's words, which the box of the map carries. */
export function badgeLabel() {
  return document.querySelector("[data-badge-label]").dataset.badgeLabel;
}

/** "3 self-certified", or nothing for none. */
export function selfCertified(count) {
  return count ? `${count.toLocaleString("en-US")} ${badgeLabel().toLowerCase()}` : "";
}

/** "Dr Ada Example, 4 miles, self-certified" or "11 providers, 3 self-certified": the label of a pin. */
export function described(entry) {
  const badge = entry.hasBadge ? badgeLabel().toLowerCase() : entry.slug ? "" : selfCertified(entry.badges);
  return [entry.name, entry.distance, badge].filter(Boolean).join(", ");
}
