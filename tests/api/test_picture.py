# SPDX-License-Identifier: Apache-2.0
"""The live picture: forecasts that meet facts; and what a warning reveals, also by difference: two
registers that differ in what the recipient may not know give it the same warnings, and where the
outcome differs, only what it is entitled to does."""
import json
import random
import re
import time
import unittest
import uuid

from node import ADDING, FORUM, Node, run
from test_impact import ASSET, STAMP, dependency_extension

EVENT = "extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622"
PLAIN = "property-extension"


def new(kind):
    return f"{kind}--{uuid.uuid4()}"


class Picture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node("parts=1")
        cls.org = {w: cls.n.get("/api/v1/me", login=w).json["org"]["identity"]
                   for w in ("officer", "grid", "hospital")}

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    # ---- what is posted ----

    def asset(self, name, who="officer", sector="energy", lat=52.0, where=ADDING, people=100,
              country="NL", place=0):
        """place: ids are in this order, since equal times are told in the order of ids."""
        o = {"type": "infrastructure", "id": f"infrastructure--{place}" + str(uuid.uuid4())[1:],
             "name": name, **STAMP,
             "extensions": {ASSET: {"extension_type": PLAIN, "sector": sector, "country": country,
                                    "people": people, "latitude": lat, "longitude": 5.0,
                                    "operator_ref": self.org[who]}}}
        self.put([o], where)
        return o["id"]

    def needs(self, a, b, service="electricity", buffer=None, group="a", need="1"):
        e = {"extension_type": PLAIN, "service": service, "mode": "flow", "group": group,
             "need": need}
        if buffer:
            e["buffer"] = buffer
        self.put([{"type": "relationship", "id": new("relationship"), **STAMP,
                   "relationship_type": "depends-on", "source_ref": a, "target_ref": b,
                   "extensions": {dependency_extension(): e}}], ADDING)

    def put(self, objects, where):
        a = self.n.add(objects, where)
        self.assertTrue(a.status == 202 and not a.json["failure_count"], a)

    def incident(self, started, o_id=None, version=0, where=ADDING, login="officer", **event):
        o = {"type": "incident", "id": o_id or new("incident"), "name": "outage", **STAMP,
             "extensions": {EVENT: {"extension_type": PLAIN, "started": started, **event}}}
        o["modified"] = f"2026-01-01T00:00:{version:02}.000Z"
        a = self.n.add([o], where, login=login)
        self.assertTrue(a.status == 202 and not a.json["failure_count"], a)
        return o["id"]

    # ---- what is concluded ----

    def settle(self):
        until = time.monotonic() + 30
        while self.n.get("/api/v1/status").json.get("lag", 0) and time.monotonic() < until:
            time.sleep(0.01)

    def findings(self, asset, rule="impact"):
        a = self.n.get("/api/v1/objects?type=finding&limit=1000").json["objects"]
        found = [o.get("object", o) for o in a]
        return [f for f in found if asset in f["about_refs"] and f["rule"] == rule]

    def wait_for(self, what):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            got = what()
            if got:
                return got
            time.sleep(0.01)
        self.fail("it was not found")
        return None

    # ---- forecast meets fact ----

    def test_forecast_comes_true(self):
        sub, pump = self.asset("S"), self.asset("P")
        self.needs(pump, sub, buffer="PT2H")
        first = self.incident("2026-03-01T10:00:00Z", affected_refs=[sub])
        f = self.wait_for(lambda: self.findings(pump))[0]
        self.assertEqual((f["from"], f["status"]), ("2026-03-01T12:00:00.000Z", "open"))
        self.incident("2026-03-01T11:50:00Z", affected_refs=[pump], cause="supply")
        f = self.wait_for(lambda: [x for x in self.findings(pump)
                                   if x.get("forecast") == "confirmed"])[0]
        self.assertEqual((f["evidence_refs"], f["status"]), ([first], "open"))
        self.wait_for(lambda: [x for x in self.findings(pump) if x["how"] == "direct"])
        # it is no contradiction, and the report does not spare what was foretold
        self.assertEqual(self.findings(pump, "contradiction"), [])
        self.assertEqual({x["status"] for x in self.findings(pump)}, {"open"})

    def test_measurement(self):
        """A substation at 40 % sheds who comes later in the order of service; an update changes it."""
        sub = self.asset("S", place=1)
        shops = [self.asset("H", place=2 + k) for k in range(4)]
        for shop in shops:
            self.needs(shop, sub, buffer="PT1H")
        def left(part):
            return {"capacities": [{"asset_ref": sub, "left": part}]}
        def down(want):
            self.wait_for(lambda: {s for s in shops for f in self.findings(s)
                                   if f["status"] == "open"} == set(want))
        i = self.incident("2026-03-08T10:00:00Z", **left(0.5))
        down(shops[2:])
        f = self.findings(shops[3])[0]
        self.assertEqual((f["from"], f["how"], f["evidence_refs"]),
                         ("2026-03-08T11:00:00.000Z", "supply", [i]))
        self.assertEqual([c["asset_ref"] for c in f["causes"]], [sub])
        self.assertEqual(self.findings(sub), [])  # it works
        self.incident("2026-03-08T10:00:00Z", o_id=i, version=1, **left(0.25))
        down(shops[1:])
        self.incident("2026-03-08T10:00:00Z", o_id=i, version=2, **left(0.75))
        down(shops[3:])
        self.assertEqual(self.findings(shops[1])[0]["change"], "spared")
        # an outage of the same substation beside it, and its end
        j = self.incident("2026-03-08T12:00:00Z", affected_refs=[sub])
        down(shops)
        self.incident("2026-03-08T12:00:00Z", o_id=j, version=1, affected_refs=[sub],
                      status="closed")
        down(shops[3:])
        self.incident("2026-03-08T10:00:00Z", o_id=i, version=3, **left(1))
        down([])
        for bad in (2, -0.1, "40%"):
            o = {"type": "incident", "id": new("incident"), "name": "x", **STAMP,
                 "extensions": {EVENT: {"extension_type": PLAIN, **left(bad)}}}
            a = self.n.add([o], ADDING).json
            self.assertEqual(a["failure_count"], 1)
            self.assertIn("capacities[0].left", str(a["failures"]))

    def test_planned_work(self):
        """Work that is yet to begin: the times are to come, and nobody calls it observed."""
        sub, pump = self.asset("S"), self.asset("P")
        self.needs(pump, sub, buffer="PT2H")
        i = self.incident("2098-03-01T10:00:00Z", affected_refs=[sub],
                          expected_end="2098-03-01T18:00:00Z")
        f = self.wait_for(lambda: self.findings(pump))[0]
        self.assertEqual((f["from"], f["until"], f["status"], f["change"], f["certainty"]),
                         ("2098-03-01T12:00:00.000Z", "2098-03-01T18:00:00.000Z", "open", "new",
                          "Likely"))
        f = self.wait_for(lambda: self.findings(sub))[0]
        self.assertEqual((f["from"], f["certainty"]), ("2098-03-01T10:00:00.000Z", "Likely"))
        self.assertNotIn("unconfirmed", f)
        self.incident("2098-03-01T10:00:00Z", o_id=i, version=1, affected_refs=[sub],
                      expected_end="2098-03-01T11:00:00Z")  # shorter than the buffer lasts
        self.wait_for(lambda: [x for x in self.findings(pump) if x["change"] == "spared"])

    def test_missing_dependency(self):
        sub, mast = self.asset("S", lat=48.0), self.asset("M", lat=48.1)
        far = self.asset("F", lat=60.0)
        self.incident("2026-03-02T10:00:00Z", affected_refs=[sub])
        self.incident("2026-03-02T10:00:00Z", affected_refs=[far])
        self.wait_for(lambda: self.findings(sub) and self.findings(far))
        report = self.incident("2026-03-02T11:00:00Z", affected_refs=[mast], cause="unknown")
        c = self.wait_for(lambda: self.findings(mast, "contradiction"))[0]
        self.assertEqual(c["contradiction"], "missing-dependency")
        self.assertEqual(c["evidence_refs"], [report])
        suspects = [x["asset_ref"] for x in c["causes"]]
        self.assertEqual(suspects[0], sub)
        self.assertNotIn(far, suspects)
        # a fault of its own is no contradiction
        other = self.asset("O", lat=48.1)
        self.incident("2026-03-02T11:00:00Z", affected_refs=[other], cause="own")
        self.wait_for(lambda: self.findings(other))
        self.assertEqual(self.findings(other, "contradiction"), [])

    def test_it_works_though_foretold(self):
        sub, pump = self.asset("S"), self.asset("P", who="grid", where=FORUM)
        self.needs(pump, sub)
        self.incident("2026-03-03T10:00:00Z", affected_refs=[sub])
        self.wait_for(lambda: self.findings(pump))
        # somebody else's word does not count, its operator's does
        self.incident("2026-03-03T12:00:00Z", standing_refs=[pump, sub], where=FORUM, login="grid")
        c = self.wait_for(lambda: self.findings(pump, "contradiction"))[0]
        self.assertEqual(c["contradiction"], "stands")
        self.assertEqual(self.findings(sub, "contradiction"), [])
        self.wait_for(lambda: [x for x in self.findings(pump)
                               if x.get("forecast") == "contradicted"])

    def test_storm_and_substation(self):
        sub, pump = self.asset("S", lat=30.0), self.asset("P", lat=31.0)
        self.needs(pump, sub, buffer="PT1H")
        storm = self.incident("2026-03-04T08:00:00Z", areas=[
            {"circle": {"latitude": 31.0, "longitude": 5.0, "radius_km": 20}}])
        f = self.wait_for(lambda: self.findings(pump))[0]
        self.assertEqual((f["how"], f["certainty"]), ("area", "Possible"))
        self.incident("2026-03-04T10:00:00Z", affected_refs=[sub])
        both = self.wait_for(lambda: len(self.findings(pump)) == 2 and self.findings(pump))
        said = {x["how"]: (x["from"], x["certainty"]) for x in both}
        self.assertEqual(said, {"area": ("2026-03-04T08:00:00.000Z", "Possible"),
                                "supply": ("2026-03-04T11:00:00.000Z", "Likely")})
        self.incident("2026-03-04T08:00:00Z", o_id=storm, version=1, status="closed")
        self.wait_for(lambda: [x for x in self.findings(pump)
                               if x["how"] == "area" and x["status"] == "closed"])

    def test_expected_end_passes(self):
        """Nothing closes by the clock: it is said that nobody has confirmed it."""
        sub = self.asset("S")
        soon = time.time() + 1.2
        end = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(soon)) + f".{int(soon % 1 * 1000):03}Z"
        i = self.incident("2026-03-06T10:00:00Z", affected_refs=[sub], expected_end=end)
        f = self.wait_for(lambda: self.findings(sub))[0]
        self.assertNotIn("unconfirmed", f)
        f = self.wait_for(lambda: [x for x in self.findings(sub) if x.get("unconfirmed")])[0]
        self.assertEqual((f["status"], f["modified"], f["change"]), ("open", end, "same"))
        self.incident("2026-03-06T10:00:00Z", o_id=i, version=1, status="closed")
        f = self.wait_for(lambda: [x for x in self.findings(sub) if x["status"] == "closed"])[0]
        self.assertNotIn("unconfirmed", f)

    def test_changed_register(self):
        """A need that comes and goes under an open incident: hit, then spared."""
        sub, shop = self.asset("S"), self.asset("H")
        self.incident("2026-03-05T10:00:00Z", affected_refs=[sub])
        self.wait_for(lambda: self.findings(sub))
        e = {"extension_type": PLAIN, "service": "electricity", "mode": "flow", "need": "1"}
        link = {"type": "relationship", "id": new("relationship"), **STAMP,
                "relationship_type": "depends-on", "source_ref": shop, "target_ref": sub,
                "extensions": {dependency_extension(): e}}
        self.put([link], ADDING)
        self.wait_for(lambda: [x for x in self.findings(shop) if x["status"] == "open"])
        self.put([{**link, "modified": "2026-01-02T00:00:00.000Z", "revoked": True}], ADDING)
        self.wait_for(lambda: [x for x in self.findings(shop) if x["change"] == "spared"])



class Exposure(unittest.TestCase):
    """Random registers: sources and substations that the hospital's organisation may not read, one
    that it may, and its own sites below them."""
    setUpClass, tearDownClass = Picture.__dict__["setUpClass"], Picture.__dict__["tearDownClass"]
    asset, needs, put = Picture.asset, Picture.needs, Picture.put
    incident, wait_for = Picture.incident, Picture.wait_for

    def register(self, r, change):
        """One register and one outage at its top; `change` alters one fact upstream."""
        names = {}

        def add(label, name=None, **more):
            names[label] = self.asset(name or label, **more)
            return names[label]
        country = r.choice(["NL", "BE"])
        hours = r.randint(1, 5)
        top = add("top", name="Mill" if change == "name" else "Quartz", country=country,
                  people=5 if change == "people" else 5000, lat=40 if change == "place" else 41)
        mid = [add(f"mid{i}", country=country) for i in range(2)]
        spare = add("spare", name="spare", country=country)
        shown = add("shown", name="Opal", where=FORUM, country=country)
        for m in mid:
            self.needs(m, top, buffer=f"PT{hours + (3 if change == 'outcome' else 0)}H",
                       group="b" if change == "group" else "a")
        self.needs(shown, top, buffer=f"PT{hours}H")
        if change == "more":  # another asset of others is hit, too
            self.needs(spare, top)
        sites = [add(f"site{i}", who="hospital", sector="health", people=7, place=i) for i in range(3)]
        buffers = [r.randint(1, 9) for _ in sites]
        for s, b in zip(sites, buffers):
            order = mid if change != "order" else mid[::-1]
            for m in order:
                self.needs(s, m, buffer=f"PT{b}H")
        self.needs(sites[0], shown, service="steam")
        if change == "chain":  # one more link, at once
            link = add("link", name="link", country=country)
            self.needs(top, link)
            names["out"] = link
        else:
            names["out"] = top
        return names

    def told(self, names, day):
        self.incident(f"2026-04-{day:02}T10:00:00Z", affected_refs=[names["out"]])
        mine = {names[x] for x in names if x.startswith("site")}

        def draft():
            for w in self.n.get("/api/v1/warnings?limit=1000").json["warnings"]:
                if len(mine & {h["asset_ref"] for h in w["hits"]}) == len(mine):
                    return w
            return None
        w = self.wait_for(draft)
        a = self.n.post(f"/api/v1/warnings/{w['id']}/release", {})
        self.assertEqual(a.status, 200, a)
        got = self.n.get("/api/v1/warnings/" + w["id"], login="hospital")
        self.assertEqual(got.status, 200)
        text = got.body.decode()
        for label, o_id in names.items():
            if label.startswith("site") or label == "shown":
                text = text.replace(o_id, label)
            else:
                self.assertNotIn(o_id, text, label)
        for secret in ("Quartz", "Mill", "mid0", "mid1", "spare", "link", "people"):
            self.assertNotIn(secret, text)
        text = re.sub(r"warning--[0-9a-f-]{36}", "warning", text)
        return json.loads(text)

    def flat(self, x, path=""):
        if isinstance(x, dict):
            return {k: v for n in x for k, v in self.flat(x[n], f"{path}.{n}").items()}
        if isinstance(x, list):
            return {k: v for i, e in enumerate(x) for k, v in self.flat(e, f"{path}[]{i}").items()}
        return {path: x}

    def compare(self, seed, change, day):
        """Paths in which the two warnings differ; when they were made is not theirs to keep."""
        a = self.flat(self.told(self.register(random.Random(seed), None), day))
        b = self.flat(self.told(self.register(random.Random(seed), change), day))
        made = {".created", ".modified", ".sent"}
        paths = {re.sub(r"\[\]\d+", "", p) for p in a.keys() | b.keys()
                 if a.get(p) != b.get(p)} - made
        return paths

    def test_hidden_facts_make_no_difference(self):
        for seed, change in enumerate(("name", "people", "place", "group", "order", "more", "chain",
                                       "name", "more", "chain")):
            self.assertEqual(self.compare(seed, change, 1 + seed), set(), (seed, change))

    def test_only_the_outcome_differs(self):
        for seed in (20, 21, 22):
            paths = self.compare(seed, "outcome", seed)
            self.assertTrue(paths, seed)
            self.assertLessEqual(paths, {".onset", ".urgency", ".response_types", ".hits.at",
                                         ".hits.asset_ref", ".hits.name", ".hits.service",
                                         ".hits.causes.sector", ".hits.causes.country",
                                         ".hits.causes.asset_ref", ".hits.causes.name",
                                         ".areas.circle.latitude", ".areas.label",
                                         ".texts.headline", ".texts.description",
                                         ".texts.instruction"})


if __name__ == "__main__":
    run()
