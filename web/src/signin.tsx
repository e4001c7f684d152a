// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { post } from "./api";

export function SignIn({ title, done }: { title: string; done: () => void }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  async function submit(e: SubmitEvent) {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    setBusy(true);
    setError("");
    try {
      await post("/api/v1/session", { login: form.get("login"), password: form.get("password") });
      done();
    } catch (x) {
      setError((x as Error).message);
    }
    setBusy(false);
  }
  return (
    <main class="signin">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>{title || "Tocsin"}</h1>
      <form onSubmit={submit}>
        <label>Login<input name="login" autocomplete="username" required maxLength={128} /></label>
        <label>Password<input name="password" type="password" autocomplete="current-password" required /></label>
        <button disabled={busy}>Sign in</button>
        {error && <p class="error" role="alert">{error}</p>}
      </form>
      <p class="quiet">Or open the one-time address that the node's operator gave you.</p>
    </main>
  );
}
