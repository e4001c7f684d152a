// SPDX-License-Identifier: Apache-2.0
// A community asks why one reads what is in it: asked once for each, in this tab's session.
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "./api";

export interface Community { id: string; title: string; may_write?: boolean }
export const communities = () => get<{ communities: Community[] }>("/api/v1/communities").then((r) => r.communities);

export function Reason({ community, give, later }: { community: string; give: (why: string) => void; later: () => void }) {
  const box = useRef<HTMLDialogElement>(null);
  const done = useRef(false);
  const [title, setTitle] = useState("a community");
  useEffect(() => {
    box.current?.showModal();
    communities().then((list) => setTitle(list.find((c) => c.id === community)?.title ?? "a community"), () => undefined);
  }, []);
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    const why = String(new FormData(e.currentTarget as HTMLFormElement).get("why")).trim();
    if (!why) return;
    done.current = true;
    give(why);
  };
  return (
    <dialog class="reason" ref={box} aria-labelledby="reason-title" onClose={() => done.current || later()}>
      <form onSubmit={submit}>
        <h2 id="reason-title">{title} asks for a reason</h2>
        <p>What was posted there is shown when you say why you read it. The reason holds until you sign out or close
          this tab, and goes into the record of who saw what.</p>
        <label>Why do you read it?<input name="why" required maxLength={120} autocomplete="off" autofocus /></label>
        <div class="row">
          <button class="main">Give this reason</button>
          <button type="button" onClick={() => box.current?.close()}>Not now</button>
        </div>
      </form>
    </dialog>
  );
}
