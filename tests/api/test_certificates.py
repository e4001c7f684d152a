# SPDX-License-Identifier: Apache-2.0
"""Client certificates: who is registered signs in with one, and everything else is nobody."""
import http.client
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from authority import Authority
from node import FORUM, ROOT, TAXII, Node, Answer, basic, indicator, run


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = tempfile.mkdtemp(prefix="tocsin-cert-")
        try:
            cls.ca = Authority(cls.d)
        except (FileNotFoundError, subprocess.CalledProcessError):
            shutil.rmtree(cls.d)
            raise unittest.SkipTest("openssl is not here to make certificates")
        cls.ca.own("server")
        cls.n = Node("cert=" + cls.ca.path("server"), "key=" + cls.ca.path("server", "key"),
                     "ca=" + cls.ca.path("ca"))

    @classmethod
    def tearDownClass(cls):
        cls.n.close()
        shutil.rmtree(cls.d)

    def tocsin(self, *words):
        return subprocess.run([os.environ["TOCSIN"], "user", *words], capture_output=True, text=True)

    def register(self, login, name):
        r = self.tocsin("cert", self.n.dir, login, self.ca.path(name), "--json")
        self.assertEqual(r.returncode, 0, r.stderr)
        return json.loads(r.stdout)["certificate"]["id"]

    def connect(self, name=None):
        context = ssl.create_default_context(cafile=self.ca.path("server"))
        context.check_hostname = False
        if name:
            context.load_cert_chain(self.ca.path(name), self.ca.path(name, "key"))
        return http.client.HTTPSConnection(*self.n.address, context=context, timeout=30)

    def call(self, c, method, path, body=None, **headers):
        given = {"Accept": TAXII if path.startswith("/taxii2") else "*/*"}
        if body is not None:
            given["Content-Type"] = TAXII if path.startswith("/taxii2") else "application/json"
        given.update({k.replace("_", "-"): v for k, v in headers.items()})
        c.request(method, path, json.dumps(body) if body is not None else None, given)
        r = c.getresponse()
        return Answer(r.status, r.headers, r.read())

    def who(self, c, **headers):
        """The login, or None."""
        a = self.call(c, "GET", "/api/v1/me", **headers)
        self.assertEqual(a.status, 200, a)
        return a.json["login"] if a.json["signed_in"] else None

    def failures(self):
        said = Path(self.n.dir, "audit", "said", "000000000").read_bytes().decode("latin-1")
        return said.count('"why":"failed"')

    def test_a_machine_works_with_one(self):
        self.ca.make("feed")
        self.register("grid", "feed")
        c = self.connect("feed")
        self.assertEqual(self.who(c), "grid")
        a = self.call(c, "POST", f"{ROOT}collections/{FORUM}/objects/", {"objects": [indicator()]})
        self.assertEqual(a.status, 202)
        self.assertEqual(self.call(c, "GET", f"{ROOT}collections/{FORUM}/objects/").status, 200)
        # who says a name explicitly is that one, or nobody
        self.assertEqual(self.who(c, Authorization=basic("hospital")), "hospital")
        wrong = self.call(c, "GET", "/api/v1/me", Authorization=basic("grid", "not the password"))
        self.assertEqual(wrong.status, 401)
        self.assertEqual(self.who(c), "grid")
        c.close()
        said = Path(self.n.dir, "audit", "said", "000000000").read_bytes().decode("latin-1")
        self.assertEqual(said.count('"why":"client certificate"'), 1)  # once for a connection

    def test_other_sites_cannot_use_it(self):
        self.ca.make("desk")
        self.register("grid", "desk")
        c = self.connect("desk")
        at = f"{ROOT}collections/{FORUM}/objects/"
        for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"},
                        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
            a = self.call(c, "POST", at, {"objects": [indicator()]}, **headers)
            self.assertEqual(a.status, 403, headers)
        a = self.call(c, "POST", at, {"objects": [indicator()]}, Sec_Fetch_Site="same-origin",
                      Origin=self.n.url)
        self.assertEqual(a.status, 202)
        c.close()

    def test_what_does_not_count(self):
        self.ca.make("unknown")
        self.ca.make("early", start="20980101000000Z")
        self.ca.make("late", end="20210101000000Z")
        self.ca.make("server-only", kind="server")
        self.ca.own("foreign")
        for name in ("early", "server-only", "foreign"):
            self.register("grid", name)
        before = self.failures()
        for name in (None, "unknown", "early", "late", "server-only", "foreign"):
            c = self.connect(name)
            self.assertIsNone(self.who(c), name)
            self.assertEqual(self.call(c, "GET", "/api/v1/communities").status,
                             self.call(self.connect(), "GET", "/api/v1/communities").status)
            self.assertEqual(self.call(c, "GET", "/api/v1/sessions").status, 401)
            c.close()
        self.assertEqual(self.failures() - before, 1)  # only of the authority, and unknown

    def test_taken_away_at_once(self):
        self.ca.make("lost")
        gone = self.register("grid", "lost")
        c = self.connect("lost")
        self.assertEqual(self.who(c), "grid")
        r = self.tocsin("cert-remove", self.n.dir, "hospital", gone)
        self.assertEqual(r.returncode, 1)  # it is not theirs
        self.assertEqual(self.who(c), "grid")
        r = self.tocsin("cert-remove", self.n.dir, "grid", gone)
        self.assertEqual((r.returncode, r.stdout), (0, "grid does not sign in with it any more\n"))
        self.assertIsNone(self.who(c))
        self.register("hospital", "lost")
        self.assertEqual(self.who(c), "hospital")
        self.tocsin("deactivate", self.n.dir, "hospital")
        self.assertIsNone(self.who(c))
        self.tocsin("activate", self.n.dir, "hospital")
        c.close()

    def test_registering(self):
        self.ca.make("twice")
        self.ca.make("over", end="20210101000000Z")
        self.register("grid", "twice")
        r = self.tocsin("cert", self.n.dir, "hospital", self.ca.path("twice"))
        self.assertIn("registered already", r.stderr)
        r = self.tocsin("cert", self.n.dir, "grid", self.ca.path("over"))
        self.assertIn("over already", r.stderr)
        r = self.tocsin("cert", self.n.dir, "grid", self.ca.path("twice", "key"))
        self.assertIn("no X.509 certificate", r.stderr)
        listed = self.tocsin("cert-list", self.n.dir, "grid")
        self.assertIn("CN=twice", listed.stdout)
        self.assertNotIn("BEGIN", listed.stdout)

    def test_needs_tls(self):
        with self.assertRaises(RuntimeError) as e:
            Node("ca=" + self.ca.path("ca"))
        self.assertIn("--client-ca needs", str(e.exception))


if __name__ == "__main__":
    run()
