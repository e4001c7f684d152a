# SPDX-License-Identifier: Apache-2.0
"""GET /api/v1/graph and /api/v1/near: what is around an object, for whom; bounds; hot values."""
import time
import unittest
import uuid
from urllib.parse import urlencode

from node import OTHER, Node, indicator, run


def made(type, **more):
    return {"type": type, "spec_version": "2.1", "id": f"{type}--{uuid.uuid4()}",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", **more}


def tie(kind, a, b):
    return made("relationship", relationship_type=kind, source_ref=a["id"], target_ref=b["id"])


class Graph(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def add(self, objects, **more):
        a = self.n.add(objects, **more)
        self.assertEqual((a.status, a.json["failure_count"]), (202, 0), a)
        until = time.monotonic() + 60
        for path in ("/api/v1/search?q=zebra", "/api/v1/correlate?value=zebra"):
            while not self.n.get(path).json["up_to_date"]:
                self.assertLess(time.monotonic(), until)

    def graph(self, o, status=200, login="officer", **query):
        a = self.n.get("/api/v1/graph?" + urlencode({"id": o["id"] if isinstance(o, dict) else o,
                                                     **query}), login=login)
        self.assertEqual(a.status, status, a)
        if status == 200:
            ids = [n["id"] for n in a.json["nodes"]]
            self.assertEqual(len(ids), len(set(ids)))
            for e in a.json["edges"]:
                self.assertIn(e["from"], ids)
                self.assertIn(e["to"], ids)
        return a.json

    def edges(self, g):
        return {(e["from"], e["to"], e["how"], e.get("says")) for e in g["edges"]}

    def test_each_kind_of_edge(self):
        host = uuid.uuid4().hex + ".example"
        a = indicator(name="A", pattern=f"[domain-name:value = '{host}']")
        b = indicator(name="B", pattern=f"[domain-name:value = '{host.upper()}']")
        actor = made("intrusion-set", name="Actor")
        tool = made("tool", name="Tool")
        note = made("note", content="seen", object_refs=[a["id"]])
        self.add([a, b, actor, tool, note, tie("indicates", a, actor), tie("uses", actor, tool)])
        g = self.graph(a)
        v = "value:value:" + host
        self.assertEqual(self.edges(g), {
            (a["id"], actor["id"], "relationship", "indicates"),
            (note["id"], a["id"], "reference", "object_refs"),
            (a["id"], v, "value", "pattern"), (b["id"], v, "value", None)})
        self.assertEqual({n["id"]: n["depth"] for n in g["nodes"]},
                         {a["id"]: 0, actor["id"]: 1, note["id"]: 1, b["id"]: 1, v: 1})
        self.assertEqual({n["name"] for n in g["nodes"]}, {"A", "B", "Actor", "seen", host})
        self.assertNotIn("more", g)
        deep = self.graph(a, depth=2)
        self.assertEqual(self.edges(deep) - self.edges(g),
                         {(actor["id"], tool["id"], "relationship", "uses"),
                          (b["id"], v, "value", "pattern"), (a["id"], v, "value", None)})
        # by the reference's other end, too
        self.assertIn((note["id"], a["id"], "reference", "object_refs"), self.edges(self.graph(note)))
        few = self.graph(a, limit=3)
        self.assertEqual((len(few["nodes"]), few["more"], few["nodes"][0]["more"]), (3, True, True))

    def test_nothing_of_what_is_hidden(self):
        host = uuid.uuid4().hex + ".example"
        a = indicator(name="A", pattern=f"[domain-name:value = '{host}']")
        self.add([a])
        before = self.graph(a, login="grid", depth=2)
        theirs = indicator(name="theirs", pattern=f"[domain-name:value = '{host}']")
        secret = made("tool", name="Tool")
        self.add([theirs, secret, tie("indicates", a, secret),
                  made("note", content="secret", object_refs=[a["id"], secret["id"]])],
                 collection=OTHER, login="stranger")
        self.assertEqual(before, self.graph(a, login="grid", depth=2))
        self.graph(theirs, status=404, login="grid")
        self.graph(a, status=404, login="stranger")
        # of a relationship that one may read, an end that one may not is no edge
        self.add([tie("uses", a, secret)])
        self.assertEqual(before, self.graph(a, login="grid", depth=2))

    def test_hot_value(self):
        host = uuid.uuid4().hex + ".example"
        for _ in range(3):
            self.add([indicator(pattern=f"[domain-name:value = '{host}']") for _ in range(400)])
        a = indicator(pattern=f"[domain-name:value = '{host}']")
        self.add([a])
        g = self.graph(a, depth=2)
        self.assertEqual([n.get("hot") for n in g["nodes"]], [None, True])
        self.assertEqual(len(g["edges"]), 1)

    def test_fan(self):
        hub = made("tool", name="Hub")
        self.add([hub] + [made("note", content="x", object_refs=[hub["id"]]) for _ in range(60)])
        g = self.graph(hub)
        self.assertEqual((len(g["nodes"]), len(g["edges"]), g["more"]), (51, 50, True))

    def test_near(self):
        lat = int(uuid.uuid4()) % 1000 / 100 - 40
        here = made("location", name="Here", latitude=lat, longitude=-20)
        van = made("sighting", sighting_of_ref=indicator()["id"], where_sighted_refs=[here["id"]],
                   first_seen="2026-01-01T10:00:00Z")
        drone = made("sighting", sighting_of_ref=indicator()["id"], where_sighted_refs=[here["id"]],
                     first_seen="2026-01-01T11:00:00Z")
        self.add([here, van, drone])
        self.assertNotIn(drone["id"], str(self.graph(van)))
        self.assertIn((van["id"], drone["id"], "near", "0 m"),
                      self.edges(self.graph(van, within="10m", during="PT1H")))
        self.assertNotIn((van["id"], drone["id"], "near", "0 m"),
                         self.edges(self.graph(van, within="10m", during="PT59M")))
        a = self.n.get("/api/v1/near?" + urlencode({"around": van["id"], "within": "10m",
                                                    "during": "PT1H", "type": "sighting"}))
        self.assertEqual([(o["id"], o["seconds"], o["place_ref"]) for o in a.json["objects"]],
                         [(drone["id"], 3600, here["id"])])

    def test_refused(self):
        o = indicator()
        self.add([o])
        for query in ({"depth": 0}, {"depth": 3}, {"limit": 0}, {"within": "far"},
                      {"within": "5m", "during": "long"}):
            self.graph(o, status=400, **query)
        self.graph("", status=400)
        self.graph("nonsense", status=404)
        self.graph(o, status=401, login=None)
        for query in ("", "around=1,2", "around=1,2&within=x", "around=1&within=1m",
                      "around=1,2&within=1m&limit=0", "around=1,2&within=1m&at=noon"):
            self.assertEqual(self.n.get("/api/v1/near?" + query).status, 400, query)
        self.assertEqual(self.n.get("/api/v1/near?around=note--1&within=1m").status, 404)


if __name__ == "__main__":
    run()
