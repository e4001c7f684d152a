// SPDX-License-Identifier: Apache-2.0
// Report an incident once. The node works out whom it concerns.
import { useState } from "preact/hooks";
import { post } from "./api";
import type { AssetDot } from "./map";

export function Report({ assets, done }: { assets: AssetDot[]; done: () => void }) {
  const [error, setError] = useState("");
  const [good, setGood] = useState("");
  const [busy, setBusy] = useState(false);
  const sorted = [...assets].sort((a, b) => a.name.localeCompare(b.name));

  async function submit(e: SubmitEvent) {
    e.preventDefault();
    const target = e.currentTarget as HTMLFormElement;
    const form = new FormData(target);
    const asset = sorted.find((a) => a.name === form.get("asset"));
    setError("");
    setGood("");
    if (!asset) return setError("Choose an asset from the list.");
    const started = new Date(String(form.get("started")));
    const hours = Number(form.get("hours"));
    setBusy(true);
    try {
      await post("/api/v1/incidents", {
        name: form.get("name"),
        description: form.get("description") || undefined,
        affected: [asset.id],
        started: started.toISOString(),
        expected_end: hours > 0 ? new Date(started.getTime() + hours * 3600e3).toISOString() : undefined,
        exercise: form.get("exercise") === "on",
      });
      setGood("Reported. The node is working out whom it concerns.");
      target.reset();
      done();
    } catch (x) {
      setError((x as Error).message);
    }
    setBusy(false);
  }

  const local = new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  return (
    <form onSubmit={submit}>
      <label>What happened<input name="name" required maxLength={200} placeholder="Busbar fault" /></label>
      <label>
        Which asset failed
        <input name="asset" list="assets" required autocomplete="off" />
        <datalist id="assets">{sorted.map((a) => <option key={a.id} value={a.name} />)}</datalist>
      </label>
      <label>Since<input name="started" type="datetime-local" required defaultValue={local} /></label>
      <label>Expected to last, hours (empty: not known)<input name="hours" type="number" min="0" max="8760" step="0.5" /></label>
      <label>More<textarea name="description" rows={3} maxLength={4000} /></label>
      <label class="check"><input type="checkbox" name="exercise" />This is an exercise</label>
      <button class="main" disabled={busy}>Report</button>
      {error && <p class="error" role="alert">{error}</p>}
      {good && <p class="good" role="status">{good}</p>}
    </form>
  );
}
