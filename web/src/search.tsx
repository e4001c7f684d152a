// SPDX-License-Identifier: Apache-2.0
// Looking back: what the node holds about words, a value or an id, as the node's index knows it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { get, type StixObject } from "./api";

interface Found { objects: StixObject[]; next?: string; up_to_date: boolean }

/** An id asks who refers to it; what looks like an address or a hash is a value; the rest is words. */
function kind(text: string): string {
  if (/^[a-z0-9-]+--[0-9a-f-]{36}$/.test(text)) return "ref";
  return /^\S*[.:@/\\]\S*$/.test(text) || /^[0-9a-fA-F]{32,128}$/.test(text) ? "value" : "q";
}

export function Search({ children, rows }: { children: ComponentChildren; rows: (objects: StixObject[]) => ComponentChildren }) {
  const [found, setFound] = useState<Found>();
  const [problem, setProblem] = useState("");
  const ask = (e: Event) => {
    e.preventDefault();
    const text = String(new FormData(e.target as HTMLFormElement).get("text") ?? "").trim();
    setProblem("");
    if (!text) return setFound(undefined);
    get<Found>(`/api/v1/search?${kind(text)}=${encodeURIComponent(text)}`).then(setFound, (x: Error) => setProblem(x.message));
  };
  return (
    <>
      <form role="search" onSubmit={ask}>
        <input type="search" name="text" aria-label="Search" placeholder="Search: words, an address, a hash, an id" />
      </form>
      {problem && <p class="error" role="alert">{problem}</p>}
      {found && <p class="quiet">
        {found.objects.length || "nothing"} found{found.next && ", and more"}{!found.up_to_date && "; the index is catching up, some may be missing"}
      </p>}
      {found ? rows(found.objects) : children}
    </>
  );
}
