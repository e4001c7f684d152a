# SPDX-License-Identifier: Apache-2.0
"""Side channels: two nodes with the same people and the same history, but for what one reader may
not read: the first has none of it. Whatever that reader asks, both answer the same bytes: lists and
their pages, "more", manifest, versions, searching, correlation, the map, CAP feed, event stream,
errors, lengths and headers.

What may differ, and is made equal before the comparison: date_added and the header fields made of
it (each node has its own clock; they are numbered as they appear, so order and equality count);
sealed places (next, before, event ids: a number under the node's key; only the length counts); the
header Date. Not compared: warnings, which are reckoned over everybody's dependencies on purpose
and are cut in src/warn, and times of answers."""
import http.client
import os
import random
import re
import shutil
import tempfile
import unittest
import uuid

from node import ADDING, FORUM, OTHER, PUBLIC, READ_ONLY, ROOT, Node, basic, indicator, run

C = ROOT + "collections/"
TLP = {"CLEAR": "94868c89-83c2-464b-929b-a1a8aa3c8487",
       "GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
       "AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
       "RED": "e828b379-4e03-4974-9ac4-e53a884c97c1"}
ASSET = "extension-definition--7f729129-a111-599c-9063-c1bc3fdc872a"
EVERYBODY = {"officer", "grid", "hospital", "stranger"}
# poster, collection, marking -> who reads it
WAYS = [("grid", FORUM, "AMBER", {"officer", "grid", "hospital"}),
        ("grid", FORUM, "RED", {"grid"}),
        ("officer", FORUM, "AMBER", {"officer", "grid", "hospital"}),
        ("officer", FORUM, "RED", {"officer"}),
        ("officer", FORUM, "GREEN", EVERYBODY),
        ("officer", ADDING, "GREEN", EVERYBODY),
        ("officer", ADDING, "AMBER", {"officer"}),
        ("officer", PUBLIC, "CLEAR", EVERYBODY | {None}),
        ("officer", PUBLIC, "AMBER", {"officer"}),
        ("stranger", OTHER, "AMBER", {"stranger"}),
        ("stranger", OTHER, "GREEN", EVERYBODY)]
STEPS = 90
PAGE = 4
POSTED = "2026-01-"  # times that the tests write; others are the node's
TIME = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+Z")
SEAL = re.compile(r'(?<="next":")[^"]+|(?<=before=)[\w-]+|(?<=^id: )[^\n]+', re.M)


def equal_form(text):
    """Without what is each node's own."""
    seen = {}

    def time(m):
        t = m.group()
        return t if t.startswith(POSTED) else f"<time {seen.setdefault(t, len(seen))}>"
    return SEAL.sub(lambda m: f"<place {len(m.group())}>", TIME.sub(time, text))


class Two:
    """The bare node (0) has only what the reader reads; the full one (1) has all."""

    def __init__(self, reader, seed):
        self.reader, self.roll = reader, random.Random(seed)
        first = Node()
        first.close(keep=True)
        second = os.path.join(tempfile.mkdtemp(prefix="tocsin-side-"), "node")
        shutil.copytree(first.dir, second, ignore=shutil.ignore_patterns("*.sock"))
        self.nodes = [Node(keep=first.dir), Node(keep=second)]
        self.objects = []  # id, type, poster, collection, [(version, readers)]
        self.hidden_ids, self.streams, self.told, self.marks = [], [], ["", ""], random.Random(seed)
        if reader:
            for n in self.nodes:
                c = http.client.HTTPConnection(*n.address, timeout=30)
                c.request("GET", "/api/v1/stream", headers={"Authorization": basic(reader)})
                self.streams.append((c, c.getresponse()))

    def close(self):
        for c, _ in self.streams:
            c.close()
        for n in self.nodes:
            n.close()

    # ---- the history ----

    def on(self, readers):
        return self.nodes if self.reader in readers else self.nodes[1:]

    def add(self, o, poster, where, readers):
        for n in self.on(readers):
            a = n.add([o], where, login=poster)
            assert a.json["failure_count"] == 0, a.json

    def object(self, known, day, marking):
        kind = known["type"]
        o = indicator(str(uuid.UUID(known["id"].split("--")[1])), name=f"thing {day} {marking}",
                      pattern=f"[domain-name:value = 'd{self.roll.randrange(6)}.example']",
                      modified=f"{POSTED}{day:02d}T00:00:00.000Z",
                      object_marking_refs=["marking-definition--" + TLP[marking]])
        if kind == "infrastructure":
            o = {k: v for k, v in o.items() if "pattern" not in k and k != "valid_from"}
            o.update(type=kind, extensions={ASSET: {
                "extension_type": "property-extension", "sector": "energy", "country": "NL",
                "latitude": float(day), "longitude": 5.0}})
        o["id"] = known["id"]
        return o

    def step(self):
        act = self.roll.random()
        if act < 0.55 or not self.objects:
            poster, where, marking, readers = self.roll.choice(WAYS)
            kind = self.roll.choice(["indicator", "indicator", "infrastructure"])
            number = uuid.UUID(int=self.roll.getrandbits(128), version=4)
            known = {"id": f"{kind}--{number}", "type": kind, "poster": poster, "where": where,
                     "there": [], "day": 1}
            self.objects.append(known)
        else:
            known = self.roll.choice(self.objects)
            if act > 0.92:
                return self.delete(known)
            known["day"] += 1
            if known["day"] > 28:
                return None
            _, _, marking, readers = self.roll.choice(
                [w for w in WAYS if w[:2] == (known["poster"], known["where"])])
        self.add(self.object(known, known["day"], marking), known["poster"], known["where"], readers)
        known["there"].append(readers)
        return None

    def delete(self, known):
        if not known["there"]:
            return
        path = f"{C}{known['where']}/objects/{known['id']}/?match[version]=all"
        readable = any(self.reader in r for r in known["there"])
        if readable:  # a stream that is behind would tell of the end only, and how far it is behind is chance
            self.catch_up(f"mark {self.marks.random()}")
        for n in self.nodes if readable else self.nodes[1:]:
            a = n.call("DELETE", path, login=known["poster"])
            assert a.status == 200, a
        known["there"] = []

    # ---- the questions ----

    def ask(self, path, method="GET", body=None):
        """Both answers in equal form, the rest of their pages with them."""
        said = []
        for n in self.nodes:
            pages, at = [], path
            for _ in range(60):
                a = n.call(method, at, body, login=self.reader)
                text = a.body.decode()
                kept = [f"{k}: {v}" for k, v in sorted(a.headers.items()) if k != "Date"]
                pages.append("\n".join([str(a.status), *kept, text]).replace(n.url, "URL"))
                more = re.search(r'"next":"([^"]+)"', text)
                if not more or "next=" in path:
                    break
                at = path + ("&" if "?" in path else "?") + "next=" + more.group(1)
            said.append(equal_form("\n".join(pages)))
        return said

    def settle(self):
        for n in self.nodes:
            for path in ("/api/v1/search?q=thing", "/api/v1/correlate?value=d0.example"):
                while not n.get(path).json["up_to_date"]:
                    pass

    def catch_up(self, name):
        """Both streams, to an object that both get."""
        if not self.streams:
            return
        o = indicator(str(uuid.UUID(int=self.marks.getrandbits(128), version=4)), name=name,
                      object_marking_refs=["marking-definition--" + TLP["CLEAR"]])
        self.add(o, "officer", PUBLIC, EVERYBODY | {None})
        for i, (_, r) in enumerate(self.streams):
            while name not in self.told[i]:
                self.told[i] += r.readline().decode()

    def events(self):
        self.catch_up("the end")
        # comments keep the line alive, whenever
        return [equal_form(re.sub(r"^:.*\n", "", text, flags=re.M)) for text in self.told]

    def questions(self):
        for c in (FORUM, ADDING, OTHER, PUBLIC, READ_ONLY):
            yield f"{C}{c}/"
            for tail in ("objects", "manifest"):
                yield f"{C}{c}/{tail}/"
                yield f"{C}{c}/{tail}/?limit={PAGE}"
                yield f"{C}{c}/{tail}/?limit={PAGE}&match[version]=all"
                yield f"{C}{c}/{tail}/?match[version]=first&match[type]=indicator"
        for query in ("", f"?limit={PAGE}", f"?type=indicator&limit={PAGE}",
                      f"?community={FORUM}", f"?community={OTHER}"):
            yield "/api/v1/objects" + query
        yield "/api/v1/communities"
        yield "/api/v1/status"
        yield "/api/v1/assets.geojson"
        yield "/api/v1/warnings"
        yield "/cap/"
        for q in ("thing", "thing RED", "AMBER", "nothing"):
            yield f"/api/v1/search?q={q.replace(' ', '%20')}"
            yield f"/api/v1/search?q={q.replace(' ', '%20')}&limit={PAGE}"
        for d in range(7):
            yield f"/api/v1/correlate?value=d{d}.example"
        for near in ("around=4,5&within=300km", f"around=4,5&within=1000km&limit={PAGE}",
                     "around=0,5&within=1000km&during=P1D&at=2026-01-01T00:00:00Z"):
            yield f"/api/v1/near?{near}"
        for o in self.objects:
            for path in (f"{C}{o['where']}/objects/{o['id']}/",
                         f"{C}{o['where']}/objects/{o['id']}/versions/",
                         f"{C}{o['where']}/objects/{o['id']}/?match[version]=all",
                         f"{C}{o['where']}/manifest/?match[id]={o['id']}",
                         f"/api/v1/objects/{o['id']}", f"/api/v1/objects/{o['id']}/versions",
                         f"/api/v1/search?q={o['id']}", f"/api/v1/near?around={o['id']}&within=200km",
                         f"/api/v1/graph?id={o['id']}&depth=2&within=200km",
                         f"/api/v1/graph?id={o['id']}&limit=3", f"/api/v1/warnings/{o['id']}",
                         f"/cap/{o['id']}"):
                yield path


class Side(unittest.TestCase):
    def compare(self, reader, seed):
        two = Two(reader, seed)
        try:
            for _ in range(STEPS):
                two.step()
            hidden = sum(reader not in r for o in two.objects for r in o["there"])
            seen = sum(reader in r for o in two.objects for r in o["there"])
            self.assertGreater(hidden, 10)
            self.assertGreater(seen, 1)
            two.settle()
            for path in two.questions():
                for method in ("GET", "HEAD") if "limit" not in path else ("GET",):
                    bare, full = two.ask(path, method)
                    self.assertEqual(bare, full, (reader, seed, method, path))
            if two.streams:
                self.assertEqual(*two.events(), (reader, seed))
        finally:
            two.close()


def add_tests():
    for reader in ("hospital", "grid", "stranger", None):
        for seed in (1, 2):
            def test(self, reader=reader, seed=seed):
                self.compare(reader, seed)
            setattr(Side, f"test_{reader or 'anonymous'}_{seed}", test)


add_tests()

if __name__ == "__main__":
    run()
