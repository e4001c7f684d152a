# SPDX-License-Identifier: Apache-2.0
"""What a hostile client gets: one clear answer or a closed door, and the node goes on."""
import os
import resource
import select
import socket
import time
import unittest

from node import ADDING, ROOT, TAXII, Node, basic, indicator, run

PATH = ROOT + f"collections/{ADDING}/objects/"


def head(*lines, path="/healthz", method="GET"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: node", *lines, "", ""]).encode()


def post(*lines):
    return head(f"Authorization: {basic('officer')}", f"Content-Type: {TAXII}", *lines, path=PATH,
                method="POST")


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node("request=2", "idle=3", "max-body=100000", "max-connections=12000")
        cls.n.get("/api/v1/me")

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def alive(self):
        self.assertEqual(self.n.get("/healthz").status, 200)

    def status(self, data, timeout=10):
        got = self.n.raw(data, timeout)
        self.alive()
        return int(got.split(b" ")[1]) if got.startswith(b"HTTP/1.1 ") else None

    def test_body_over_the_limit(self):
        a = self.n.add([indicator(name="x" * 200000)], ADDING)
        self.assertEqual((a.status, a.json["http_status"]), (413, "413"))
        # said in the header only: answered before a byte of the body
        self.assertEqual(self.status(post("Content-Length: 99999999999")), 413)
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        self.assertEqual(self.status(post("Transfer-Encoding: chunked", "Connection: close")
                                     + chunk * 8 + b"0\r\n\r\n"), 413)

    def test_endless_chunks_are_cut(self):
        s = self.n.connect()
        s.sendall(post("Transfer-Encoding: chunked"))
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        with self.assertRaises(OSError):
            for _ in range(10000):
                s.sendall(chunk)
        s.close()
        self.alive()

    def test_bad_framing(self):
        body = b"5\r\nhello\r\n0\r\n\r\n"
        for lines in (("Content-Length: 5", "Transfer-Encoding: chunked"),
                      ("Content-Length: 5", "Content-Length: 5"),
                      ("Content-Length: 5", "Content-Length: 6"),
                      ("Content-Length: -5",), ("Content-Length: 5x",), ("Content-Length: +5",),
                      ("Transfer-Encoding: gzip, chunked",), ("Transfer-Encoding: identity",),
                      ("Content-Length: 99999999999999999999999",)):
            self.assertIn(self.status(post("Connection: close", *lines) + body), (400, 413, None),
                          lines)
        for bad in (b"zz\r\nhello\r\n0\r\n\r\n", b"-1\r\n", b"5\r\nhello!!\r\n", b"\r\n\r\n",
                    b"ffffffffffffffffff\r\n"):
            self.assertIn(self.status(post("Transfer-Encoding: chunked") + bad), (400, 413, None))

    def test_headers(self):
        self.assertEqual(self.status(head("X: " + "a" * 100000)), 431)
        self.assertIn(self.status(head(*[f"X{i}: y" for i in range(5000)])), (431, 413, None))
        self.assertEqual(self.status(head("Host: other", "Connection: close")), 400)
        self.assertEqual(self.status(head(f"Authorization: {basic('grid')}", "Connection: close",
                                          f"Authorization: {basic('officer')}")), 400)
        self.assertEqual(self.status(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"), 400)
        for bad in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"\r\n" * 1000, b"GET\r\n\r\n",
                    b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
                    b"\xff" * 5000):
            self.n.raw(bad, 4)
            self.alive()

    def test_query(self):
        ok = f"Authorization: {basic('officer')}", "Connection: close"
        self.assertEqual(self.status(head(*ok, path="/healthz?" + "a" * 9000)), 414)
        self.assertEqual(self.status(head(*ok, path="/" + "a/" * 13)), 414)
        many = "&".join(f"k{i}=v" for i in range(100))
        self.assertEqual(self.status(head(*ok, path=PATH + "?" + many)), 414)
        ids = ",".join(["a"] * 300)
        self.assertEqual(self.status(head(*ok, path=PATH + "?match[type]=" + ids)), 400)
        for bad in ("/%00", "/a/../b", "/%2e%2e/etc/passwd", "//a", "/a%2fb", "/%ff", "/?a=%zz"):
            self.assertEqual(self.status(head(*ok, path=bad)), 400, bad)
        self.assertEqual(self.n.get("/../../etc/passwd").status, 400)

    def test_drip(self):
        """A byte a tenth of a second is never idle, and is sent away all the same."""
        for start in (b"", head()[:-2], post("Content-Length: 1000")):
            s = self.n.connect()
            s.sendall(start)
            began = time.monotonic()
            try:
                while time.monotonic() - began < 15:
                    s.sendall(b"a")
                    if select.select([s], [], [], 0.1)[0] and not s.recv(4096):
                        break
            except OSError:
                pass
            self.assertLess(time.monotonic() - began, 8, start)
            s.close()
        self.alive()

    def test_idle_connection_is_closed(self):
        s = self.n.connect()
        s.settimeout(12)
        s.sendall(head())
        self.assertIn(b"200", s.recv(4096))
        self.assertEqual(s.recv(4096), b"")
        s.close()


class TenThousand(unittest.TestCase):
    def test_idle_connections(self):
        want = 10000
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (want + 500, max(hard, want + 500)))
        except (ValueError, OSError):
            self.skipTest("this process may not have so many descriptors")
        n = Node("request=120", "idle=120")
        held = []
        try:
            n.get("/api/v1/me")
            before = memory(n)
            for i in range(want):
                held.append(socket.create_connection(n.address, timeout=30))
                if i % 2:
                    held[-1].sendall(b"GET /heal")  # half of them have begun to ask
            began = time.monotonic()
            self.assertEqual(n.get("/api/v1/me").json["signed_in"], True)
            self.assertLess(time.monotonic() - began, 5)
            self.assertEqual(n.add([indicator()], ADDING).status, 202)
            print(f"# {want} idle connections: {memory(n) - before} KiB more, "
                  f"{(memory(n) - before) / want:.1f} KiB each")
        finally:
            for s in held:
                s.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.assertEqual(n.get("/healthz").status, 200)
        n.close()


def memory(n):
    with open(f"/proc/{n.process.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    run()
