// SPDX-License-Identifier: Apache-2.0
// Passkeys: from the node's words to the browser's (WebAuthn, Level 2) and back.
import { post } from "./api";

const toText = (b: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const toBytes = (s: string) =>
  Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const list = (ids: string[]) => ids.map((id) => ({ type: "public-key" as const, id: toBytes(id) }));

export const passkeys = () => "PublicKeyCredential" in window;

/** Signs in; with a ticket in place of a code. */
export async function signInByPasskey(ticket?: string) {
  const asked = await post<{ challenge: string; rp: string; verification: UserVerificationRequirement; credentials: string[] }>(
    "/api/v1/session/passkey/options", ticket ? { ticket } : {});
  const got = (await navigator.credentials.get({
    publicKey: {
      challenge: toBytes(asked.challenge), rpId: asked.rp, userVerification: asked.verification,
      allowCredentials: list(asked.credentials), timeout: 110000,
    },
  })) as PublicKeyCredential;
  const r = got.response as AuthenticatorAssertionResponse;
  await post("/api/v1/session/passkey", {
    ...(ticket ? { ticket } : {}),
    id: toText(got.rawId), client_data: toText(r.clientDataJSON),
    authenticator_data: toText(r.authenticatorData), signature: toText(r.signature),
    ...(r.userHandle ? { user: toText(r.userHandle) } : {}),
  });
}

/** Makes one on this device or key; gives the recovery codes that are shown once, perhaps none. */
export async function enrolPasskey(label: string) {
  const asked = await post<{ challenge: string; rp: string; user: string; login: string; name: string; exclude: string[] }>(
    "/api/v1/factors/passkey/options");
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: toBytes(asked.challenge), rp: { id: asked.rp, name: "Tocsin" },
      user: { id: toBytes(asked.user), name: asked.login, displayName: asked.name },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
      attestation: "none", excludeCredentials: list(asked.exclude), timeout: 110000,
    },
  })) as PublicKeyCredential;
  const r = made.response as AuthenticatorAttestationResponse;
  const done = await post<{ recovery_codes: string[] }>("/api/v1/factors/passkey", {
    label, client_data: toText(r.clientDataJSON), authenticator_data: toText(r.getAuthenticatorData()),
  });
  return done.recovery_codes;
}

/** What went wrong, in a sentence; the browser's own names for it are not for people. */
export function passkeyTrouble(e: Error) {
  if (e.name === "NotAllowedError") return "The device did not answer, or was told not to.";
  if (e.name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (e.name === "SecurityError") return "Passkeys need the page to be opened by its name over TLS.";
  return e.message;
}
