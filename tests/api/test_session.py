# SPDX-License-Identifier: Apache-2.0
"""Signing in by the page: second factor, recovery codes, sessions that are seen and ended from elsewhere."""
import base64
import contextlib
import hmac
import os
import sqlite3
import struct
import time
import unittest

from node import Node, run

GOOD = {"login": "grid", "password": "grid, quiet bells"}


def code(secret, step):
    """RFC 6238 by the standard library: SHA-1, six digits."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    at = mac[19] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


def now_step():
    return int(time.time()) // 30


class Browser:
    """One browser: keeps its cookie, sends what the page sends."""

    def __init__(self, node, name):
        self.node, self.cookie, self.name = node, None, name

    def call(self, method, path, body=None):
        headers = {"X-Tocsin": "1", "User-Agent": self.name}
        if self.cookie:
            headers["Cookie"] = self.cookie
        a = self.node.call(method, path, body, login=None, headers=headers)
        if "Set-Cookie" in a.headers:
            self.cookie = a.headers["Set-Cookie"].split(";")[0]
        return a

    def sign_in(self):
        a = self.call("POST", "/api/v1/session", GOOD)
        assert a.status == 200, a
        return a.json


class Session(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def test_second_factor(self):
        desk = Browser(self.n, "Desk")
        self.assertTrue(desk.sign_in()["signed_in"])
        enrolled = desk.call("POST", "/api/v1/factors/totp", {}).json
        secret, step = enrolled["secret"], now_step()
        self.assertIn(f"otpauth://totp/Tocsin:grid?secret={secret}", enrolled["uri"])
        self.assertEqual(desk.call("POST", "/api/v1/factors/totp/confirm", {"code": "000000"}).status, 422)
        a = desk.call("POST", "/api/v1/factors/totp/confirm", {"code": code(secret, step)})
        self.assertEqual(a.status, 200, a)
        recovery = a.json["recovery_codes"]
        self.assertEqual((len(recovery), len(set(recovery))), (10, 10))
        self.assertEqual(desk.call("POST", "/api/v1/factors/totp", {}).status, 409)

        # a password alone opens nothing any more, neither here nor for a program
        self.assertEqual(self.n.get("/api/v1/objects", login="grid").status, 401)
        phone = Browser(self.n, "Phone")
        half = phone.sign_in()
        self.assertFalse(half["signed_in"])
        self.assertIsNone(phone.cookie)
        ticket = half["second"]
        self.assertEqual(self.n.call("GET", "/api/v1/objects", login=None,
                                     headers={"Authorization": "Bearer " + ticket}).status, 401)
        self.assertEqual(phone.call("POST", "/api/v1/session/second",
                                    {"ticket": ticket, "code": code(secret, step)}).status, 401)  # used
        a = phone.call("POST", "/api/v1/session/second", {"ticket": ticket, "code": code(secret, step + 1)})
        self.assertEqual((a.status, a.json.get("login")), (200, "grid"))
        self.assertEqual(phone.call("GET", "/api/v1/objects").status, 200)

        # the device is lost: a recovery code signs in once, another takes the factor away
        lost = Browser(self.n, "Lost")
        a = lost.call("POST", "/api/v1/session/second", {"ticket": lost.sign_in()["second"], "code": recovery[0]})
        self.assertEqual(a.status, 200, a)
        self.assertEqual(lost.call("GET", "/api/v1/factors").json, {"totp": True, "recovery_codes": 9, "passkeys": []})
        self.assertEqual(lost.call("POST", "/api/v1/factors/drop", {"code": recovery[0]}).status, 403)
        self.assertEqual(lost.call("POST", "/api/v1/factors/drop", {"code": recovery[1].upper()}).status, 204)
        self.assertEqual(self.n.get("/api/v1/objects", login="grid").status, 200)

    def test_sessions_elsewhere(self):
        here, there = Browser(self.n, "Here 1.0"), Browser(self.n, "There 2.0")
        here.sign_in()
        there.sign_in()
        seen = {s["label"]: s for s in here.call("GET", "/api/v1/sessions").json["sessions"]}
        self.assertTrue(seen["Here 1.0"]["current"])
        self.assertFalse(seen["There 2.0"]["current"])
        self.assertEqual(here.call("DELETE", f"/api/v1/sessions/{seen['There 2.0']['id']}").status, 204)
        self.assertEqual(there.call("GET", "/api/v1/objects").status, 401)
        self.assertEqual(here.call("GET", "/api/v1/objects").status, 200)
        self.assertEqual(here.call("DELETE", "/api/v1/sessions/0123456789abcdef").status, 404)

    def test_a_planted_session_is_not_kept(self):
        """Signing in ends the session that the browser showed."""
        planted = Browser(self.n, "Planter")
        planted.sign_in()
        victim = Browser(self.n, "Victim")
        victim.cookie = planted.cookie
        victim.sign_in()
        self.assertNotEqual(victim.cookie, planted.cookie)
        self.assertEqual(planted.call("GET", "/api/v1/objects").status, 401)

    def test_a_new_secret_after_an_hour(self):
        """The clock of the test is access.db: the session began longer ago."""
        n = Node()
        desk = Browser(n, "Desk")
        desk.sign_in()
        first, folder = desk.cookie, n.dir
        self.assertEqual(desk.call("GET", "/api/v1/objects").status, 200)
        self.assertEqual(desk.cookie, first)
        n.close(keep=True)
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "access.db"))) as db, db:
            db.execute("UPDATE token SET added = added - 3700000000, since = since - 3700000000")
        n = Node(keep=folder)
        try:
            desk.node = n
            self.assertEqual(desk.call("GET", "/api/v1/me").status, 200)
            self.assertEqual(desk.cookie, first)  # only where an answer is for who is signed in
            self.assertEqual(desk.call("GET", "/api/v1/taxes").status, 404)
            self.assertEqual(desk.cookie, first)
            self.assertEqual(desk.call("GET", "/api/v1/objects").status, 200)
            second, desk.cookie = desk.cookie, first
            self.assertNotEqual(second, first)
            self.assertEqual(desk.call("GET", "/api/v1/objects").status, 200)  # what was under way
            self.assertEqual(desk.cookie, first)
            desk.cookie = second
            seen = desk.call("GET", "/api/v1/sessions").json["sessions"]
            self.assertEqual([(s["label"], s["current"]) for s in seen], [("Desk", True)])
            self.assertEqual(desk.call("POST", "/api/v1/factors/passkey/options", {}).status, 403)  # not a new sign-in
            self.assertEqual(desk.call("DELETE", "/api/v1/session").status, 204)
            for cookie in (first, second):
                desk.cookie = cookie
                self.assertEqual(desk.call("GET", "/api/v1/objects").status, 401)
        finally:
            n.close()

    def test_one_address_guesses(self):
        """Wrong passwords of many logins from one place come to an end; the right one still passes later."""
        n = Node()
        try:
            answers = [n.post("/api/v1/session", {"login": f"nobody{k}", "password": "guess"}, login=None)
                       for k in range(110)]
            self.assertEqual({a.status for a in answers[:90]}, {401})
            self.assertEqual(answers[-1].status, 503)
            self.assertIn("Retry-After", answers[-1].headers)
        finally:
            n.close()


if __name__ == "__main__":
    run()
