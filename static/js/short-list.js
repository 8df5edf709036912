/**
 * The saved list: whom a patient saved, in this browser and nowhere else. Nothing is sent: the names stand in the
 * address of /compare only once the patient follows the link to it. An empty list leaves nothing behind.
 */
const KEY = "short-list";
const MOST = 20; // arbitrary: enough to choose from, and the address of /compare stays short
const SLUG = /^[a-z0-9][a-z0-9-]{0,119}$/;

function isEntry(entry) {
  return typeof entry?.name === "string" && typeof entry.slug === "string" && SLUG.test(entry.slug);
}

/** What was kept, in the order of keeping; whatever else stands there, such as another version's, counts as nothing. */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isEntry).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Whether it could be written: a browser may be told to keep nothing, or have no room. */
function write(entries) {
  try {
    if (entries.length) localStorage.setItem(KEY, JSON.stringify(entries));
    else localStorage.removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}

function canKeep() {
  try {
    return Boolean(window.localStorage);
  } catch {
    return false; // a page without storage throws at the mere name
  }
}

function compareAddress(entries, near) {
  const asked = new URLSearchParams(entries.map(({ slug }) => ["p", slug]));
  if (near) asked.append("near", near);
  return `/compare?${asked}`;
}

function itemFor({ slug, name }, takeOut) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `/providers/${slug}`;
  link.textContent = name;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button bare";
  button.textContent = "Remove";
  const whom = document.createElement("span");
  whom.className = "sr-only";
  whom.textContent = ` ${name}`;
  button.append(whom);
  button.addEventListener("click", () => takeOut(slug));
  item.append(link, " ", button);
  return item;
}

export function offerShortList(root) {
  const box = root.querySelector("[data-short-list]");
  if (!box || !canKeep()) return;
  const part = (name) => box.querySelector(name);
  const [status, details, list, link] = ["[role=status]", "details", "[data-kept]", "[data-compare]"].map(part);
  const buttons = [...root.querySelectorAll("[data-keep]")];

  function show() {
    const entries = read();
    const kept = new Set(entries.map(({ slug }) => slug));
    for (const button of buttons) {
      button.dataset.saved = String(kept.has(button.dataset.keep));
      button.querySelector("[data-keep-label]").textContent = button.dataset.saved === "true" ? "Saved" : "Save";
    }
    part("[data-count]").textContent = entries.length;
    list.replaceChildren(...entries.map((entry) => itemFor(entry, takeOut)));
    link.href = compareAddress(entries, box.dataset.near);
    link.hidden = details.hidden = entries.length === 0;
    box.classList.toggle("is-empty", entries.length === 0);
  }

  function change(entries, said) {
    status.textContent = write(entries) ? said : "Your browser did not save this.";
    show();
  }

  function takeOut(slug) {
    const entries = read().filter((entry) => entry.slug !== slug);
    change(entries, `Removed. ${entries.length} saved.`);
    // The pressed button is gone, and the focus with it.
    (entries.length ? part("summary") : box).focus();
  }

  function toggle(button) {
    const { keep: slug, name } = button.dataset;
    const others = read().filter((entry) => entry.slug !== slug);
    if (button.dataset.saved === "true") change(others, `Removed. ${others.length} saved.`);
    else if (others.length < MOST) change([...others, { slug, name }], `Saved on this device. ${others.length + 1} saved.`);
    else status.textContent = `You can save up to ${MOST}. Remove one first.`;
  }

  for (const button of buttons) {
    button.addEventListener("click", () => toggle(button));
    button.hidden = false;
  }
  part("[data-empty]").addEventListener("click", () => {
    change([], "Nothing is saved now.");
    box.focus();
  });
  window.addEventListener("storage", (event) => [KEY, null].includes(event.key) && show()); // from another window
  window.addEventListener("pageshow", show); // also where the browser gives back a page as it was left
  show();
  box.hidden = false;
}
