// The address that the map asks for the groups of the search on this page.

/**
 * The address of the groups of the search that `box` shows. It names the place and the distance of the search, so that
 * the map counts the same circle as the list. A position has no name, so its circle is not sent.
 */
export function groupsAddress(box) {
  const address = new URL(box.dataset.more, location.href);
  const { near, miles } = box.dataset;
  if (near && miles) {
    address.searchParams.set("near", near);
    address.searchParams.set("within", String(Number(miles)));
  }
  return address;
}

/** The parameters of a search with the same filters, without its place and distance. */
export function filtersOf(address) {
  return [...address.searchParams].filter(([name]) => name !== "near" && name !== "within");
}
