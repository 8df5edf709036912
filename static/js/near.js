/**
 * "Near me": only on a press, only in a secure context. The position is rounded here, before anything is sent, to a
 * grid of 0.05° (about 3 miles), and goes in the body of a POST: never in an address, a log or a Referer.
 */
const GRID = 0.05;
const REFUSED = 1; // GeolocationPositionError.PERMISSION_DENIED

export function snap(degrees) {
  return (Math.round(degrees / GRID) * GRID).toFixed(2);
}

function send(action, search, { latitude, longitude }) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  form.hidden = true;
  const answers = new FormData(search);
  answers.delete("near");
  answers.set("lat", snap(latitude));
  answers.set("lon", snap(longitude));
  for (const [name, value] of answers) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

export function offerNearMe(root) {
  if (!window.isSecureContext || !navigator.geolocation) return;
  for (const button of root.querySelectorAll("[data-near-me]")) {
    const row = button.closest("[data-near]");
    const status = row.querySelector("[data-near-status]");
    row.hidden = false;
    button.addEventListener("click", () => {
      button.disabled = true;
      status.textContent = "Asking your browser where you are…";
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => send(button.dataset.nearMe, button.form, coords),
        ({ code }) => {
          button.disabled = false;
          status.textContent =
            code === REFUSED
              ? "Your browser did not share where you are. Type a ZIP code instead."
              : "Your browser could not tell where you are. Type a ZIP code instead.";
        },
        { enableHighAccuracy: false, maximumAge: 600_000, timeout: 10_000 },
      );
    });
  }
}
