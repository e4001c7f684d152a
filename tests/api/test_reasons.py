# SPDX-License-Identifier: Apache-2.0
"""A community that asks for a reason: without one nothing that was posted there is read, by any
way; the answer says so to its members in the same bytes whether or not anything is there."""
import http.client
import json
import unittest
from pathlib import Path
from urllib.parse import quote

from node import FORUM, ROOT, Node, basic, indicator, run

TLP = {"AMBER": "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "CLEAR": "94868c89-83c2-464b-929b-a1a8aa3c8487",
       "GREEN": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "RED": "e828b379-4e03-4974-9ac4-e53a884c97c1"}
ASKED = "X-Tocsin-Reason-Asked"
WHY = {"X-Tocsin-Reason": "case 12"}


class Reasons(unittest.TestCase):
    def setUp(self):
        self.n = Node("circle=1", "two=1")
        self.ids = {c["title"]: c["id"] for c in self.n.get("/api/v1/communities").json["communities"]}
        self.circle, self.circle2 = self.ids["circle"], self.ids["circle2"]

    def tearDown(self):
        self.n.close()

    def rules(self, *asks, where="circle"):
        a = self.n.post(f"/api/v1/communities/{where}/rules", {"asks_reason": asks})
        self.assertEqual(a.status, 204, a)

    def post(self, tlp="AMBER", where="circle", login="grid", **more):
        o = indicator(object_marking_refs=["marking-definition--" + TLP[tlp]], **more)
        a = self.n.post(f"/api/v1/objects?community={where}", o, login=login)
        self.assertEqual(a.status, 201, a)
        return o["id"]

    def ways(self, o_id):
        """Every way of reading one object: path and what it is."""
        at = f"{ROOT}collections/{self.circle}/"
        return {"id": f"/api/v1/objects/{o_id}", "versions": f"/api/v1/objects/{o_id}/versions",
                "list": "/api/v1/objects?limit=1000", "one community": "/api/v1/objects?community=circle",
                "graph": f"/api/v1/graph?id={o_id}", "search": "/api/v1/search?q=qwordq",
                "value": "/api/v1/correlate?value=198.51.100.3",
                "objects": at + "objects/", "object": f"{at}objects/{o_id}/",
                "by match": f"{at}objects/?match[id]={o_id}", "manifest": at + "manifest/",
                "taxii versions": f"{at}objects/{o_id}/versions/", "cap": "/cap/"}

    def seen(self, o_id, login="officer", headers=None):
        """The ways by which it is read."""
        return {w for w, path in self.ways(o_id).items()
                if o_id in (a := self.n.get(path, login=login, headers=headers)).body.decode()
                and a.status == 200 or w.endswith("versions") and a.status == 200
                and b"2026-01-01" in a.body}

    def test_every_way(self):
        o = self.post(name="qwordq")
        while not self.n.get("/api/v1/search?q=qwordq").json["objects"] or \
                o not in self.n.get("/api/v1/correlate?value=198.51.100.3").body.decode():
            pass
        every = self.seen(o)
        self.assertEqual(every, set(self.ways(o)) - {"cap"})
        for asks, left in ((["consultation"], set()),
                           (["search"], every - {"search", "value", "graph"}),
                           (["export"], {"id", "versions", "list", "one community", "graph", "search", "value"}),
                           (["deletion", "release", "membership"], every), ([], every)):
            self.rules(*asks)
            for who in ("officer", "grid"):  # a member, and who posted it
                self.assertEqual(self.seen(o, who), left, (asks, who))
                self.assertEqual(self.seen(o, who, WHY), every, (asks, who))

    def test_who_and_what(self):
        """What anybody reads needs no reason; what everybody signed in reads does, of everybody."""
        ids = {tlp: self.post(tlp, login="grid") for tlp in TLP}
        self.rules("consultation")
        read = {(who, why): {t for t, o in ids.items() if self.n.get(
            f"/api/v1/objects/{o}", login=who, headers=WHY if why else None).status == 200}
            for who in ("grid", "officer", "stranger") for why in (False, True)}
        self.assertEqual(read, {
            ("grid", False): {"CLEAR"}, ("grid", True): set(TLP),
            ("officer", False): {"CLEAR"}, ("officer", True): {"CLEAR", "GREEN", "AMBER"},
            ("stranger", False): {"CLEAR"}, ("stranger", True): {"CLEAR", "GREEN"}})

    def test_said_the_same(self):
        """Byte by byte, whether there is nothing, something or much."""
        self.rules("consultation")
        absent = "indicator--00000000-0000-4000-8000-000000000000"

        def answers(o_id):
            got = {}
            for path in ("search?q=qwordq", "correlate?value=198.51.100.3"):  # how far its readers are is no secret
                while not self.n.get("/api/v1/" + path, headers=WHY).json["up_to_date"]:
                    pass
            for who in ("officer", "grid", "stranger"):
                for w, path in self.ways(o_id).items():
                    a = self.n.get(path, login=who)
                    kept = {k: v for k, v in a.headers.items() if k not in ("Date", "X-Tocsin-Lag")}
                    got[who, w] = (a.status, kept, a.body.replace(o_id.encode(), b"ID"))
            return got

        before = answers(absent)
        ids = [self.post(t, name="qwordq") for t in ("AMBER", "GREEN", "RED") for _ in range(3)]
        while self.n.get("/api/v1/search?q=qwordq", headers=WHY).json["objects"] == []:
            pass
        self.assertEqual(answers(absent), before)
        for o in ids:
            self.assertEqual(answers(o), before)
        # members are told, in every answer; nobody else is
        for (who, w), (_, headers, _) in before.items():
            self.assertEqual(headers.get(ASKED), self.circle if who != "stranger" else None, (who, w))
        self.assertNotIn(ASKED, self.n.get("/api/v1/objects", headers=WHY).headers)
        self.assertNotIn(ASKED, self.n.get("/api/v1/objects", login=None).headers)

    def test_for_whom(self):
        """A reason may be meant for some communities only."""
        one, two = self.post(), self.post(where="circle2")
        self.rules("consultation")
        self.rules("consultation", where="circle2")
        for named, there, asked in ((self.circle, (200, 404), self.circle2),
                                    (f"{self.circle2} , {self.circle}", (200, 200), None),
                                    ("nonsense, " + FORUM, (404, 404), f"{self.circle},{self.circle2}"),
                                    (",", (404, 404), f"{self.circle},{self.circle2}"),
                                    ("", (200, 200), None)):
            got = [self.n.get(f"/api/v1/objects/{o}", headers={**WHY, "X-Tocsin-Reason-For": named})
                   for o in (one, two)]
            self.assertEqual(tuple(a.status for a in got), there, named)
            self.assertEqual({a.headers.get(ASKED) for a in got}, {asked})

    def test_forms_of_it(self):
        o = self.post()
        self.rules("consultation")
        for text, status in (("", 404), ("   ", 404), ("x", 200), ("x" * 500, 200), ("x" * 501, 400),
                             ("Zaak 12 \u00e9\u00e9n".encode().decode("latin-1"), 200), ("\u00e9", 400),
                             ("UTF-8''" + quote("één"), 200), ("UTF-8''", 404), ("UTF-8''%0a", 404), ("UTF-8''a%0ab", 400),
                             ("a\tb", 400), ("utf-8''%E2%80%AE", 400)):
            a = self.n.get(f"/api/v1/objects/{o}", headers={"X-Tocsin-Reason": text})
            self.assertEqual(a.status, status, text)
        said = Path(self.n.dir, "audit", "said", "000000000").read_bytes()
        self.assertTrue(self.n.get("/api/v1/audit/checkpoint").status == 200)
        said = Path(self.n.dir, "audit", "said", "000000000").read_bytes()
        self.assertIn('"why":"één"'.encode(), said)

    def stream(self, login, headers=None, tail=""):
        c = http.client.HTTPConnection(*self.n.address, timeout=30)
        c.request("GET", "/api/v1/stream" + tail, headers={"Authorization": basic(login), **(headers or {})})
        r = c.getresponse()
        return c, r

    def until(self, r, word):
        got = ""
        while word not in got:
            line = r.readline().decode()
            if not line:
                return got + "THE END"
            got += line
        return got

    def test_stream(self):
        self.rules("consultation")
        without, reasoned = self.stream("officer"), self.stream("officer", WHY)
        by_address = self.stream("officer", tail="?reason=" + quote("één zaak"))
        self.assertEqual([s[1].headers.get(ASKED) for s in (without, reasoned, by_address)],
                         [self.circle, None, None])
        o = self.post()
        end = self.post(where=FORUM)
        got = [o in self.until(s[1], end) for s in (without, reasoned, by_address)]
        self.assertEqual(got, [False, True, True])
        for s in (without, reasoned, by_address):
            s[0].close()
        # who reads already does not go on when the community begins to ask
        self.rules()
        c, r = self.stream("officer")
        first = self.post()
        self.assertIn(first, self.until(r, first))
        self.rules("consultation")
        o = self.post()
        self.post(where=FORUM)
        self.assertNotIn(o, self.until(r, "THE END"))
        c.close()

    def test_on_record(self):
        o = self.post()
        self.rules("consultation")
        self.assertEqual(self.n.get(f"/api/v1/objects/{o}", headers={"X-Tocsin-Reason": "fire at 9"}).status, 200)
        self.assertEqual(self.n.get("/api/v1/audit/checkpoint").status, 200)
        said = Path(self.n.dir, "audit", "said", "000000000").read_bytes().decode("latin-1")
        found = [x for x in said.split('{"') if '"why":"fire at 9"' in x]
        self.assertEqual(len(found), 1)
        self.assertIn("consultation", found[0])

    def test_acts_are_seen_with_a_reason(self):
        """Who may see an act about an object there gives the reason for reading it, too."""
        a = self.n.post("/api/v1/communities/circle/rules", {"four_eyes": ["deletion"],
                                                             "asks_reason": ["consultation"]})
        self.assertEqual(a.status, 204, a)
        o = self.post(login="officer")
        path = f"/api/v1/objects/{o}/erase"
        self.assertEqual(self.n.post(path, {"why": "x"}).status, 404)
        self.assertEqual(self.n.post(path, {"why": "x"}, headers=WHY).status, 202)
        acts = [self.n.get("/api/v1/approvals", login="second", headers=h).json["approvals"]
                for h in (None, WHY)]
        self.assertEqual([len(x) for x in acts], [0, 1])
        done = self.n.post(f"/api/v1/approvals/{acts[1][0]['id']}/approve", {"why": "y"},
                           login="second", headers=WHY)
        self.assertEqual((done.status, done.json["state"]), (200, "done"))


if __name__ == "__main__":
    run()
