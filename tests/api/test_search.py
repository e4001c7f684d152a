# SPDX-License-Identifier: Apache-2.0
"""GET /api/v1/search: what is found, by whom; pages; that what is hidden leaves no trace."""
import os
import time
import unittest
import uuid
from urllib.parse import urlencode

from node import FORUM, OTHER, Node, indicator, run

RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


class Search(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def ask(self, status=200, login="officer", node=None, **query):
        a = (node or self.n).get("/api/v1/search?" + urlencode(query), login=login)
        self.assertEqual(a.status, status, a)
        return a

    def level(self, node=None):
        """The index and the lists of values have everything that was added until now."""
        until = time.monotonic() + 60
        while True:
            answers = [self.ask(node=node, q="zebra"), self.ask(node=node, value="zebra")]
            for a in answers:
                self.assertEqual(a.json["up_to_date"], a.headers["X-Tocsin-Lag"] == "0")
            if all(a.json["up_to_date"] for a in answers):
                return
            self.assertLess(time.monotonic(), until)

    def add(self, objects, **more):
        a = self.n.add(objects, **more)
        self.assertEqual(a.status, 202, a)
        self.assertEqual(a.json["failure_count"], 0, a)
        self.level()

    def ids(self, a):
        return [o["id"] for o in a.json["objects"]]

    def test_each_way(self):
        word = "w" + uuid.uuid4().hex
        i = indicator(name=f"Probing {word} at the harbour", pattern="[domain-name:value = 'B\\'ad.Example']")
        place = {"type": "location", "spec_version": "2.1", "id": f"location--{uuid.uuid4()}",
                 "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
                 "latitude": 12.5, "longitude": -60.25, "name": "Jetty"}
        r = {"type": "relationship", "spec_version": "2.1", "id": f"relationship--{uuid.uuid4()}",
             "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
             "relationship_type": "related-to", "source_ref": i["id"], "target_ref": place["id"]}
        self.add([i, place, r])
        self.assertEqual(self.ids(self.ask(q=f"HARBOUR {word[:9]}*")), [i["id"]])
        self.assertEqual(self.ids(self.ask(q=f"{word} jetty")), [])
        self.assertEqual(self.ids(self.ask(value="b'AD.example")), [i["id"]])
        self.assertEqual(self.ids(self.ask(ref=place["id"])), [r["id"]])
        self.assertEqual(self.ids(self.ask(ref=i["id"], type="relationship,note")), [r["id"]])
        self.assertEqual(self.ids(self.ask(ref=i["id"], type="note")), [])
        self.assertEqual(self.ids(self.ask(box="-61,12,-60,13")), [place["id"]])
        self.assertEqual(self.ids(self.ask(box="-61,13,-60,14")), [])

    def test_pages_and_what_is_hidden(self):
        word = "p" + uuid.uuid4().hex
        mine, hidden = [], []
        for k in range(40):
            o = indicator(name=word, pattern_version=str(k))
            if k % 4:
                hidden.append(o)
            else:
                mine.append(o)
        self.add(hidden[:15], collection=OTHER, login="stranger")
        self.add(mine)
        alone = self.ask(login="hospital", q=word, limit=10)
        self.assertNotIn("next", alone.json)
        self.add(hidden[15:], collection=OTHER, login="stranger")
        again = self.ask(login="hospital", q=word, limit=10)
        self.assertEqual(again.body, alone.body)
        self.assertEqual(again.headers["X-Tocsin-Lag"], "0")
        want = [o["id"] for o in reversed(mine)]
        self.assertEqual(self.ids(again), want)
        got, query = [], {"q": word, "limit": 3}
        while True:
            a = self.ask(login="hospital", **query)
            got += self.ids(a)
            self.add([indicator(name=word)])  # comes between, belongs to no page
            if "next" not in a.json:
                break
            query["next"] = a.json["next"]
        self.assertEqual(got, want)
        self.ask(400, login="hospital", q="other", next=query["next"])
        self.ask(400, login="stranger", q=word, next=query["next"])

    def test_red_is_for_its_author(self):
        word = "r" + uuid.uuid4().hex
        self.add([indicator(name=word, object_marking_refs=[RED])])
        self.assertEqual(len(self.ids(self.ask(q=word))), 1)
        self.assertEqual(self.ask(login="grid", q=word).body, self.ask(login="grid", q="x" + word).body)

    def test_newest_version_alone(self):
        word = "v" + uuid.uuid4().hex
        old = indicator(name=word + " before")
        self.add([old])
        self.add([dict(old, name=word + " after", modified="2026-02-01T00:00:00.000Z")])
        self.assertEqual([o["name"] for o in self.ask(q=word).json["objects"]], [word + " after"])
        self.assertEqual(self.ids(self.ask(q=word + " before")), [])

    def correlate(self, value, login="officer", **query):
        """Waits until the lists have everything; the entry for this value."""
        until = time.monotonic() + 60
        while True:
            a = self.n.get("/api/v1/correlate?" + urlencode({"value": value, **query}), login=login)
            self.assertEqual(a.status, 200, a)
            if a.json["up_to_date"]:
                self.assertEqual(a.headers["X-Tocsin-Lag"], "0")
                return a.json["values"][0]
            self.assertLess(time.monotonic(), until)

    def test_correlate(self):
        host = uuid.uuid4().hex + ".example"
        mine = indicator(pattern=f"[domain-name:value = '{host.upper()}.']")
        theirs = indicator(pattern=f"[domain-name:value = '{host}']")
        self.add([mine])
        before = self.correlate(host, login="grid")
        self.add([theirs], collection=OTHER, login="stranger")
        self.assertEqual(before, self.correlate(host, login="grid"))
        self.assertEqual((before["normal"], before["hot"]), (host, False))
        self.assertEqual([o["id"] for o in before["objects"]], [mine["id"]])
        self.assertEqual([o["id"] for o in self.correlate(host, login="stranger")["objects"]],
                         [theirs["id"]])
        a = self.n.post("/api/v1/correlate", {"values": [host, "x" + host]}, login="grid")
        self.assertEqual([len(v["objects"]) for v in a.json["values"]], [1, 0])
        for body in ({}, {"values": [1]}, {"values": "x"}, {"values": ["x"] * 1001}):
            self.assertEqual(self.n.post("/api/v1/correlate", body).status, 422, body)
        self.assertEqual(self.n.get("/api/v1/correlate").status, 400)
        self.assertEqual(self.n.get("/api/v1/correlate?value=%ff").status, 400)
        self.assertEqual(self.n.get("/api/v1/correlate?value=x", login=None).status, 401)

    def test_hot_within_what_one_may_read(self):
        host = uuid.uuid4().hex + ".example"
        for _ in range(4):
            self.add([indicator(pattern=f"[domain-name:value = '{host}']") for _ in range(300)],
                     collection=OTHER, login="stranger")
        one = indicator(pattern=f"[domain-name:value = '{host}']")
        self.add([one])
        hot = self.correlate(host, login="stranger", limit=1000)
        self.assertEqual((hot["hot"], len(hot["objects"])), (True, 100))
        cold = self.correlate(host, login="hospital")
        self.assertEqual((cold["hot"], [o["id"] for o in cold["objects"]]), (False, [one["id"]]))
        self.assertNotIn("more", cold)
        self.assertTrue(self.correlate(host, login="stranger", limit=5)["more"])
        found = self.ask(login="stranger", value=host, limit=60)  # searching says it too
        self.assertTrue(found.json["hot"])
        more = self.ask(login="stranger", value=host, limit=60, next=found.json["next"])
        self.assertEqual(len(set(self.ids(found) + self.ids(more))), 100)
        self.assertNotIn("hot", self.ask(login="hospital", value=host).json)

    def test_kinds(self):
        number = str(uuid.uuid4().int)[:9]
        cert = {"type": "x509-certificate", "spec_version": "2.1", "serial_number": f"a{number}:0b:1c",
                "id": f"x509-certificate--{uuid.uuid4()}"}
        self.add([cert])
        text = f"A{number}-0B-1C"
        for more in ({}, {"kind": "serial"}):
            found = self.correlate(text, **more)
            self.assertEqual([o["id"] for o in found["objects"]], [cert["id"]])
        self.assertEqual(self.correlate(text)["kinds"],
                         [{"kind": "serial", "normal": f"A{number}0B1C"}])
        self.assertEqual(self.correlate(text, kind="value")["objects"], [])
        wrong = self.correlate("7732-18-4", kind="cas")
        self.assertEqual((wrong["is_not"], wrong["normal"]), ("cas", "7732-18-4"))
        self.assertNotIn("is_not", self.correlate("7732-18-5", kind="cas"))
        self.assertEqual(self.n.get("/api/v1/correlate?value=x&kind=passport").status, 400)

    def test_refused(self):
        for query in ({}, {"q": " "}, {"q": "a", "value": "b"}, {"box": "1,2,3"},
                      {"box": "1,2,3,nan"}, {"box": "0,91,1,92"}, {"q": "a", "limit": "0"},
                      {"q": "a", "next": "x"}, {"type": "indicator"}):
            a = self.ask(400, **query)
            self.assertTrue(a.json["error"]["message"])
        self.ask(401, login=None, q="a")
        # nothing of it is an operator of the index
        for q in ('"', "a OR b", "NEAR(a b)", "text:a", "-a", "(", "*", "a* OR", "\x01", "^a"):
            self.assertIn(self.n.get("/api/v1/search?" + urlencode({"q": q})).status, (200, 400), q)

    def test_index_deleted_while_stopped(self):
        n = Node()
        o = indicator(name="lighthouse")
        self.assertEqual(n.add([o]).status, 202)
        self.level(n)
        n.close(keep=True)
        for name in os.listdir(n.dir):
            if name.startswith("index.db"):
                os.unlink(os.path.join(n.dir, name))
        again = Node(keep=n.dir)
        a = self.ask(node=again, q="lighthouse")
        # found, or said that it may be missing
        self.assertTrue(self.ids(a) == [o["id"]] or a.json["up_to_date"] is False)
        self.level(again)
        self.assertEqual(self.ids(self.ask(node=again, q="lighthouse")), [o["id"]])
        state = again.get("/api/v1/status").json["watchers"]
        self.assertEqual([w for w in state if w["name"] == "index"],
                         [{"name": "index", "up_to_date": True, "lag": 0}])
        again.close()


if __name__ == "__main__":
    run()
