# SPDX-License-Identifier: Apache-2.0
"""The way out (src/node/fetch.h): configured origins only, verified, bounded, in a process that can
do nothing else and dies with its parent."""
import http.server
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from authority import Authority
from node import run


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body=b"", status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        if self.path == "/large":
            self.answer(b"x" * (1 << 20), Content_Type="text/plain")
        elif self.path == "/larger":
            self.answer(b"x" * ((1 << 20) + 1))
        elif self.path == "/away":
            self.answer(status=302, Location=self.server.away)
        elif self.path == "/slow":
            self.server.held.wait(30)
            self.answer(b"late")
        elif self.path == "/drop":
            self.close_connection = True
        else:
            self.answer(self.path.encode(), Content_Type="text/plain")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        self.answer(body[::-1], 201, Content_Type="application/json")


def server(context=None):
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    s.daemon_threads = True
    s.seen, s.away, s.held = [], "", threading.Event()
    s.handle_error = lambda *_: None  # a client that hangs up
    if context:
        s.socket = context.wrap_socket(s.socket, server_side=True)
    s.port = s.server_address[1]
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s


def tls(cert, key, low=None, high=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(cert, key)
    if high:
        c.minimum_version, c.maximum_version = low, high
        c.set_ciphers("ALL:@SECLEVEL=0")
    return c


class Way:
    """tests/api/fetch with its origins."""

    def __init__(self, *origins, ca="-"):
        self.p = subprocess.Popen([os.environ["TOCSIN_FETCH"], ca, *origins], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env={**os.environ, "http_proxy": "http://127.0.0.1:1",
                                       "https_proxy": "http://127.0.0.1:1"})
        self.first = self.p.stdout.readline().rstrip("\n").split("\t")
        self.keeper = None
        if len(self.first) == 1:
            self.keeper = int(children(self.p.pid)[0])

    def send(self, url, method="GET", kind="-", authorization="-", body="-", beside=False):
        self.p.stdin.write("\t".join([method, url, kind, authorization, body])
                           + ("\t&" if beside else "") + "\n")
        self.p.stdin.flush()

    def read(self):
        return self.p.stdout.readline().rstrip("\n").split("\t")

    def ask(self, url, **more):
        self.send(url, **more)
        return self.read()

    def close(self):
        out, err = self.p.communicate(timeout=30)
        if self.p.returncode not in (0, 1) or "Sanitizer" in err or "runtime error" in err:
            raise AssertionError(f"ended with {self.p.returncode}: {err}")
        return err


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return f.read().split()


def gone(pid):
    for _ in range(500):
        try:
            with open(f"/proc/{pid}/stat") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


class Plain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.s, cls.other = server(), server()
        cls.at = f"http://127.0.0.1:{cls.s.port}"
        cls.way = Way(cls.at)

    @classmethod
    def tearDownClass(cls):
        cls.way.close()
        cls.s.shutdown()
        cls.other.shutdown()

    def test_get(self):
        self.assertEqual(self.way.ask(self.at + "/a?b=c"), ["OK", "200", "text/plain", "6", "/a?b=c"])
        headers = self.s.seen[-1][2]
        self.assertEqual({k.lower() for k in headers}, {"host", "user-agent", "accept"})
        self.assertEqual(headers["User-Agent"], "tocsin")

    def test_post(self):
        got = self.way.ask(self.at + "/t", method="POST", kind="application/x-www-form-urlencoded",
                           authorization="Basic abc", body="code=1")
        self.assertEqual(got, ["OK", "201", "application/json", "6", "1=edoc"])
        headers = self.s.seen[-1][2]
        self.assertEqual(headers["Authorization"], "Basic abc")
        self.assertEqual(headers["Content-Type"], "application/x-www-form-urlencoded")
        self.assertEqual(self.way.ask(self.at + "/t", method="POST")[:4],
                         ["OK", "201", "application/json", "0"])
        self.assertNotIn("Content-Type", self.s.seen[-1][2])

    def test_any_status_is_a_reply_and_no_redirect_is_followed(self):
        self.s.away = f"http://127.0.0.1:{self.other.port}/caught"
        self.assertEqual(self.way.ask(self.at + "/away")[:2], ["OK", "302"])
        self.s.away = self.at + "/same"
        self.assertEqual(self.way.ask(self.at + "/away")[:2], ["OK", "302"])
        self.assertEqual(self.other.seen, [])

    def test_only_configured_origins(self):
        n = len(self.s.seen)
        for url in (f"http://127.0.0.1:{self.other.port}/", f"http://localhost:{self.s.port}/",
                    f"https://127.0.0.1:{self.s.port}/"):
            got = self.way.ask(url)
            self.assertEqual(got[0], "DENIED", url)
            self.assertIn("is not among what this node may ask", got[4])
        for url in (f"http://127.0.0.1:{self.s.port}@127.0.0.1:{self.other.port}/", "file:///etc/passwd",
                    f"http://x@127.0.0.1:{self.s.port}/", "nonsense", "http://192.0.2.1/"):
            self.assertEqual(self.way.ask(url)[0], "INVALID", url)
        self.assertEqual(self.way.ask(self.at + "/", method="DELETE")[0], "INVALID")
        self.assertEqual((self.other.seen, len(self.s.seen)), ([], n))

    def test_bounds(self):
        self.assertEqual(self.way.ask(self.at + "/large")[:4], ["OK", "200", "text/plain", str(1 << 20)])
        got = self.way.ask(self.at + "/larger")
        self.assertEqual(got[0], "LIMIT")
        self.assertIn("more than 1048576 bytes", got[4])

    def test_not_reached(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        way = Way(f"http://127.0.0.1:{port}")
        got = way.ask(f"http://127.0.0.1:{port}/")
        self.assertEqual(got[0], "IO")
        self.assertTrue(got[4].startswith(f"http://127.0.0.1:{port}: "), got)
        way.close()
        self.assertEqual(self.way.ask(self.at + "/drop")[0], "IO")

    def test_several_at_once_and_a_bound(self):
        """Eight are asked at once, the next wait; over 40 are told BUSY at once."""
        way, s = Way(self.at), self.s
        s.held.clear()
        n = len(s.seen)
        for _ in range(42):
            way.send(self.at + "/slow", beside=True)
        busy = [way.read()[0] for _ in range(2)]
        self.assertEqual(busy, ["BUSY", "BUSY"])
        self.assertEqual(len([x for x in s.seen[n:] if x[1] == "/slow"]) > 8, False)
        s.held.set()
        got = [way.read() for _ in range(40)]
        self.assertEqual([x for x in got if x[:2] != ["OK", "200"]], [])
        way.close()

    def test_a_worker_that_dies_costs_one_request(self):
        way, s = Way(self.at), self.s
        s.held.clear()
        way.send(self.at + "/slow", beside=True)
        for _ in range(500):
            workers = children(way.keeper)
            if workers:
                break
            time.sleep(0.01)
        os.kill(int(workers[0]), signal.SIGKILL)
        got = way.read()
        self.assertEqual((got[0], got[4]), ("IO", "the process that asked outside ended without an answer"))
        s.held.set()
        self.assertEqual(way.ask(self.at + "/x")[0], "OK")
        way.close()

    def test_a_keeper_that_dies_is_said(self):
        way = Way(self.at)
        os.kill(way.keeper, signal.SIGKILL)
        self.assertTrue(gone(way.keeper))
        for _ in range(2):
            got = way.ask(self.at + "/x")
            self.assertEqual((got[0], got[4]), ("IO", "the process that asks outside has ended"))
        self.assertEqual(way.close().count("nothing outside is asked until the node is started anew"), 1)

    def test_they_die_with_their_parent(self):
        way, s = Way(self.at), self.s
        s.held.clear()
        way.send(self.at + "/slow", beside=True)
        for _ in range(500):
            workers = children(way.keeper)
            if workers:
                break
            time.sleep(0.01)
        os.kill(way.keeper, signal.SIGTERM)  # a stop of the service: the parent decides
        os.kill(way.p.pid, signal.SIGKILL)
        way.p.wait(10)
        for pid in (way.keeper, *map(int, workers)):
            self.assertTrue(gone(pid))
        s.held.set()
        way.p.stdin.close()
        way.p.stdout.close()
        way.p.stderr.close()

    def test_configuration(self):
        for origin in ("http://192.0.2.1", "ftp://127.0.0.1", "127.0.0.1:80"):
            way = Way(origin)
            self.assertEqual(way.first[0], "INVALID", origin)
            way.close()
        way = Way("https://127.0.0.1", ca="/no/such/file")
        self.assertEqual(way.first[0], "NOTFOUND")
        way.close()


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = tempfile.mkdtemp(prefix="tocsin-fetch-")
        try:
            cls.ca = Authority(cls.d)
        except (FileNotFoundError, subprocess.CalledProcessError):
            shutil.rmtree(cls.d)
            raise unittest.SkipTest("openssl is not here to make certificates")
        cls.ca.make("good", kind="loopback")
        cls.ca.make("other", kind="server")  # of the authority, of another name
        cls.ca.make("past", start="20200101000000Z", end="20210101000000Z", kind="loopback")
        cls.ca.own("own")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.d)

    def one(self, name, ca="ca", low=None, high=None):
        s = server(tls(self.ca.path(name), self.ca.path(name, "key"), low, high))
        at = f"https://127.0.0.1:{s.port}"
        way = Way(at, ca=self.ca.path(ca) if ca else "-")
        try:
            return way.ask(at + "/x"), s.seen
        finally:
            way.close()
            s.shutdown()
            s.server_close()

    def test_verified(self):
        got, seen = self.one("good")
        self.assertEqual(got, ["OK", "200", "text/plain", "2", "/x"])
        self.assertEqual(len(seen), 1)

    def test_refused(self):
        """Another name, another authority, the system's authorities, past its time, signed by
        itself: nothing is sent."""
        for name, ca in (("other", "ca"), ("good", "own"), ("good", None), ("past", "ca"), ("own", "ca")):
            with self.subTest(name=name, ca=ca):
                got, seen = self.one(name, ca)
                self.assertEqual((got[0], seen), ("IO", []))
                self.assertIn("certificate", got[4].lower())

    def test_old_protocols(self):
        v = ssl.TLSVersion
        self.assertEqual(self.one("good", low=v.TLSv1_2, high=v.TLSv1_2)[0][0], "OK")
        got, seen = self.one("good", low=v.TLSv1, high=v.TLSv1_1)
        self.assertEqual((got[0], seen), ("IO", []))


if __name__ == "__main__":
    run()
