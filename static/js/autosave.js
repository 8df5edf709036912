/**
 * Saves a long form a moment after the last change, through the same address as its buttons, and says when. What the
 * server refuses to write over, it shows when a button is pressed; nothing is retried then.
 */
const PAUSE = 1500; // milliseconds without a change; arbitrary, longer than between two words
const LATER = 10_000; // milliseconds until another try, when there was no connection; arbitrary

const time = (moment) => new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit" }).format(moment);

async function send(form) {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("then", "auto");
  // Where a sign-in is asked for first, the answer is no JSON; it is not followed.
  const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual", keepalive: true });
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  return { status: answer.status, said: isJson ? await answer.json() : null };
}

function saves(form) {
  const status = form.querySelector("[data-autosave-status]");
  const shown = status.querySelector("time");
  let waiting;
  let changed = false;
  let running = null;
  let stopped = false;

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  async function attempt() {
    changed = false;
    try {
      const { status: code, said } = await send(form);
      if (code === 200 && said) {
        form.elements.version.value = said.version;
        say([`Saved ${time(new Date(said.at))}`, said.say].filter(Boolean).join(". "));
      } else {
        changed = true;
        stopped = true;
        say(`Not saved. ${said?.say ?? "Your sign-in may have ended. Press Save to go on."}`);
      }
    } catch {
      changed = true;
      say("Not saved: there is no connection. We try again.");
      waiting = setTimeout(save, LATER);
    }
  }

  async function save() {
    clearTimeout(waiting);
    if (running || stopped || !changed) return;
    running = attempt();
    await running;
    running = null;
  }

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", async (event) => {
    clearTimeout(waiting);
    if (running) {
      // The version that this answer brings is the one to send.
      event.preventDefault();
      stopped = true;
      await running;
      form.requestSubmit(event.submitter);
    } else {
      stopped = true;
      changed = false;
    }
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  window.addEventListener("beforeunload", (event) => (changed || running) && event.preventDefault());
  // A page that comes back as it was left may be older than what is kept.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (shown) say(`Saved ${time(new Date(shown.dateTime))}`);
}

export function saveByItself(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) saves(form);
}
