/** Passkeys: adds one, signs in with one, or confirms with one that it is the owner who sits there. */

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const withBytes = (credential) => ({ ...credential, id: toBytes(credential.id) });

/** Posts JSON as Flask-Security takes it; a refusal becomes an error with its sentence. */
async function post(url, csrfToken, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken },
    body: JSON.stringify(body),
  });
  const { response } = await answer.json().catch(() => ({ response: {} }));
  if (answer.ok) return response;
  const sentences = [...(response?.errors ?? []), ...Object.values(response?.field_errors ?? {}).flat()];
  if (response?.reauth_required) sentences.splice(0, 1, "You signed in a while ago. Open this page again to go on.");
  throw new Error(sentences.find(Boolean) ?? "This did not work. Open this page again and try once more.");
}

async function createCredential(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: withBytes(options.user),
    excludeCredentials: options.excludeCredentials.map(withBytes),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: {
      attestationObject: toText(made.response.attestationObject),
      clientDataJSON: toText(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function getCredential(options) {
  const allowCredentials = (options.allowCredentials ?? []).map(withBytes);
  const publicKey = { ...options, challenge: toBytes(options.challenge), allowCredentials };
  const found = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: toText(found.rawId),
    type: found.type,
    response: {
      authenticatorData: toText(authenticatorData),
      clientDataJSON: toText(clientDataJSON),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : null,
    },
  };
}

/** Runs the two steps, and returns the address to go on at. */
async function usePasskey(form) {
  const { csrf_token: csrfToken, ...fields } = Object.fromEntries(new FormData(form));
  const start = await post(form.action, csrfToken, fields);
  const step = form.dataset.passkey === "register" ? createCredential : getCredential;
  const credential = JSON.stringify(await step(start.credential_options));
  const next = form.dataset.next ? `?${new URLSearchParams({ next: form.dataset.next })}` : "";
  const done = await post(`${form.action}/${start.wan_state}${next}`, csrfToken, { credential });
  return done.post_login_url || form.dataset.next || form.dataset.done;
}

function explain(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "NotAllowedError") return "No passkey was used. You can try again.";
  return error.message;
}

async function handle(form) {
  const error = form.querySelector("[data-passkey-error]");
  const button = form.querySelector("button");
  error.hidden = true;
  button.disabled = true;
  try {
    const target = new URL(await usePasskey(form), location.href);
    location.assign(target.origin === location.origin ? target : form.dataset.done);
  } catch (problem) {
    error.textContent = explain(problem);
    error.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

const works = Boolean(window.PublicKeyCredential); // not over HTTP, except on this computer
for (const reason of document.querySelectorAll("[data-no-passkeys]")) reason.hidden = works;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !works;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    handle(form);
  });
}
