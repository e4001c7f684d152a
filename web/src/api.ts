// SPDX-License-Identifier: Apache-2.0
// The node's JSON interface (docs/openapi.json) as this page uses it. Every state-changing call
// carries the header that tells the node it was made by this page and not by a link elsewhere.

export interface Me {
  signed_in: boolean;
  login?: string;
  name?: string;
  org?: { name: string; country: string; identity: string };
  roles: string[];
  node: { title: string };
  provider?: string; // what the button says, for who may sign in there
}

export interface StixObject {
  type: string;
  id: string;
  name?: string;
  created?: string;
  modified?: string;
  [key: string]: unknown;
}

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      ...(method === "GET" ? {} : { "X-Tocsin": "1" }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  let data: unknown = {};
  try {
    data = text ? JSON.parse(text) : {};
  } catch {
    /* an answer that is no JSON is reported by its status below */
  }
  if (!answer.ok) {
    const said = (data as { error?: { message?: string } }).error?.message;
    throw new ApiError(answer.status, said ?? `The node answered ${answer.status}`);
  }
  return data as T;
}

export const get = <T>(path: string) => call<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}) => call<T>("POST", path, body);
export const remove = <T>(path: string) => call<T>("DELETE", path);

/** Follows the node's stream; the browser reconnects and resumes by Last-Event-ID on its own. */
export function stream(onObject: (o: StixObject) => void, onState: (live: boolean) => void) {
  const source = new EventSource("/api/v1/stream");
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.addEventListener("object", (e) => {
    try {
      onObject(JSON.parse((e as MessageEvent<string>).data) as StixObject);
    } catch {
      /* one unreadable event must not stop the stream */
    }
  });
  return () => source.close();
}
