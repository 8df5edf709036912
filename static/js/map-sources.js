// Names whom the map is owed to: a basemap of the operator's own says so itself, and its words replace ours.

/** Writes what the file `source` says of its sources into `line`: its text and its links, and nothing else of it. */
export async function nameSources(source, line) {
  const { attribution } = await source.p.getMetadata();
  if (!attribution || !line) return;
  // A document made so loads nothing and runs nothing.
  const { body } = new DOMParser().parseFromString(String(attribution), "text/html");
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const said = [];
  while (texts.nextNode()) {
    if (!texts.currentNode.parentElement.matches("script, style")) said.push(credit(texts.currentNode));
  }
  if (said.length) line.replaceChildren(...said);
}

function credit(text) {
  const href = text.parentElement.closest("a")?.getAttribute("href") ?? "";
  if (!/^https?:\/\//i.test(href)) return text.textContent;
  const link = document.createElement("a");
  link.href = href;
  link.rel = "noopener noreferrer";
  link.textContent = text.textContent;
  return link;
}
