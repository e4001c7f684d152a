# SPDX-License-Identifier: Apache-2.0
"""What if and what is critical: two scenarios side by side; everybody over what they may read; the
live picture is not touched; numbers of people that are too small are not told."""
import json
import os
import unittest
import uuid

from node import ADDING, FORUM, Node, run

ASSET = "extension-definition--7f729129-a111-599c-9063-c1bc3fdc872a"
STAMP = {"spec_version": "2.1", "created": "2026-01-01T00:00:00.000Z",
         "modified": "2026-01-01T00:00:00.000Z"}


def dependency_extension():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../src/model/extensions.h")) as f:
        for line in f:
            if "TC_EXT_DEPENDENCY" in line:
                return line.split('"')[1]
    raise AssertionError("no id")


def asset(name, country, people, lat=52.0):
    return {"type": "infrastructure", "id": f"infrastructure--{uuid.uuid4()}", "name": name, **STAMP,
            "extensions": {ASSET: {"extension_type": "property-extension", "sector": "energy",
                                   "country": country, "people": people, "latitude": lat,
                                   "longitude": 5.0}}}


def needs(a, b, service, buffer=None, mode="flow"):
    e = {"extension_type": "property-extension", "service": service, "mode": mode, "need": "1"}
    if buffer:
        e["buffer"] = buffer
    return {"type": "relationship", "id": f"relationship--{uuid.uuid4()}", **STAMP,
            "relationship_type": "depends-on", "source_ref": a["id"], "target_ref": b["id"],
            "extensions": {dependency_extension(): e}}


class Impact(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = n = Node()
        cls.sub, cls.hosp = asset("Substation", "NL", 0), asset("Hospital", "NL", 4000)
        cls.school, cls.hut = asset("School", "BE", 300), asset("Hut", "BE", 7, lat=40.0)
        open_to_all = [cls.sub, cls.hosp, cls.hut, needs(cls.hut, cls.sub, "electricity")]
        hidden = [cls.school, needs(cls.hosp, cls.sub, "electricity", "PT8H"),
                  needs(cls.school, cls.sub, "electricity", "PT2H")]
        for objects, where in ((open_to_all, FORUM), (hidden, ADDING)):
            a = n.add(objects, where)
            assert a.status == 202 and not a.json["failure_count"], a

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def ask(self, first, second=None, login="officer", status=200):
        q = {"first": first, **({"second": second} if second else {})}
        a = self.n.post("/api/v1/impact", q, login=login)
        self.assertEqual(a.status, status, a)
        return a.json

    def when(self, scenario):
        return {f["asset"]: f["at"] for f in scenario["failures"]}

    def test_two_scenarios(self):
        a = self.ask({"outages": [self.sub["id"]]},
                     {"outages": [{"asset": self.sub["id"], "from": "PT1H", "to": 14400}],
                      "without": [{"asset": self.school["id"], "service": "electricity"}]})
        self.assertEqual(a["scope"], "all")
        self.assertEqual(self.when(a["first"]), {self.sub["id"]: 0, self.hut["id"]: 0,
                                                 self.school["id"]: 7200, self.hosp["id"]: 28800})
        self.assertEqual(self.when(a["second"]), {self.sub["id"]: 3600, self.hut["id"]: 3600,
                                                  self.school["id"]: 3600})
        d = a["difference"]
        self.assertEqual((d["spared"]["assets"], d["spared"]["people"]), (1, 4000))
        self.assertEqual((d["earlier"]["assets"], d["later"]["assets"]), (1, 2))
        self.assertEqual([(r["change"], r["asset"]) for r in d["rows"]][-1],
                         ("spared", self.hosp["id"]))
        # asking changed nothing: not the picture, not the buffers of the next question
        self.assertEqual(self.n.get("/api/v1/warnings").json["warnings"], [])
        again = self.ask({"outages": [self.sub["id"]]})
        self.assertEqual(self.when(again["first"])[self.school["id"]], 7200)

    def test_how_likely(self):
        """Two scenarios, the same draws: 6 h without a substation and 10 h."""
        first, second = asset("Line", "FR", 0), asset("Clinic", "FR", 500)
        a = self.n.add([first, second, needs(second, first, "electricity", "PT4H..PT12H")], ADDING)
        self.assertFalse(a.json["failure_count"], a)
        six, ten, gone = ({"outages": [{"asset": first["id"], "to": t}]} for t in ("PT6H", "PT10H",
                                                                                  "PT3H"))
        q = {"first": six, "second": ten, "runs": 2000}
        a = self.n.post("/api/v1/impact", q, login="officer").json
        likely = [next(f["likely"] for f in a[k]["failures"] if f["asset"] == second["id"])
                  for k in ("first", "second")]
        self.assertEqual((a["first"]["runs"], a["second"]["runs"]), (2000, 2000))
        self.assertAlmostEqual(likely[0]["p"], 0.25, delta=0.04)
        self.assertAlmostEqual(likely[1]["p"], 0.75, delta=0.04)
        self.assertTrue(14400 <= likely[1]["at_p5"] <= likely[1]["at_p50"] <= likely[1]["at_p95"])
        again = self.n.post("/api/v1/impact", q, login="officer").json
        self.assertEqual(a, again)  # of one seed
        a = self.n.post("/api/v1/impact", {**q, "second": gone}, login="officer").json
        row = a["difference"]["rows"][-1]
        self.assertEqual((row["change"], row["second_likely"]), ("spared", {"p": 0}))
        self.assertEqual(row["first_likely"], likely[0])
        self.assertNotIn("likely", json.dumps(self.ask(six, ten)))

    def test_area(self):
        here = {"circle": {"latitude": 52.0, "longitude": 5.0, "radius_km": 5}}
        a = self.ask({"areas": [here]})
        self.assertEqual(self.when(a["first"])[self.hosp["id"]], 0)
        self.assertEqual(a["first"]["member_states"], 2)

    def test_only_what_one_may_read(self):
        """Others reckon over their part: the hospital's needs are none of it, nor is the school."""
        a = self.ask({"outages": [self.sub["id"]]}, login="grid")
        self.assertEqual(a["scope"], "readable")
        self.assertEqual(set(self.when(a["first"])), {self.sub["id"], self.hut["id"]})
        self.assertNotIn(self.school["id"], json.dumps(a))
        self.assertEqual(a["first"].get("people_below"), 10)  # seven people
        self.assertNotIn("people", a["first"])
        unknown = f"infrastructure--{uuid.uuid4()}"
        answers = {json.dumps(self.ask({"outages": [x]}, login="grid", status=422))
                   for x in (self.school["id"], unknown)}
        self.assertEqual(len(answers), 1)

    def test_wrong_questions(self):
        for q, path in (({"outages": [self.sub["id"], 7]}, "first.outages[1]"),
                        ({"outages": [{"asset": self.sub["id"], "from": 5, "to": 5}]},
                         "first.outages[0]"),
                        ({"outages": [{"asset": self.sub["id"], "to": "PT999999999H"}]},
                         "first.outages[0]"),
                        ({"areas": [{"polygon": [[1, 2]]}]}, "first.areas[0]"),
                        ({"without": [{"asset": self.sub["id"]}]}, "first.without[0]"),
                        ({"without": 3}, "first.without"), (3, "first")):
            a = self.ask(q, status=422)
            self.assertEqual(a["error"]["path"], path, a)

    def test_critical(self):
        a = self.n.get("/api/v1/critical?top=2&by=people&pairs=" +
                       ",".join(x["id"] for x in (self.sub, self.hosp, self.school)))
        self.assertEqual(a.status, 200, a)
        first = a.json["ranking"][0]
        self.assertEqual((first["asset"], first["people"], first["failed"]),
                         (self.sub["id"], 4307, 4))
        self.assertTrue(first["two_or_more_states"])
        self.assertFalse(first["six_or_more_states"])
        self.assertEqual(first["reasons"][0]["through"], self.hosp["id"])
        self.assertEqual({c["result"] for c in first["criteria"]},
                         {"no threshold entered", "not known"})  # none is invented
        self.assertEqual(len(a.json["pairs"]), 3)
        self.assertEqual(self.n.get("/api/v1/critical", login="grid").status, 403)
        self.assertEqual(self.n.get("/api/v1/critical?top=0").status, 400)
        self.assertEqual(self.n.get("/api/v1/critical?pairs=" + self.sub["id"]).status, 422)

    def test_case_file(self):
        with open(os.path.join(self.n.dir, "impact.json"), "w") as f:
            json.dump({"suppress_below": 0, "thresholds": {
                "as_of": "2026-07-01", "decided_by": "<b>nobody</b>", "users": 4000,
                "countries": 3}}, f)
        a = self.n.get("/api/v1/critical/" + self.sub["id"])
        self.assertEqual(a.status, 200, a)
        said = {c["law"]: c["result"] for c in a.json["criteria"]}
        self.assertEqual((said["CER 7(1)(a)"], said["CER 7(1)(e)"], said["CER 7(1)(c)"],
                          said["ECI 3(2)(a)"]),
                         ("reached", "below", "no threshold entered", "not known"))
        page = self.n.get("/api/v1/critical/" + self.sub["id"] + "?as=html")
        self.assertIn(b"<h1>Case file</h1>", page.body)
        self.assertIn(b"&lt;b&gt;nobody", page.body)
        self.assertNotIn(b"<script", page.body)
        self.assertIn(b"| CER 7(1)(a) |",
                      self.n.get("/api/v1/critical/" + self.sub["id"] + "?as=text").body)
        with open(os.path.join(self.n.dir, "impact.json"), "w") as f:
            f.write('{"thresholds": {"usres": 1}}')
        self.assertEqual(self.n.get("/api/v1/critical/" + self.sub["id"]).status, 422)
        os.remove(os.path.join(self.n.dir, "impact.json"))


if __name__ == "__main__":
    run()
