# SPDX-License-Identifier: Apache-2.0
"""Passkeys over the API, with a device made of the openssl command: what signs in, and all that does not.
The browser's own way is in tests/browser."""
import base64
import hashlib
import json
import os
import shutil
import struct
import subprocess
import tempfile
import unittest

from node import Node, basic, run

HOST = {"Host": "localhost:8600"}
ORIGIN = "http://localhost:8600"


def b64(b):
    return base64.urlsafe_b64encode(b).rstrip(b"=").decode()


def unb64(s):
    return base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))


class Device:
    """One credential: a P-256 key in a file, and the bytes of WebAuthn section 6."""

    def __init__(self, folder, name):
        self.key, self.id, self.counter = os.path.join(folder, name), hashlib.sha256(name.encode()).digest(), 0
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key],
                       check=True, capture_output=True)
        der = subprocess.run(["openssl", "ec", "-in", self.key, "-pubout", "-outform", "DER"], check=True,
                             capture_output=True).stdout
        self.point = der[-64:]
        self.user = None

    def client(self, kind, challenge, origin=ORIGIN, **more):
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False,
                           **more}).encode()

    def create(self, options, rp=None, flags=0x45, **more):
        self.user = options["user"]
        cose = (b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + self.point[:32] + b"\x22\x58\x20" + self.point[32:])
        data = (hashlib.sha256((rp or options["rp"]).encode()).digest() + bytes([flags]) +
                struct.pack(">I", self.counter) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose)
        return {"label": "desk key", "authenticator_data": b64(data),
                "client_data": b64(self.client("webauthn.create", options["challenge"], **more))}

    def get(self, options, rp=None, flags=0x05, user=True, kind="webauthn.get", **more):
        self.counter += 1
        data = hashlib.sha256((rp or options["rp"]).encode()).digest() + bytes([flags]) + \
            struct.pack(">I", self.counter)
        client = self.client(kind, options["challenge"], **more)
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key],
                                   input=data + hashlib.sha256(client).digest(), check=True,
                                   capture_output=True).stdout
        answer = {"id": b64(self.id), "client_data": b64(client), "authenticator_data": b64(data),
                  "signature": b64(signature)}
        if user:
            answer["user"] = self.user
        return answer


class Passkeys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("openssl"):
            raise unittest.SkipTest("openssl is not here to make a device of")
        cls.d = tempfile.mkdtemp(prefix="tocsin-passkey-")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.d)

    def setUp(self):
        self.n = Node()
        self.cookie = None

    def tearDown(self):
        self.n.close()

    def call(self, method, path, body=None, **more):
        headers = {"X-Tocsin": "1", **HOST}
        if self.cookie:
            headers["Cookie"] = self.cookie
        a = self.n.call(method, "/api/v1/" + path, body, login=None, headers={**headers, **more})
        if "Set-Cookie" in a.headers:
            self.cookie = a.headers["Set-Cookie"].split(";")[0]
        return a

    def password(self, login="grid"):
        self.cookie = None
        return self.call("POST", "session", {"login": login, "password": f"{login}, quiet bells"})

    def enrol(self, name, login="grid"):
        self.assertEqual(self.password(login).status, 200)
        device = Device(self.d, name)
        a = self.call("POST", "factors/passkey", device.create(self.options()))
        self.assertEqual(a.status, 201, a)
        self.codes = a.json["recovery_codes"]
        return device

    def options(self):
        a = self.call("POST", "factors/passkey/options", {})
        self.assertEqual(a.status, 200, a)
        return a.json

    def ask(self, **more):
        self.cookie = None
        a = self.call("POST", "session/passkey/options", more)
        self.assertEqual(a.status, 200, a)
        return a.json

    def sign_in(self, answer):
        return self.call("POST", "session/passkey", answer).status

    def test_signs_in_by_itself(self):
        device = self.enrol("itself")
        self.assertEqual(len(self.codes), 10)
        listed = self.call("GET", "factors").json
        self.assertEqual([p["label"] for p in listed["passkeys"]], ["desk key"])
        asked = self.ask()
        self.assertEqual((asked["rp"], asked["verification"], asked["credentials"]), ("localhost", "required", []))
        a = self.call("POST", "session/passkey", device.get(asked))
        self.assertEqual((a.status, a.json["login"]), (200, "grid"))
        self.assertIn("HttpOnly; SameSite=Strict", a.headers["Set-Cookie"])
        self.assertEqual(self.call("GET", "me").json["login"], "grid")

    def test_in_place_of_a_code(self):
        device = self.enrol("second")
        self.assertEqual(self.n.get("/api/v1/sessions", login="grid").status, 401)  # a password alone
        ticket = self.password().json["second"]
        asked = self.ask(ticket=ticket)
        self.assertEqual(asked["credentials"], [b64(device.id)])
        touch = device.get(asked, flags=0x01, user=False)  # somebody was there, nobody knows who
        self.assertEqual(self.sign_in({**touch, "ticket": "tc2_" + "A" * 43}), 401)
        self.assertEqual(self.sign_in({**touch, "ticket": ticket}), 200)
        self.assertEqual(self.sign_in({**device.get(self.ask(ticket=ticket), user=False), "ticket": ticket}), 401)
        ticket = self.password().json["second"]
        self.assertEqual(self.call("POST", "session/second", {"ticket": ticket, "code": self.codes[0]}).status, 200)

    def test_what_does_not_count(self):
        device = self.enrol("refused")
        stranger = Device(self.d, "stranger")
        stranger.user = device.user
        for why, answer in {
                "nobody verified": device.get(self.ask(), flags=0x01),
                "nobody there": device.get(self.ask(), flags=0x04),
                "another origin": device.get(self.ask(), origin="http://localhost:1"),
                "in a frame": device.get(self.ask(), crossOrigin=True),
                "another site": device.get(self.ask(), rp="elsewhere.example"),
                "of enrolling": device.get(self.ask(), kind="webauthn.create"),
                "no person": {**device.get(self.ask()), "user": b64(bytes(16))},
                "no name": device.get(self.ask(), user=False),
                "unknown key": stranger.get(self.ask()),
                "another's key": {**stranger.get(self.ask()), "id": b64(device.id)},
                "own challenge": device.get({"rp": "localhost", "challenge": b64(bytes(57))})}.items():
            self.assertEqual(self.sign_in(answer), 401, why)
        whole = device.get(self.ask())
        for part in ("client_data", "authenticator_data", "signature"):
            b = bytearray(unb64(whole[part]))
            b[-3] ^= 1
            self.assertEqual(self.sign_in({**whole, part: b64(bytes(b))}), 401, part)
            self.assertEqual(self.sign_in({**whole, part: ""}), 422, part)
        a = self.call("POST", "session/passkey", whole, Origin="https://elsewhere.example")
        self.assertEqual(a.status, 403)
        self.assertEqual(self.sign_in(whole), 200)

    def test_one_address_guesses(self):
        """Wrong passkeys and codes from one place come to an end, as wrong passwords do; right ones are not counted."""
        device = self.enrol("guessed")
        for _ in range(3):
            self.assertEqual(self.sign_in(device.get(self.ask())), 200)
        wrong = device.get(self.ask())
        wrong["signature"] = b64(b"\0" * 70)
        statuses = [self.sign_in(wrong) if k % 2 else
                    self.call("POST", "session/second", {"ticket": "tc2_" + "A" * 43, "code": "000000"}).status
                    for k in range(110)]
        self.assertEqual(set(statuses[:100]), {401})
        self.assertEqual(statuses[-1], 503)
        self.assertEqual(self.sign_in(device.get(self.ask())), 503)
        self.assertEqual(self.password().status, 503)

    def test_once_and_forward(self):
        device = self.enrol("once")
        asked = self.ask()
        self.assertEqual(self.sign_in(device.get(asked)), 200)
        self.assertEqual(self.sign_in(device.get(asked)), 401)  # the challenge was answered
        device.counter = 0
        self.assertEqual(self.sign_in(device.get(self.ask())), 401)  # a copy of the device, behind it
        self.assertEqual(self.sign_in(device.get(self.ask())), 200)

    def test_enrolling(self):
        self.assertEqual(self.password().status, 200)
        device = Device(self.d, "enrol")
        for why, answer in {
                "another site": device.create(self.options(), rp="elsewhere.example"),
                "another origin": device.create(self.options(), origin="http://localhost:1"),
                "nobody there": device.create(self.options(), flags=0x44),
                "no key": {**device.create(self.options()), "authenticator_data": b64(bytes(37))}}.items():
            self.assertEqual(self.call("POST", "factors/passkey", answer).status, 422, why)
        mine = self.cookie
        grids = self.options()
        self.assertEqual(self.password("hospital").status, 200)
        self.assertEqual(self.call("POST", "factors/passkey", device.create(grids)).status, 422)  # not asked of them
        self.cookie = mine
        self.assertEqual(self.call("POST", "factors/passkey", device.create(grids)).status, 201)
        self.assertEqual(self.call("POST", "factors/passkey", device.create(self.options())).status, 409)
        self.assertEqual(self.call("POST", "factors/passkey/options", {}, Host="127.0.0.1:8600").status, 422)
        self.cookie = None
        a = self.n.post("/api/v1/factors/passkey/options", {}, login="hospital")
        self.assertEqual(a.status, 403)  # not in a session of the page

    def test_taken_away(self):
        first, second = self.enrol("first"), Device(self.d, "other")
        self.assertEqual(self.call("POST", "factors/passkey", second.create(self.options())).json["recovery_codes"], [])
        keys = self.call("GET", "factors").json["passkeys"]
        mine = self.cookie
        self.assertEqual(self.password("hospital").status, 200)
        self.assertEqual(self.call("DELETE", f"factors/passkeys/{keys[0]['id']}").status, 404)  # another's
        self.cookie = mine
        self.assertEqual(self.call("DELETE", f"factors/passkeys/{keys[0]['id']}").status, 204)
        self.assertEqual(self.sign_in(first.get(self.ask())), 401)
        self.assertEqual(self.sign_in(second.get(self.ask())), 200)
        self.assertEqual(self.call("DELETE", f"factors/passkeys/{keys[1]['id']}").status, 204)
        left = self.call("GET", "factors").json
        self.assertEqual((left["passkeys"], left["recovery_codes"]), ([], 0))
        self.assertTrue(self.password().json["signed_in"])

    def test_kept_when_the_node_starts_again(self):
        device = self.enrol("kept")
        folder = self.n.dir
        self.n.close(keep=True)
        self.n = Node(keep=folder)
        self.assertEqual(self.sign_in(device.get(self.ask())), 200)


if __name__ == "__main__":
    run()
