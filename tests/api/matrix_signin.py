# SPDX-License-Identifier: Apache-2.0
"""Rows of the authorisation matrix about signing in: sessions, codes, passkeys."""
from matrix_rules import SIGNED, gate

PASSKEY = {"label": "key", "id": "AAAA", "client_data": "e30", "authenticator_data": "AAAA", "signature": "AAAA"}


class SignIn:
    def row_api_sign_in(self, who):
        self.ask(who, "POST", "/api/v1/session", 401, {"login": "grid", "password": "wrong"})

    def row_api_second(self, who):
        self.ask(who, "POST", "/api/v1/session/second", 401, {"ticket": "none", "code": "000000"})

    def row_api_sessions(self, who):
        a = self.ask(who, "GET", "/api/v1/sessions", gate(who, SIGNED) or 200)
        if a.status == 200:
            self.assertFalse([s for s in a.json["sessions"] if s["use"] == "session"])  # a password each time

    def row_api_session_end(self, who):
        """Another person's session is not there."""
        token = self.n.post("/api/v1/session", {"login": "officer", "password": "officer, quiet bells"},
                               login=None).headers["Set-Cookie"].split("=")[1].split(";")[0]
        mine = self.n.get("/api/v1/sessions", login="officer").json["sessions"]
        self.ask(who, "DELETE", f"/api/v1/sessions/{mine[-1]['id']}",
                 gate(who, SIGNED) or (204 if who == "officer" else 404))
        self.n.call("DELETE", "/api/v1/session", login=None,
                       headers={"Cookie": "tocsin=" + token, "X-Tocsin": "1"})

    def row_api_factors(self, who):
        self.ask(who, "GET", "/api/v1/factors", gate(who, SIGNED) or 200)

    def row_api_totp(self, who):
        self.ask(who, "POST", "/api/v1/factors/totp", gate(who, SIGNED) or 200, {})

    def row_api_totp_confirm(self, who):
        self.ask(who, "POST", "/api/v1/factors/totp/confirm", gate(who, SIGNED) or (404, 422), {"code": "x"})

    def row_api_passkey_ask(self, who):
        self.ask(who, "POST", "/api/v1/session/passkey/options", 200, {}, headers={"Host": "localhost"})

    def row_api_passkey_sign_in(self, who):
        self.ask(who, "POST", "/api/v1/session/passkey", 401, PASSKEY, headers={"Host": "localhost"})

    def row_api_oidc(self, who):
        self.ask(who, "POST", "/api/v1/session/oidc", 404, {})  # no provider here: test_oidc.py has one

    def row_signin_oidc(self, who):
        self.ask(who, "GET", "/signin/oidc?state=x&code=y", 404)

    def row_add_checkpoint(self, who):
        """This node is a witness of nobody: test_witness.py has some that are."""
        self.ask(who, "POST", "/api/v1/witness/add-checkpoint", 404, "old 0\n\n", headers={"Content-Type": "text/plain"})

    def row_api_passkey_options(self, who):
        """Only in a session of the page: a token or a password with each request is none."""
        self.ask(who, "POST", "/api/v1/factors/passkey/options", gate(who, SIGNED) or 403, {})

    def row_api_passkey_add(self, who):
        self.ask(who, "POST", "/api/v1/factors/passkey", gate(who, SIGNED) or 403, PASSKEY)

    def row_api_passkey_drop(self, who):
        self.ask(who, "DELETE", "/api/v1/factors/passkeys/" + "0" * 64, gate(who, SIGNED) or 403)

    def row_api_factors_drop(self, who):
        self.ask(who, "POST", "/api/v1/factors/drop", gate(who, SIGNED) or 403, {"code": "000000"})

    def row_api_sign_out(self, who):
        self.ask(who, "DELETE", "/api/v1/session", 204)
