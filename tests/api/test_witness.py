# SPDX-License-Identifier: Apache-2.0
"""Witnesses of audit logs (C2SP tlog-witness, tlog-cosignature): what is cosigned, and what never is.
Signatures, tree and texts are made and checked here by other means than the program's own."""
import base64
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import ed25519
from node import run

TOCSIN = os.environ["TOCSIN"]
PATH = "/api/v1/witness/add-checkpoint"
DASH = "\u2014 "


# ---- by other means ----

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data):
    return base64.b64encode(data).decode()


def split(n):
    """The largest power of two under n."""
    return 1 << (n - 1).bit_length() - 1


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha()
    k = split(len(leaves))
    return sha(b"\1", root(leaves[:k]), root(leaves[k:]))


def proof(old, leaves, whole=True):
    """RFC 6962, section 2.1.2, as it stands there."""
    n = len(leaves)
    if old == n:
        return [] if whole else [root(leaves)]
    k = split(n)
    if old <= k:
        return proof(old, leaves[:k], whole) + [root(leaves[k:])]
    return proof(old - k, leaves[k:], False) + [root(leaves[:k])]


def key_id(name, kind, public):
    return sha(name.encode(), b"\n", bytes([kind]), public)[:4]


def vkey(name, kind, public):
    return f"{name}+{key_id(name, kind, public).hex()}+{b64(bytes([kind]) + public)}"


def vkey_parts(text):
    name, _, key = text.strip().split("+", 2)
    data = base64.b64decode(key)
    assert vkey(name, data[0], data[1:]) == text.strip()
    return name, data[0], data[1:]


def cosigned(note, key):
    """The times at which the witness with that key cosigned the note; each line must hold."""
    name, kind, public = vkey_parts(key)
    assert kind == 4
    body, lines = note.split("\n\n", 1)
    out = []
    for line in lines.splitlines():
        start = f"{DASH}{name} "
        data = base64.b64decode(line[len(start):], validate=True) if line.startswith(start) else b""
        if data[:4] != key_id(name, 4, public):
            continue
        at = int.from_bytes(data[4:12], "big")
        text = f"cosignature/v1\ntime {at}\n{body}\n".encode()
        assert len(data) == 76 and ed25519.verify(public, text, data[12:]), line
        out.append(at)
    return out


class Log:
    """A transparency log that can do whatever it likes."""

    def __init__(self, name="log.example/audit", seed=b"log"):
        self.name = name
        self.key = ed25519.Key(sha(seed))
        self.leaves = []

    @property
    def vkey(self):
        return vkey(self.name, 1, self.key.public)

    def grow(self, n, salt=b""):
        self.leaves += [sha(b"\0", salt, str(len(self.leaves) + i).encode()) for i in range(n)]
        return self

    def note(self, size=None, name=None, key=None, head=None):
        leaves = self.leaves[:size]
        body = f"{self.name}\n{len(leaves)}\n{b64(head or root(leaves))}\n"
        name, key = name or self.name, key or self.key
        sig = key_id(name, 1, key.public) + key.sign(body.encode())
        return f"{body}\n{DASH}{name} {b64(sig)}\n"

    def ask(self, old, size=None, hashes=None, **more):
        if hashes is None:
            leaves = self.leaves[:size]
            hashes = proof(old, leaves) if 0 < old <= len(leaves) else []
        lines = "".join(b64(h) + "\n" for h in hashes)
        return f"old {old}\n{lines}\n{self.note(size, **more)}"


# ---- nodes ----

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tocsin(*args):
    return subprocess.run([TOCSIN, *args], capture_output=True, text=True, timeout=60)


class Node:
    def __init__(self, folder, name):
        self.dir = os.path.join(folder, name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v1/witness"
        r = tocsin("init", self.dir, "--title", name, "--org", "Contact point", "--country", "NL")
        assert r.returncode == 0, r.stderr
        self.process = None
        self.said = ""

    def keys(self):
        r = tocsin("audit", "keys", self.dir, "--json")
        assert r.returncode == 0, r.stderr
        return json.loads(r.stdout)

    def configure(self, **config):
        Path(self.dir, "witnesses.json").write_text(json.dumps(config))

    def start(self):
        self.process = subprocess.Popen([TOCSIN, "serve", self.dir, "--listen",
                                         f"127.0.0.1:{self.port}"], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            said = self.process.communicate()[1]
            self.process = None
            raise RuntimeError(said)
        return self

    def end(self, how):
        if self.process:
            self.process.send_signal(how)
            self.said += self.process.communicate(timeout=60)[1]
            status, self.process = self.process.returncode, None
            assert "Sanitizer" not in self.said and "runtime error" not in self.said, self.said
            assert how == signal.SIGKILL or status == 0, self.said

    def stop(self):
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)

    def post(self, body, **headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        c.request("POST", PATH, body.encode() if isinstance(body, str) else body, headers)
        r = c.getresponse()
        text = r.read().decode()
        c.close()
        self.type = r.headers["Content-Type"]
        return r.status, text


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tocsin-witness-")
        self.nodes = []

    def tearDown(self):
        for n in self.nodes:
            n.stop()
        shutil.rmtree(self.folder)

    def node(self, name):
        self.nodes.append(Node(self.folder, name))
        return self.nodes[-1]


class Witness(Folder):
    """A node that witnesses a log made here."""

    def setUp(self):
        super().setUp()
        self.log = Log()
        self.w = self.node("witness")
        self.key = self.w.keys()["witness"]
        self.w.configure(logs=[{"vkey": self.log.vkey}])
        self.w.start()

    def good(self, body):
        status, line = self.w.post(body)
        self.assertEqual(status, 200, line)
        self.assertTrue(line.startswith(DASH) and line.endswith("\n"), line)
        at = cosigned(body.split("\n\n", 1)[1] + line, self.key)
        self.assertEqual(len(at), 1)
        self.assertLess(abs(at[0] - time.time()), 60)

    def bad(self, body, status, told=None, **headers):
        got, text = self.w.post(body, **headers)
        self.assertEqual(got, status, text)
        self.assertNotIn(DASH, text)
        if told is not None:
            self.assertEqual((text, self.w.type), (f"{told}\n", "text/x.tlog.size"))

    def test_it_goes_on(self):
        sizes = [0, 1, 2, 3, 4, 7, 8, 9, 64, 100, 300]
        self.log.grow(300)
        for old, new in zip([0] + sizes, sizes):
            self.good(self.log.ask(old, new))
        self.good(self.log.ask(300))  # the same once more
        self.bad(self.log.ask(100), 409, 300)
        self.bad(self.log.ask(0), 409, 300)
        self.bad(self.log.ask(100, 200), 409, 300)  # never back

    def test_what_is_never_cosigned(self):
        self.log.grow(20)
        self.good(self.log.ask(0, 10))
        right = proof(10, self.log.leaves)
        for wrong in ([], right[:-1], right + [sha()], right[::-1],
                      [right[0][:-1] + bytes([right[0][-1] ^ 1])] + right[1:]):
            self.bad(self.log.ask(10, hashes=wrong), 422)
        other = Log().grow(20, b"other")
        self.bad(other.ask(10), 422)  # another history, signed with the same key
        self.bad(other.ask(10, 10), 409, 10)
        self.bad(other.ask(10, hashes=right), 422)
        self.bad(self.log.ask(12, 11), 400)
        stranger = Log("stranger.example/audit").grow(3)
        self.bad(stranger.ask(0), 404)
        self.bad(self.log.ask(10, key=ed25519.Key(sha(b"thief"))), 403)
        self.bad(self.log.ask(10, name="log.example/other"), 403)
        self.bad(self.log.ask(10, head=sha(b"no root")), 422)
        self.good(self.log.ask(10))

    def test_a_first_size_needs_no_proof(self):
        self.log.grow(5)
        self.bad(self.log.ask(0, hashes=[sha()]), 422)
        self.bad(self.log.ask(0, 0, head=sha(b"not empty")), 422)
        self.bad(self.log.ask(3), 409, 0)
        self.good(self.log.ask(0))

    def test_what_is_no_request(self):
        self.log.grow(3)
        good = self.log.ask(0)
        for body in ("", "old", "old 0", "old 0\n", "old 0\n\n", "old 00\n\n" + self.log.note(),
                     "old -1\n\n" + self.log.note(), "old 1e3\n\n" + self.log.note(),
                     "old 99999999999999999999\n\n" + self.log.note(), good[:-1], good + "\n",
                     good + "x", good.replace("\n\n", "\n"), good.replace("old", "Old"),
                     "old 0\nAAAA\n\n" + self.log.note(), "old 0\n=\n\n" + self.log.note(),
                     "old 1\n" + 64 * (b64(sha()) + "\n") + "\n" + self.log.note(),
                     good.replace("\n3\n", "\n03\n"), "\0" * 100, b"\xff" * 1000, good.encode("utf-16")):
            self.bad(body, 400)
        self.bad("old 0\n" + "x" * 16384, 413)
        c = http.client.HTTPConnection("127.0.0.1", self.w.port, timeout=30)
        c.request("GET", PATH)
        self.assertEqual(c.getresponse().status, 405)
        c.close()
        self.good(good)

    def test_many_of_them(self):
        """So many without a log's signature, then none is looked at; what a log signed still is not."""
        seen = [self.w.post("old 0\n\nx")[0] for _ in range(90)]
        self.assertEqual(set(seen), {400, 503})

    def test_it_remembers_over_kill(self):
        self.log.grow(40)
        old = 0
        for size in (7, 19, 33):
            self.good(self.log.ask(old, size))
            self.w.kill()
            self.w.start()
            self.bad(self.log.ask(old, size), 409, size)
            self.bad(Log().grow(size, b"other").ask(size), 409, size)
            self.good(self.log.ask(size, size))
            old = size
        self.assertTrue(list(Path(self.w.dir, "witnessed").glob("*.fork")))  # what the log signed

    def test_kept_before_it_is_signed(self):
        """Without a signer nothing is cosigned, but what was about to be is kept."""
        self.log.grow(9)
        self.good(self.log.ask(0, 4))
        for p in Path(f"/proc/{self.w.process.pid}/task").glob("*/children"):
            for child in p.read_text().split():
                if Path(f"/proc/{child}/comm").read_text() == "tocsin-sign\n":
                    os.kill(int(child), signal.SIGKILL)
        self.bad(self.log.ask(4), 500)
        self.w.kill()
        self.w.start()
        self.bad(self.log.ask(4), 409, 9)
        self.good(self.log.ask(9))

    def test_a_damaged_memory_signs_nothing(self):
        self.log.grow(9)
        self.good(self.log.ask(0, 4))
        self.w.stop()
        kept = next(Path(self.w.dir, "witnessed").iterdir())
        self.assertEqual(kept.read_text(), self.log.note(4))  # whole, as the log signed it
        kept.write_text("nonsense")
        self.w.start()
        self.bad(self.log.ask(4), 500)
        self.bad(self.log.ask(0), 500)

    def test_a_file_put_back(self):
        """An older memory, put back under a running witness, is not believed by its signer."""
        self.log.grow(9)
        self.good(self.log.ask(0, 4))
        kept = next(Path(self.w.dir, "witnessed").iterdir())
        before = kept.read_bytes()
        self.good(self.log.ask(4))
        kept.write_bytes(before)
        self.bad(self.log.ask(4), 409, 9)

    def test_configurations(self):
        own = self.w.keys()
        self.w.stop()
        for config, says in (({"logs": [{"vkey": own["log"]}]}, "its own log"),
                             ({"logs": [{"vkey": own["witness"]}]}, "logs[0].vkey"),
                             ({"logs": [{"vkey": self.log.vkey + "A"}]}, "logs[0].vkey"),
                             ({"logs": [{"vkey": self.log.vkey}] * 2}, "logs[1].origin"),
                             ({"logs": [{"vkey": self.log.vkey, "orgin": "x"}]}, "logs[0].orgin"),
                             ({"logs": [{"vkey": self.log.vkey}] * 65}, "64 at most"),
                             ({"logs": {}}, "logs"), ({"every": 0}, "every"), ([], "an object"),
                             ({"witnesses": [{"vkey": own["witness"]}]}, "witnesses[0].url"),
                             ({"witnesses": [{"vkey": own["log"], "url": self.w.url}]},
                              "witnesses[0].vkey"),
                             ({"witnesses": [{"vkey": own["witness"],
                                              "url": "http://elsewhere.example/"}]}, "http")):
            Path(self.w.dir, "witnesses.json").write_text(json.dumps(config))
            with self.subTest(config=config), self.assertRaises(RuntimeError) as c:
                self.w.start()
            self.assertIn(says, str(c.exception))

    def test_a_log_whose_key_has_another_name(self):
        self.w.stop()
        self.w.configure(logs=[{"vkey": vkey("key.example", 1, self.log.key.public),
                                "origin": self.log.name}])
        self.w.start()
        self.log.grow(3)
        self.bad(self.log.ask(0), 403)
        self.good(self.log.ask(0, name="key.example"))

class Pair(Folder):
    """Two nodes that are witnesses of each other."""

    def setUp(self):
        super().setUp()
        self.a, self.b = self.node("north"), self.node("south")
        for me, other in ((self.a, self.b), (self.b, self.a)):
            keys = other.keys()
            me.configure(every=1, logs=[{"vkey": keys["log"]}],
                         witnesses=[{"vkey": keys["witness"], "url": other.url, "name": "peer"}])

    def status(self, n):
        r = tocsin("status", n.dir, "--json")
        self.assertEqual(r.returncode, 0, r.stderr)
        return json.loads(r.stdout)["witnesses"]

    def until(self, n, holds):
        end = time.monotonic() + 40
        while time.monotonic() < end:
            s = self.status(n)["asked"][0]
            if holds(s):
                return s
            time.sleep(0.1)
        self.fail(f"{s}\n{n.said}")

    def grow(self, n, name=None):
        """A record more, and a checkpoint over it; returns its size."""
        self.names = getattr(self, "names", 0) + 1
        r = tocsin("org", "add", n.dir, name or f"Organisation {self.names}", "--country", "BE", "--role", "operator")
        self.assertEqual(r.returncode, 0, r.stderr)
        r = tocsin("audit", "checkpoint", n.dir)
        self.assertEqual(r.returncode, 0, r.stderr)
        return int(r.stdout.splitlines()[1])

    def cosigned(self, n, size):
        return self.until(n, lambda s: s["records"] >= size and not s.get("problem"))

    def head(self, n, *args):
        r = tocsin("audit", "head", n.dir, *args)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout

    def verify(self, n, status, *args):
        r = tocsin("audit", "verify", n.dir, "--json", *args)
        self.assertEqual(r.returncode, status, r.stdout + r.stderr)
        return json.loads(r.stdout) if r.stdout else r.stderr

    def file(self, text):
        path = os.path.join(self.folder, "kept")
        Path(path).write_text(text)
        return path

    def test_each_other(self):
        a, b = self.a.start(), self.b.start()
        for me, other in ((a, b), (b, a)):
            size = self.grow(me)
            self.cosigned(me, size)
            note = self.head(me, "--note")
            name, _, public = vkey_parts(me.keys()["log"])
            body, lines = note.split("\n\n", 1)
            self.assertEqual(body.split("\n")[:2], [name, str(size)])
            line = lines.splitlines()[0].split(" ")
            self.assertTrue(ed25519.verify(public, body.encode() + b"\n",
                                           base64.b64decode(line[2])[4:]))
            at = cosigned(note, other.keys()["witness"])
            self.assertEqual(len(at), 1)
            self.assertLess(abs(at[0] - time.time()), 60)
            said = self.verify(me, 0)
            self.assertEqual((said["witnesses"], said["cosigned"], said["cosigned_records"]),
                             (1, 1, size))
            kept = self.file(note)
            self.verify(me, 0, "--checkpoint", kept, "--witness", other.keys()["witness"])
            said = self.verify(me, 1, "--checkpoint", kept, "--witness", me.keys()["witness"])
            self.assertIn("no cosignature", said["message"])
            c = http.client.HTTPConnection("127.0.0.1", me.port, timeout=30)
            c.request("GET", "/metrics")
            text = c.getresponse().read().decode()
            c.close()
            self.assertIn('tocsin_witness_behind_seconds{witness="peer"}', text)
            self.assertIn('tocsin_witness_refuses{witness="peer"} 0', text)
        # each other's cosignatures are no records: both come to rest
        before = [self.verify(n, 0)["records"] for n in (a, b)]
        self.grow(a)
        self.cosigned(a, before[0] + 1)
        self.assertEqual(self.verify(b, 0)["records"], before[1])

    def test_on_paper(self):
        self.b.start()
        size = self.grow(self.a.start())
        self.cosigned(self.a, size)
        text = self.head(self.a)
        record = json.loads(self.head(self.a, "--json"))
        lines = text.splitlines()
        self.assertEqual(lines[0], "audit log of north")
        said = {"records": "", "root": "", "": ""}
        for line in lines[3:6]:
            said[line[:10].strip()] += line[10:].replace(" ", "")
        self.assertEqual(int(said["records"]), record["records"])
        self.assertEqual(said["root"] + said[""], record["root"])
        self.assertIn(f"by {vkey_parts(self.b.keys()['witness'])[0]}", lines[6])
        self.assertTrue(text.endswith("\n\n" + record["checkpoint"]))
        typed = " ".join(line[10:] for line in lines[4:6])
        self.verify(self.a, 0, "--size", said["records"], "--root", typed)
        wrong = typed.replace(typed[0], "0" if typed[0] != "0" else "1", 1)
        self.assertIn("written down", self.verify(self.a, 1, "--size", said["records"], "--root",
                                                  wrong)["message"])
        self.verify(self.a, 2, "--size", "1", "--root", typed[:-1])
        self.verify(self.a, 2, "--root", typed)

    def test_history_put_back(self):
        """An older copy of the folder, to which something else happens: the same key signs it."""
        a = self.a.start()
        self.b.start()
        self.cosigned(a, self.grow(a))
        a.stop()
        copy = os.path.join(self.folder, "copy")
        shutil.copytree(a.dir, copy, symlinks=True)
        a.start()
        for name in ("One", "Two", "Three"):
            size = self.grow(a, name)
        self.cosigned(a, size)
        kept = self.file(self.head(a, "--note"))
        self.verify(a, 0, "--checkpoint", kept)
        memory = os.path.join(self.folder, "memory")
        a.stop()
        shutil.copytree(os.path.join(a.dir, "audit", "cosigned"), memory)
        shutil.rmtree(a.dir)
        os.rename(copy, a.dir)
        a.start()
        self.grow(a, "Other")
        said = self.until(a, lambda s: s.get("refuses"))
        self.assertIn("put back from a copy", said["problem"])
        self.assertIn("fewer records", self.verify(a, 1, "--checkpoint", kept)["message"])
        while self.grow(a) <= size:
            continue
        said = self.until(a, lambda s: "rewritten" in s.get("problem", ""))
        self.assertTrue(said["refuses"])
        self.assertIn("REFUSES", tocsin("status", a.dir).stdout)
        self.verify(a, 0)  # it agrees with itself, and with what it has of its witness
        self.assertIn("history was rewritten",
                      self.verify(a, 1, "--checkpoint", kept)["message"])
        a.stop()
        self.assertIn("history was rewritten", a.said)
        shutil.rmtree(os.path.join(a.dir, "audit", "cosigned"))
        shutil.copytree(memory, os.path.join(a.dir, "audit", "cosigned"))
        self.assertIn("a witness cosigned", self.verify(a, 1)["message"])

    def test_a_witness_that_is_gone(self):
        a, b = self.a.start(), self.b
        self.grow(a)
        self.until(a, lambda s: s.get("problem"))
        b.start()
        self.cosigned(a, self.grow(a))
        b.kill()
        size = self.grow(a)
        said = self.until(a, lambda s: s.get("problem"))
        self.assertLess(said["records"], size)
        b.start()
        self.cosigned(a, size)
        a.kill()  # it knows from its own files what was cosigned
        a.start()
        self.cosigned(a, self.grow(a))
        a.stop()
        shutil.rmtree(os.path.join(a.dir, "audit", "cosigned"))
        a.start()  # or from the witness
        self.cosigned(a, self.grow(a))

    def test_another_key_than_is_known(self):
        config = json.loads(Path(self.a.dir, "witnesses.json").read_text())
        name, _, _ = vkey_parts(config["witnesses"][0]["vkey"])
        config["witnesses"][0]["vkey"] = vkey(name, 4, ed25519.Key(sha(b"other")).public)
        self.a.configure(**config)
        self.b.start()
        self.grow(self.a.start())
        said = self.until(self.a, lambda s: s.get("problem"))
        self.assertIn("no cosignature of its key", said["problem"])
        self.assertEqual(self.verify(self.a, 0)["cosigned"], 0)

    def test_damaged_cosignatures(self):
        self.b.start()
        self.cosigned(self.a.start(), self.grow(self.a))
        self.a.stop()
        for f in Path(self.a.dir, "audit", "cosigned").iterdir():
            text = f.read_text()
            i = text.rindex("=", 0, -3) if text[-3:-1] != "==" else len(text) - 10
            f.write_text(text[:i - 4] + ("AAAA" if text[i - 4:i] != "AAAA" else "BBBB") + text[i:])
        self.assertIn("no cosignature", self.verify(self.a, 1)["message"])


run()
