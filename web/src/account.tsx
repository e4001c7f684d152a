// SPDX-License-Identifier: Apache-2.0
// My account: where one is signed in, second factors, passkeys.
import { useEffect, useRef, useState } from "preact/hooks";
import { get, post, remove } from "./api";
import { enrolPasskey, passkeys, passkeyTrouble } from "./passkey";
import { when } from "./words";

type Session = { id: string; use: string; label: string; added: string; expires: string; current: boolean };
type Factors = { totp: boolean; recovery_codes: number; passkeys: { id: string; label: string; added: string }[] };

export function Account({ name, close }: { name: string; close: () => void }) {
  const box = useRef<HTMLDialogElement>(null);
  const [sessions, setSessions] = useState<Session[]>([]);
  const [factors, setFactors] = useState<Factors>();
  const [secret, setSecret] = useState<{ secret: string; uri: string }>();
  const [codes, setCodes] = useState<string[]>([]);
  const [error, setError] = useState("");

  const load = () => Promise.all([
    get<{ sessions: Session[] }>("/api/v1/sessions").then((r) => setSessions(r.sessions)),
    get<Factors>("/api/v1/factors").then(setFactors),
  ]);
  /** Does it, then shows what is so now; says what went wrong. */
  const act = (what: () => Promise<unknown>) => {
    setError("");
    what().then(load).catch((e: Error) => setError(passkeyTrouble(e)));
  };
  useEffect(() => {
    box.current?.showModal();
    act(async () => {});
  }, []);
  const form = (run: (word: string) => Promise<unknown>) => (e: SubmitEvent) => {
    e.preventDefault();
    const f = e.currentTarget as HTMLFormElement;
    const word = String(new FormData(f).get("word")).trim();
    act(() => run(word).then(() => f.reset()));
  };

  return (
    <dialog class="account" ref={box} onClose={close} aria-label="My account">
      <header><h2>{name}</h2><button onClick={() => box.current?.close()}>Close</button></header>
      {error && <p class="error" role="alert">{error}</p>}
      {codes.length > 0 && (
        <section class="codes">
          <h3>Recovery codes</h3>
          <p>Each opens the account once when no device is at hand. They are shown now and never again: keep them on paper.</p>
          <ul>{codes.map((c) => <li key={c}><code>{c}</code></li>)}</ul>
          <button onClick={() => setCodes([])}>I have them</button>
        </section>
      )}
      {factors && (
        <section>
          <h3>Passkeys</h3>
          <ul class="keys">
            {factors.passkeys.map((p) => (
              <li key={p.id}>{p.label} <span class="quiet">since {when(p.added)}</span>
                <button onClick={() => act(() => remove(`/api/v1/factors/passkeys/${p.id}`))}>Remove</button></li>
            ))}
          </ul>
          {passkeys()
            ? <form onSubmit={form((label) => enrolPasskey(label).then(setCodes))}>
                <label>Name of the device<input name="word" required maxLength={100} /></label>
                <button>Add a passkey</button>
              </form>
            : <p class="quiet">This browser, or this address, has no passkeys.</p>}
          <h3>Codes of a device</h3>
          {factors.totp
            ? <p>A device makes codes for this account; {factors.recovery_codes} recovery codes are left.</p>
            : !secret
              ? <button onClick={() => act(() => post<{ secret: string; uri: string }>("/api/v1/factors/totp").then(setSecret))}>
                  Set up a device</button>
              : <form onSubmit={form((code) => post<{ recovery_codes: string[] }>("/api/v1/factors/totp/confirm", { code })
                  .then((r) => { setSecret(undefined); setCodes(r.recovery_codes); }))}>
                  <p>Give the device this secret: <code class="secret">{secret.secret}</code><br />
                    or open <a href={secret.uri}>this address</a> on it.</p>
                  <label>The code that it shows<input name="word" required maxLength={6} autocomplete="one-time-code" /></label>
                  <button>Confirm</button>
                </form>}
          {(factors.totp || factors.recovery_codes > 0) &&
            <form onSubmit={form((code) => post("/api/v1/factors/drop", { code }))}>
              <label>A code, to take all of them away<input name="word" required maxLength={32} autocomplete="off" /></label>
              <button>Sign in by password alone</button>
            </form>}
        </section>
      )}
      <section>
        <h3>Signed in</h3>
        <ul class="keys">
          {sessions.map((s) => (
            <li key={s.id}>{s.label || s.use} <span class="quiet">{s.use}, since {when(s.added)}, until {when(s.expires)}</span>
              {s.current ? <b> this one</b>
                : <button onClick={() => act(() => remove(`/api/v1/sessions/${s.id}`))}>End</button>}</li>
          ))}
        </ul>
      </section>
    </dialog>
  );
}
