# SPDX-License-Identifier: Apache-2.0
"""The process that signs: no key is in the memory of the one that serves, every kind of TLS key works
from over there, and without it nothing is signed."""
import hashlib
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from node import run

TOCSIN = os.environ["TOCSIN"]
KINDS = {"rsa": ["rsa:2048"], "p256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
         "p384": ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], "ed25519": ["ed25519"]}


def derived(key, purpose):
    """libsodium's crypto_kdf_derive_from_key, subkey 1."""
    return hashlib.blake2b(b"", digest_size=32, key=key, salt=(1).to_bytes(8, "little") + bytes(8),
                           person=purpose.ljust(16, b"\0")).digest()


def secrets_of(pem):
    """The private numbers of a key, as a file and as a program hold them."""
    text = subprocess.run(["openssl", "pkey", "-in", pem, "-noout", "-text"], capture_output=True,
                          text=True, check=True).stdout
    out, name = {}, None
    for line in text.splitlines():
        if line[:1] not in (" ", ""):
            name = line.split(":")[0]
        elif name in ("privateExponent", "prime1", "prime2", "priv"):
            out[name] = out.get(name, "") + line.strip().replace(":", "")
    found = {}
    for name, digits in out.items():
        value = bytes.fromhex(digits).lstrip(b"\0")
        found[name + " as in a file"] = value
        found[name + " as numbers are held"] = value[::-1]
    lines = Path(pem).read_text().splitlines()
    found["the file's text"] = lines[1].encode()
    return found


class Served:
    def __init__(self, folder, *options):
        port = free_port()
        self.address = ("127.0.0.1", port)
        self.process = subprocess.Popen([TOCSIN, "serve", folder, "--listen", f"127.0.0.1:{port}",
                                         *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        if not self.process.stdout.readline():
            raise RuntimeError(self.process.stderr.read())

    def signer(self):
        for p in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for child in p.read_text().split():
                if Path(f"/proc/{child}/comm").read_text() == "tocsin-sign\n":
                    return int(child)
        return None

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.said = self.process.communicate(timeout=60)[1]
        return self.process.returncode


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def memory(pid):
    """All that it can write to; what it only maps from files is no secret of its own."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with open(f"/proc/{pid}/mem", "rb", 0) as f:
        for line in maps:
            span, rights = line.split()[:2]
            if "r" not in rights or "[v" in line:
                continue
            begin, end = (int(x, 16) for x in span.split("-"))
            if end - begin > 1 << 30:  # a sanitizer's shadow
                continue
            try:
                f.seek(begin)
                yield f.read(end - begin)
            except (OSError, OverflowError, ValueError):
                continue


def found_in(pid, wanted):
    seen = set()
    for block in memory(pid):
        seen |= {name for name, value in wanted.items() if value in block}
    return seen


class Signer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = tempfile.mkdtemp(prefix="tocsin-signer-")
        cls.node = os.path.join(cls.d, "node")
        subprocess.run([TOCSIN, "init", cls.node, "--title", "Signed", "--org", "Contact point",
                        "--country", "NL"], check=True, capture_output=True)
        try:
            for kind, how in KINDS.items():
                subprocess.run(["openssl", "req", "-x509", "-newkey", *how, "-nodes", "-keyout",
                                f"{cls.d}/{kind}.key", "-out", f"{cls.d}/{kind}.pem", "-subj",
                                "/CN=localhost", "-days", "9"], check=True, capture_output=True)
        except FileNotFoundError:
            shutil.rmtree(cls.d)
            raise unittest.SkipTest("openssl is not here to make certificates")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.d)

    def serve(self, kind):
        return Served(self.node, "--tls-cert", f"{self.d}/{kind}.pem", "--tls-key",
                      f"{self.d}/{kind}.key")

    def get(self, n, version, kind="rsa", path="/api/v1/me"):
        context = ssl.create_default_context(cafile=f"{self.d}/{kind}.pem")
        context.check_hostname = False
        context.minimum_version = context.maximum_version = version
        c = http.client.HTTPSConnection(*n.address, context=context, timeout=20)
        c.request("GET", path)
        status = c.getresponse().status
        c.close()
        return status

    def test_every_kind_of_key(self):
        for kind in KINDS:
            n = self.serve(kind)
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                with self.subTest(kind=kind, version=version.name):
                    self.assertEqual(self.get(n, version, kind), 200)
            self.assertEqual(n.close(), 0, n)

    def test_a_key_of_another_certificate(self):
        r = subprocess.run([TOCSIN, "serve", self.node, "--listen", "127.0.0.1:0", "--tls-cert",
                            f"{self.d}/rsa.pem", "--tls-key", f"{self.d}/p256.key"],
                           capture_output=True, text=True, timeout=60)
        self.assertEqual(r.returncode, 2, r.stderr)
        self.assertIn("certificate and key do not fit", r.stderr)

    def test_no_key_in_the_process_that_serves(self):
        master = Path(self.node, "key").read_bytes()
        for kind in ("rsa", "p256"):
            wanted = secrets_of(f"{self.d}/{kind}.key")
            wanted["what all keys come from"] = master
            wanted["the audit log's seed"] = derived(master, b"audit")
            wanted["the witness's seed"] = derived(master, b"witness")
            n = self.serve(kind)
            self.assertEqual(self.get(n, ssl.TLSVersion.TLSv1_3, kind), 200)
            self.assertEqual(self.get(n, ssl.TLSVersion.TLSv1_2, kind), 200)
            # the search itself finds what is there: a key that the serving process does have
            control = {"http": derived(master, b"http")}
            try:
                self.assertEqual(found_in(n.process.pid, control), {"http"})
                self.assertEqual(found_in(n.process.pid, wanted), set(), kind)
                there = found_in(n.signer(), wanted)
                self.assertIn("what all keys come from", there)
                self.assertTrue(there & {"prime1 as numbers are held", "priv as numbers are held"},
                                there)
            except PermissionError:
                self.skipTest("this user may not look into its processes")
            finally:
                n.close()

    def test_a_key_that_lies_elsewhere(self):
        """DIR/key as a link: what it leads to is outside what the serving process may read."""
        key, away = Path(self.node, "key"), Path(self.d, "elsewhere")
        key.rename(away)
        key.symlink_to(away)
        try:
            n = self.serve("p256")
            self.assertEqual(self.get(n, ssl.TLSVersion.TLSv1_3, "p256"), 200)
            self.assertEqual(n.close(), 0)
            for words in (["audit", "checkpoint"], ["audit", "verify"]):
                r = subprocess.run([TOCSIN, *words, self.node], capture_output=True, text=True)
                self.assertEqual(r.returncode, 0, r.stderr)
            away.chmod(0o640)
            r = subprocess.run([TOCSIN, "serve", self.node, "--listen", "127.0.0.1:0"],
                               capture_output=True, text=True, timeout=60)
            self.assertNotEqual(r.returncode, 0)
            self.assertIn("chmod 600", r.stderr)
        finally:
            key.unlink()
            away.chmod(0o600)
            away.rename(key)

    def test_what_it_may_do(self):
        n = self.serve("rsa")
        try:
            status = dict(x.split(":\t", 1) for x in Path(f"/proc/{n.signer()}/status").read_text()
                          .splitlines() if ":\t" in x)
            self.assertEqual(status["NoNewPrivs"], "1")
            self.assertEqual(status["Threads"], "1")
            limits = Path(f"/proc/{n.signer()}/limits").read_text()
            self.assertRegex(limits, r"Max core file size +0 +0")
            self.assertRegex(limits, r"Max open files +0 +0")
        finally:
            n.close()

    def test_without_it_nothing_is_signed(self):
        n = self.serve("rsa")
        try:
            self.assertEqual(self.get(n, ssl.TLSVersion.TLSv1_3), 200)
            before = Path(self.node, "audit", "checkpoint").read_bytes()
            os.kill(n.signer(), signal.SIGKILL)
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.get(n, ssl.TLSVersion.TLSv1_3)
            subprocess.run([TOCSIN, "org", "add", self.node, "Elsewhere", "--country",
                            "BE", "--role", "operator"], capture_output=True, timeout=60)
            r = subprocess.run([TOCSIN, "audit", "checkpoint", self.node], capture_output=True,
                               text=True, timeout=60)
            self.assertNotEqual(r.returncode, 0, r.stdout)
            self.assertEqual(Path(self.node, "audit", "checkpoint").read_bytes(), before)
        finally:
            n.close()
        self.assertIn("the signing process has ended", n.said)
        n = self.serve("rsa")  # started anew, it goes on
        self.assertEqual(self.get(n, ssl.TLSVersion.TLSv1_3), 200)
        self.assertEqual(n.close(), 0)
        r = subprocess.run([TOCSIN, "audit", "verify", self.node], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stdout)

    def test_it_ends_with_the_process_that_serves(self):
        n = self.serve("ed25519")
        signer = n.signer()
        n.process.kill()
        n.process.communicate(timeout=20)
        until = time.monotonic() + 10
        while Path(f"/proc/{signer}").exists() and time.monotonic() < until:
            time.sleep(0.01)
        self.assertFalse(Path(f"/proc/{signer}").exists())


run()
