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

// ---- reasons: a community may ask why one reads what is in it. They are given once for each in
// this tab's session, go with every request, and into the node's audit log. ----

const KEPT = "tocsin-reasons", MOST = 500; // bytes of a reason that the node takes
let reasons: Record<string, string> = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
let heard: (communities: string[]) => void = () => undefined;

/** Is told which communities asked for a reason that was not given. */
export const onReasonAsked = (f: typeof heard) => { heard = f; };

export function giveReason(community: string, why: string) {
  reasons = { ...reasons, [community]: why };
  sessionStorage.setItem(KEPT, JSON.stringify(reasons));
}

export function forgetReasons() {
  reasons = {};
  sessionStorage.removeItem(KEPT);
}

/** All that were given, as far as they fit into one line, and whom they are for. */
function given(): { why: string; of: string } | undefined {
  const said = new Set<string>(), of: string[] = [];
  for (const [community, why] of Object.entries(reasons)) {
    if (new TextEncoder().encode([...said, why].join("; ")).length > MOST) continue;
    said.add(why);
    of.push(community);
  }
  return of.length ? { why: [...said].join("; "), of: of.join(",") } : undefined;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const reason = given();
  const answer = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      ...(method === "GET" ? {} : { "X-Tocsin": "1" }),
      ...(reason ? { "X-Tocsin-Reason": `UTF-8''${encodeURIComponent(reason.why)}`, "X-Tocsin-Reason-For": reason.of } : {}),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const asked = answer.headers.get("X-Tocsin-Reason-Asked");
  if (asked) heard(asked.split(","));
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
  const reason = given(); // an EventSource sends no headers of ours
  const source = new EventSource("/api/v1/stream" + (reason ? `?${new URLSearchParams({ reason: reason.why, reason_for: reason.of })}` : ""));
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
