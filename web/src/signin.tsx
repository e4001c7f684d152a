// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { post } from "./api";
import { passkeys, passkeyTrouble, signInByPasskey } from "./passkey";

/** A sign-in at the provider may leave a ticket behind '#': it is taken, and not left in the address. */
function ticketOfAddress() {
  const m = /^#second=([\w-]+)$/.exec(location.hash);
  if (m) history.replaceState(null, "", location.pathname);
  return m?.[1] ?? "";
}

export function SignIn({ title, provider, done }: { title: string; provider?: string; done: () => void }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [ticket, setTicket] = useState(ticketOfAddress);
  async function submit(e: SubmitEvent) {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    setBusy(true);
    setError("");
    try {
      const answer = ticket
        ? await post<{ second?: string }>("/api/v1/session/second", { ticket, code: String(form.get("code")).trim() })
        : await post<{ second?: string }>("/api/v1/session", { login: form.get("login"), password: form.get("password") });
      if (answer.second) setTicket(answer.second);
      else done();
    } catch (x) {
      setError((x as Error).message);
    }
    setBusy(false);
  }
  function byPasskey() {
    setError("");
    signInByPasskey(ticket || undefined).then(done, (x: Error) => setError(passkeyTrouble(x)));
  }
  async function byProvider() {
    setError("");
    setBusy(true);
    try {
      location.assign((await post<{ go: string }>("/api/v1/session/oidc", {})).go);
    } catch (x) {
      setError((x as Error).message);
      setBusy(false);
    }
  }
  return (
    <main class="signin">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>{title || "Tocsin"}</h1>
      <form onSubmit={submit}>
        {ticket ? (
          <label>Code of your device, or a recovery code
            <input name="code" autocomplete="one-time-code" required maxLength={32} autofocus key="code" /></label>
        ) : (
          <>
            <label>Login<input name="login" autocomplete="username" required maxLength={128} /></label>
            <label>Password<input name="password" type="password" autocomplete="current-password" required /></label>
          </>
        )}
        <button disabled={busy}>Sign in</button>
        {passkeys() && <button type="button" onClick={byPasskey}>Use a passkey</button>}
        {provider && !ticket && <button type="button" disabled={busy} onClick={byProvider}>{provider}</button>}
        {ticket && <button type="button" onClick={() => setTicket("")}>Back</button>}
        {error && <p class="error" role="alert">{error}</p>}
      </form>
      <p class="quiet">Or open the one-time address that the node's operator gave you.</p>
    </main>
  );
}
