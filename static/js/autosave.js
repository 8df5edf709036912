/**
 * Saves a long form a moment after the last change, through the same address as its buttons, and says when. What the
 * server refuses to write over, it shows when a button is pressed; nothing is retried then.
 */
const PAUSE = 1500; // milliseconds without a change; arbitrary, longer than between two words
const LATER = 10_000; // milliseconds until another try, when there was no connection; arbitrary

const time = (moment) => new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit" }).format(moment);

async function send(address, fields) {
  // Where a sign-in is asked for first, the answer is no JSON; it is not followed.
  const answer = await fetch(address, { method: "POST", body: fields, redirect: "manual", keepalive: true });
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  return { code: answer.status, said: isJson ? await answer.json() : null };
}

function fieldsOf(form) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("then", "auto");
  return fields;
}

function saves(form) {
  const status = form.querySelector("[data-autosave-status]");
  const shown = status.querySelector("time");
  let waiting;
  let changed = form.dataset.autosave === "unsaved";
  let running = null;
  let unanswered = null; // what was sent, and may be kept by now: its answer never came
  let isWanted = false; // one more save, after the one that runs
  let stopped = false;
  let isPressed = false;
  let isReady = false;

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  /** Whether the fields are kept now; throws where nobody can tell. */
  async function keep(fields) {
    unanswered = fields;
    const { code, said } = await send(form.action, fields);
    unanswered = null;
    if (code === 200 && said?.version) {
      form.elements.version.value = said.version;
      if (said.base !== undefined) form.elements.base.value = said.base;
      say([`Saved ${time(new Date(said.at))}`, said.say].filter(Boolean).join(". "));
      return true;
    }
    changed = true;
    stopped = !(code === 200 && said); // what is not valid yet may be with the next change
    say(`Not saved${stopped ? "" : " yet"}. ${said?.say ?? "Your sign-in may have ended. Press Save to go on."}`);
    return false;
  }

  async function attempt() {
    try {
      // The same again never clashes with itself, and brings the version that what was typed since is sent with.
      if (unanswered && !(await keep(unanswered))) return;
      if (!changed || isPressed) return;
      changed = false;
      await keep(fieldsOf(form));
    } catch {
      changed = true;
      say("Not saved: there is no connection. We try again.");
      if (!isPressed) waiting = setTimeout(save, LATER);
    }
  }

  /** One at a time: each needs the version that the answer to the one before brings. */
  async function run() {
    running = attempt();
    await running;
    running = null;
    if (isWanted) save();
  }

  function save() {
    clearTimeout(waiting);
    isWanted = running !== null;
    if (running || stopped || isPressed || !changed) return;
    run();
  }

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", async (event) => {
    clearTimeout(waiting);
    if (isReady || !(running || unanswered)) {
      stopped = true;
      changed = false;
      return;
    }
    // The version that this answer brings is the one to send, once, however often the button is pressed.
    event.preventDefault();
    if (isPressed) return;
    isPressed = true;
    await running;
    if (unanswered) await attempt();
    isReady = true;
    form.requestSubmit(event.submitter);
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  window.addEventListener("beforeunload", (event) => (changed || running) && event.preventDefault());
  // A page that comes back as it was left may be older than what is kept.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (shown) say(`Saved ${time(new Date(shown.dateTime))}`);
  else if (status.dataset.autosaveStatus) say(status.dataset.autosaveStatus);
}

export function saveByItself(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) saves(form);
}
