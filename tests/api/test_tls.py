# SPDX-License-Identifier: Apache-2.0
"""TLS as others find it: what testssl.sh would ask, asked by messages of our own (hello.py), so that
an answer does not depend on what a library of today is willing to offer; and the openssl command."""
import http.client
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import unittest

import hello
from authority import Authority
from hello import Answered
from node import Node, run

AEAD = {0xc02b: "ECDHE-ECDSA-AES128-GCM", 0xc02c: "ECDHE-ECDSA-AES256-GCM", 0xc02f: "ECDHE-RSA-AES128-GCM",
        0xc030: "ECDHE-RSA-AES256-GCM", 0xcca8: "ECDHE-RSA-CHACHA20", 0xcca9: "ECDHE-ECDSA-CHACHA20"}
CURVES = {"x25519", "x448", "secp256r1", "secp384r1", "secp521r1"}
HYBRID = {"x25519mlkem768", "secp256r1mlkem768", "secp384r1mlkem1024"}


class Tls(unittest.TestCase):
    """A node with an ECDSA certificate below an intermediate authority, another with an RSA one."""

    @classmethod
    def setUpClass(cls):
        cls.d = tempfile.mkdtemp(prefix="tocsin-tls-")
        try:
            cls.ca = Authority(cls.d)
            cls.ca.make("between", kind="authority")
            cls.ca.make("leaf", kind="loopback", by="between")
            cls.ca.make("rsa", kind="loopback", key="rsa:2048")
        except (FileNotFoundError, subprocess.CalledProcessError):
            shutil.rmtree(cls.d)
            raise unittest.SkipTest("openssl is not here to make certificates")
        cls.chain = os.path.join(cls.d, "chain.pem")
        with open(cls.chain, "w") as f:
            for name in ("leaf", "between"):
                with open(cls.ca.path(name)) as one:
                    f.write(one.read())
        cls.n = Node("cert=" + cls.chain, "key=" + cls.ca.path("leaf", "key"))
        cls.rsa = Node("cert=" + cls.ca.path("rsa"), "key=" + cls.ca.path("rsa", "key"))

    @classmethod
    def tearDownClass(cls):
        cls.n.close()
        cls.rsa.close()
        shutil.rmtree(cls.d)

    def say(self, node=None, **more):
        return Answered((node or self.n).connect(), hello.hello(**more))

    def accepted(self, node, suites, **more):
        """All of them, one after the other: each time what was chosen is no longer offered."""
        got, left = [], list(suites)
        while left:
            a = self.say(node, suites=left, **more)
            if a.suite is None:
                return got
            self.assertIn(a.suite, left)
            got.append(a.suite)
            left.remove(a.suite)
        return got

    def s_client(self, *words, stdin=""):
        r = subprocess.run(["openssl", "s_client", "-connect", "%s:%d" % self.n.address, *words], input=stdin,
                           capture_output=True, text=True, timeout=30)
        return r.stdout + r.stderr

    # ---- what it is for ----

    def test_signs_in_with_a_verified_chain(self):
        self.assertTrue(self.n.url.startswith("https://"))
        context = ssl.create_default_context(cafile=self.ca.path("ca"))  # the root alone
        c = http.client.HTTPSConnection(*self.n.address, context=context, timeout=30)
        c.request("POST", "/api/v1/session", json.dumps(
            {"login": "grid", "password": "grid, quiet bells"}),
            {"Content-Type": "application/json"})
        r = c.getresponse()
        self.assertEqual(r.status, 200)
        cookie = r.headers["Set-Cookie"]
        self.assertTrue(cookie.startswith("__Host-tocsin="), cookie)
        for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie.split("; "))
        self.assertNotIn("Domain", cookie)
        self.assertIn("max-age", r.headers["Strict-Transport-Security"])
        self.assertEqual(c.sock.version(), "TLSv1.3")
        c.close()

    def test_refuses_to_be_reached_without(self):
        with self.assertRaises(RuntimeError) as e:
            Node("listen=0.0.0.0:0")
        self.assertIn("TLS is needed", str(e.exception))

    def test_speaks_nothing_else_there(self):
        self.assertNotIn(b"200", self.n.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 3))

    # ---- versions ----

    def test_old_protocols(self):
        self.assertEqual(self.say(suites=[0xc02b]).suite, 0xc02b, "this hello is not understood at all")
        for version in (hello.SSL3, hello.TLS10, hello.TLS11):
            a = self.say(version=version)
            self.assertIsNone(a.suite, hex(version))
            a = self.say(versions=[version], suites=hello.OLD_SUITES + hello.NEW_SUITES)
            self.assertIsNone(a.suite, hex(version))
        a = Answered(self.n.connect(), hello.SSL2)
        self.assertEqual((a.suite, a.kinds), (None, []))

    def test_no_way_down(self):
        """Who says that it only falls back is refused; what was spoken less is told in the random
        (RFC 7507, RFC 8446 4.1.3)."""
        self.assertIsNone(self.say(suites=[0xc02b, hello.FALLBACK]).suite)
        self.assertEqual(self.say(suites=[0xc02b]).random[-8:], b"DOWNGRD\x01")

    # ---- ciphers, curves, signatures ----

    def test_ciphers(self):
        for node, kind in ((self.n, "ECDSA"), (self.rsa, "-RSA")):
            want = {n for n, name in AEAD.items() if kind in name}
            self.assertEqual(set(self.accepted(node, hello.OLD_SUITES)), want)
            new = self.accepted(node, hello.NEW_SUITES, versions=[hello.TLS13])
            self.assertEqual(set(new), {0x1301, 0x1302, 0x1303})

    def test_its_own_order(self):
        for order in ([0xc02b, 0xc02c], [0xc02c, 0xc02b]):
            self.assertEqual(self.say(suites=order).suite, 0xc02c)

    def groups(self, **more):
        got, left = [], list(hello.GROUPS)
        while left and (a := self.say(groups=left, **more)).group:
            got.append(a.group)
            left = [n for n in left if hello.GROUPS[n] != a.group]
        return set(got)

    def test_groups(self):
        """Elliptic curves of 128 bits and more; no group of integers, whose arithmetic a stranger
        could have the node do for nothing."""
        old, new = self.groups(), self.groups(versions=[hello.TLS13], suites=hello.NEW_SUITES)
        self.assertEqual(old - CURVES, set())
        self.assertEqual(new - CURVES - HYBRID, set())
        self.assertTrue({"x25519", "secp256r1", "secp384r1"} <= old & new)

    def test_no_sha1(self):
        for node in (self.n, self.rsa):
            self.assertIsNone(self.say(node, signatures=hello.SHA1).suite)
            self.assertIsNotNone(self.say(node, signatures=hello.SHA1 + hello.ECDSA_RSA).suite)

    # ---- what was broken once ----

    def test_extensions(self):
        """No compression (CRIME), no heartbeat, no ticket whose one key would open all sessions;
        the master secret is bound to the handshake, renegotiation to what was before."""
        a = self.say(suites=[0xc02b], compression=b"\1\0", heartbeat=True)
        self.assertEqual(a.compression, 0)
        self.assertNotIn(15, a.extensions)
        self.assertNotIn(35, a.extensions)
        self.assertIn(23, a.extensions)
        self.assertEqual(a.extensions[0xff01], b"\0")

    def test_renegotiation(self):
        """A client that begins anew (TLS 1.2) is not followed."""
        out = self.s_client("-tls1_2", stdin="R\n")
        self.assertIn("RENEGOTIATING", out)
        self.assertEqual(out.split("RENEGOTIATING")[1].count("verify return"), 0, out)

    def test_no_resumption(self):
        for version in ("-tls1_2", "-tls1_3"):
            out = self.s_client(version, "-reconnect" if version == "-tls1_2" else "-ign_eof",
                                stdin="GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertNotIn("Reused", out)
            self.assertNotIn("New Session Ticket arrived", out)
            self.assertIn("New, TLSv1", out)

    def test_nonsense(self):
        """Broken messages end the connection; the node goes on."""
        good = hello.hello(suites=[0xc02b])
        for bad in (good[:20], good[:-1] + b"\0\0", b"\x16\x03\x03\xff\xff" + b"\0" * 100, b"\x15\x03\x03\0\2\2\0",
                    good[:43] + b"\xff" * 60, b"\x18\x03\x03\0\3\1\x40\0", b"\x16\x03\x01\0\0" * 50):
            s = self.n.connect()
            s.sendall(bad)
            s.close()
        self.assertEqual(self.say(suites=[0xc02b]).suite, 0xc02b)


if __name__ == "__main__":
    run()
