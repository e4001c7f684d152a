# SPDX-License-Identifier: Apache-2.0
"""What requests leave in the audit log: who, what, by which route; never what an object says."""
import http.client
import json
import os
import time
import unittest
import uuid
from pathlib import Path

from matrix_audit import records
from node import FORUM, ROOT, Node, basic, indicator, run

AT = f"{ROOT}collections/{FORUM}/objects/"


def identity():
    return {"type": "identity", "spec_version": "2.1", "id": f"identity--{uuid.uuid4()}", "name": "an operator",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}


class Audit(unittest.TestCase):
    def test_requests_are_recorded(self):
        n = Node()
        try:
            o = indicator()
            self.assertEqual(n.add([o]).status, 202)
            self.assertEqual(n.get(f"/api/v1/objects/{o['id']}", login="grid",
                                   headers={"X-Tocsin-Reason": "case 12"}).status, 200)
            self.assertEqual(n.get(AT, login="hospital").status, 200)
            self.assertEqual(n.get(f"/api/v1/objects/{o['id']}", login="stranger").status, 404)
            self.assertEqual(n.call("DELETE", f"{AT}{o['id']}/").status, 200)
            note = n.get("/api/v1/audit/checkpoint").body
            self.assertGreaterEqual(int(note.split(b"\n")[1]), 4)
            said = Path(n.dir, "audit", "said", "000000000").read_bytes().decode("latin-1")
            self.assertIn('"kind":"collection"', said)
            self.assertIn('"kind":"consultation"', said)
            self.assertIn('"why":"case 12"', said)
            self.assertIn('"kind":"disclosure"', said)
            self.assertIn('"kind":"erasure"', said)
            self.assertEqual(said.count('"kind":"consultation"'), 1)  # what is refused tells nothing
            self.assertNotIn(o["pattern"], said)
            self.assertEqual(os.stat(Path(n.dir, "audit")).st_mode & 0o777, 0o700)
        finally:
            n.close()

    def test_every_way_of_reading(self):
        """Search, stream and long questions tell which entries they gave, as pages do."""
        n = Node()
        try:
            o = indicator(name="transformer")
            self.assertEqual(n.add([o]).status, 202)
            stream = http.client.HTTPConnection(*n.address, timeout=60)
            stream.request("GET", "/api/v1/stream", headers={"Authorization": basic("grid")})
            events = stream.getresponse()
            self.assertEqual(n.add([indicator()]).status, 202)
            while not events.readline().startswith(b"data: "):
                pass
            self.searched(n, "transformer")
            self.assertEqual(n.get("/api/v1/objects", login="hospital").status, 200)
            self.assertEqual(n.post("/api/v1/audience", o).status, 200)
            self.assertEqual(n.get("/api/v1/correlate?value=198.51.100.3").status, 200)
            records = self.records(n)
            given = {x["how"]: x for x in records if x["kind"] == "consultation" and x.get("entries")}
            self.assertIn("GET /api/v1/search", given)
            self.assertIn("GET /api/v1/stream", given)
            self.assertEqual(given["GET /api/v1/stream"]["from"], "127.0.0.1")
            self.assertEqual([x["kind"] for x in records if x["how"] == "POST /api/v1/audience"],
                             ["consultation"])
            self.assertEqual([x["kind"] for x in records if x["how"] == "GET /api/v1/correlate"],
                             ["combination"])
            stream.close()
        finally:
            n.close()

    def test_no_entry_is_left_out(self):
        """A page of a thousand entries that lie apart takes several records: together they tell of each."""
        n = Node()
        try:
            some = [o for _ in range(700) for o in (indicator(), identity())]
            for i in range(0, len(some), 700):
                self.assertEqual(n.add(some[i:i + 700]).status, 202)
            page = n.get(f"{AT}?match[type]=indicator&limit=1000", login="grid").json
            self.assertEqual(len(page["objects"]), 700)
            records = self.records(n)
            posted = [x for x in records if x["kind"] == "collection" and "entries" in x]
            self.assertEqual([x["count"] for x in posted], [700, 700])  # what was appended stands beside what was asked
            told = [x for x in records if x["kind"] == "disclosure"]
            self.assertGreater(len(told), 1)
            entries = [int(e) for x in told for e in x["entries"].split(",")]
            self.assertEqual(sum(x["count"] for x in told), 700)
            self.assertEqual(sorted(set(entries)), list(range(min(entries), min(entries) + 1400, 2)))
            self.assertEqual(posted[0]["entries"].split("-")[0], str(min(entries)))
        finally:
            n.close()

    def test_signing_in(self):
        """Right and wrong passwords, once each; what is no login is not written down."""
        n = Node()
        try:
            sign = {"login": "officer", "password": "officer, quiet bells"}
            self.assertEqual(n.post("/api/v1/session", sign, login=None).status, 200)
            self.assertEqual(n.post("/api/v1/session", {**sign, "password": "another"}, login=None).status, 401)
            self.assertEqual(n.post("/api/v1/session", {**sign, "login": "my-secret"}, login=None).status, 401)
            for _ in range(3):
                self.assertEqual(n.get("/api/v1/me", login="grid").status, 200)
            records = [x for x in self.records(n) if x["kind"] == "sign-in"]
            self.assertEqual([(x["how"], x.get("why"), "person" in x) for x in records[:3]],
                             [("POST /api/v1/session", None, True), ("POST /api/v1/session", "failed", True),
                              ("POST /api/v1/session", "failed", False)])
            self.assertEqual([x["how"] for x in records[3:]], ["GET /api/v1/me"])  # checked once, then known
            self.assertNotIn("my-secret", json.dumps(records))
        finally:
            n.close()

    def searched(self, n, word):
        """Asks until the index has it."""
        end = time.monotonic() + 60
        while not n.get(f"/api/v1/search?q={word}").json["objects"]:
            self.assertLess(time.monotonic(), end)

    def records(self, n):
        self.assertEqual(n.get("/api/v1/audit/checkpoint").status, 200)
        return list(records(n))


if __name__ == "__main__":
    run()
