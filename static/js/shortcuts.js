/** Keys of the console: a <kbd> in a link, button, label or summary is its shortcut; j and k move in rows, x selects. */
const OFF = "console-keys-off";
const OWNERS = "a[href], button, label, summary";
const TYPED = "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]";

/** Whether somebody turned the keys off; a browser that stores nothing has them on. */
function areOff() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

function remember(off) {
  try {
    if (off) localStorage.setItem(OFF, "1");
    else localStorage.removeItem(OFF);
  } catch {
    // Without storage the keys stay as they are.
  }
}

/** What a key belongs to: the first visible link, button, label or summary with that key in it. */
function ownerOf(key) {
  return [...document.querySelectorAll("kbd")]
    .filter((kbd) => kbd.textContent.trim() === key)
    .map((kbd) => kbd.closest(OWNERS))
    .find((owner) => owner && owner.getClientRects().length && !owner.disabled);
}

function use(owner) {
  const field = owner.control;
  if (field?.matches(TYPED)) {
    field.focus();
    field.select?.();
  } else {
    owner.click();
  }
}

/** Moves to the row before or after the one with the focus. */
function move(step) {
  const rows = [...document.querySelectorAll("[data-rows] > tr")];
  const here = rows.indexOf(document.activeElement.closest?.("[data-rows] > tr"));
  const next = rows[here === -1 ? (step > 0 ? 0 : rows.length - 1) : here + step];
  next?.querySelector("a[href]")?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function select() {
  document.activeElement.closest?.("[data-rows] > tr")?.querySelector("input[type=checkbox]")?.click();
}

const MOVES = { j: () => move(1), k: () => move(-1), x: select };

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.matches?.(TYPED) || areOff()) return;
  // Enter presses what has the focus.
  if (key === "Enter" && target !== document.body) return;
  const owner = ownerOf(key);
  const action = owner ? !event.repeat && (() => use(owner)) : document.querySelector("[data-rows]") && MOVES[key];
  if (!action) return;
  event.preventDefault();
  action();
});

for (const kbd of document.querySelectorAll("kbd")) {
  kbd.closest(OWNERS)?.setAttribute("aria-keyshortcuts", kbd.textContent.trim());
}

const bar = document.querySelector("[data-keys-switch]");
if (bar) {
  const button = bar.querySelector("button");
  const label = () => {
    button.textContent = areOff() ? button.dataset.on : button.dataset.off;
  };
  button.addEventListener("click", () => {
    remember(!areOff());
    label();
  });
  label();
  bar.hidden = false;
}
