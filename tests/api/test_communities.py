# SPDX-License-Identifier: Apache-2.0
"""Communities over the JSON interface: who belongs, what each takes part in, joining and leaving at
once and for the past, the life of a community."""
import unittest
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from node import Node, indicator, run

AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
C = "/api/v1/communities/"
ALL = ["receive", "contribute", "release", "steward"]


class Communities(unittest.TestCase):
    def setUp(self):
        self.start("circle=1")

    def start(self, option):
        self.n = Node(option)
        self.org = {w: self.n.get("/api/v1/me", login=w).json["org"]["identity"]
                    for w in ("officer", "grid", "hospital", "stranger")}

    def tearDown(self):
        self.n.close()

    def post(self, where, login="grid", status=201):
        o = indicator(object_marking_refs=[AMBER])
        a = self.n.post(f"/api/v1/objects?community={where}", o, login=login)
        self.assertEqual(a.status, status, a)
        return o["id"]

    def reads(self, who, o_id):
        return self.n.get(f"/api/v1/objects/{o_id}", login=who).status == 200

    def member(self, where, who, takes_part, status=204, login="officer"):
        a = self.n.post(f"{C}{where}/members",
                        {"organisation": self.org[who], "takes_part": takes_part}, login=login)
        self.assertEqual(a.status, status, a)

    def test_joining_and_leaving(self):
        for where, past in (("circle", True), ("circle2", False)):
            before = self.post(where)
            self.assertFalse(self.reads("hospital", before))
            self.member(where, "hospital", ["receive"])
            during = self.post(where)
            self.assertEqual([self.reads("hospital", x) for x in (before, during)], [past, True])
            a = self.n.post(f"/api/v1/audience?community={where}", indicator(), login="grid")
            self.assertEqual({x["identity"] for x in a.json["objects"][0]["organisations"]},
                             {self.org["officer"], self.org["grid"], self.org["hospital"]})
            self.member(where, "hospital", [])
            after = self.post(where)
            self.assertEqual([self.reads("hospital", x) for x in (before, during, after)],
                             [False] * 3)
            # whoever comes back begins anew where the past is not for newcomers
            self.member(where, "hospital", ["receive", "contribute"])
            new = self.post(where, login="officer")
            self.assertEqual([self.reads("hospital", x) for x in (before, during, after, new)],
                             [past] * 3 + [True])
            # more functions for who is there already take nothing away
            self.member(where, "hospital", ALL)
            self.assertTrue(self.reads("hospital", new))
            for x in (before, during, after, new):
                self.assertTrue(self.reads("grid", x))
                self.assertTrue(self.reads("officer", x))

    def test_functions(self):
        """Who only contributes posts and does not read; who only receives does not post."""
        other = self.post("circle")
        self.member("circle", "stranger", ["contribute"])
        own = self.post("circle", login="stranger")
        self.assertEqual([self.reads("stranger", x) for x in (own, other)], [True, False])
        self.assertTrue(self.reads("grid", own))
        self.member("circle", "stranger", ["receive"])
        self.assertTrue(self.reads("stranger", other))
        self.post("circle", login="stranger", status=403)

    def test_who_may_know_and_change(self):
        for who in ("hospital", "stranger"):
            self.assertEqual(self.n.get(C + "circle", login=who).status, 404)
        a = self.n.get(C + "circle", login="grid").json
        self.assertEqual({m["identity"]: m["takes_part"] for m in a["members"]},
                         {self.org["officer"]: ALL, self.org["grid"]: ["receive", "contribute"]})
        self.member("circle", "hospital", ["receive"], 404, login="stranger")
        self.member("circle", "hospital", ["receive"], 403, login="grid")
        self.member("circle", "stranger", ["receive", "contribute"])
        self.member("circle", "hospital", ["receive"], 403, login="stranger")
        self.member("circle", "officer", [], 409)  # nobody would be steward
        self.member("circle", "stranger", ["receive", "steward"])
        self.member("circle", "officer", [], login="stranger")
        self.assertEqual(self.n.get(C + "circle", login="officer").status, 404)
        self.member("circle", "hospital", ["read everything"], 422, login="stranger")
        a = self.n.post(C + "circle/members", {"organisation": f"identity--{uuid.uuid4()}",
                                               "takes_part": ["receive"]}, login="stranger")
        self.assertEqual(a.status, 422)
        inbox = [c for c in self.n.get("/api/v1/communities").json["communities"]
                 if c["kind"] == "inbox"][0]["id"]
        self.member(inbox, "stranger", ["receive"], 403)

    def state(self, where, word, status=204, login="officer"):
        a = self.n.post(f"{C}{where}/state", {"state": word}, login=login)
        self.assertEqual(a.status, status, a)

    def test_life(self):
        o = self.post("circle")
        self.state("circle", "open", 409)
        self.state("circle", "requested", 409)
        self.state("circle", "gone", 422)
        self.state("circle", "read-only", login="grid", status=403)
        self.state("circle", "read-only")
        self.post("circle", status=403)
        a = self.n.get(C + "circle", login="grid").json
        self.assertEqual((a["state"], a["may_write"]), ("read-only", False))
        self.assertTrue(self.reads("grid", o))
        self.state("circle", "open")
        self.post("circle")
        self.state("circle", "archived")
        self.state("circle", "open", 409)
        self.post("circle", status=403)
        self.assertTrue(self.reads("grid", o))
        self.member("circle", "hospital", ["receive"], 409)  # nobody joins any more
        self.member("circle", "grid", [])
        self.assertEqual(self.n.get(C + "circle", login="grid").status, 404)

    def test_alert_area(self):
        """Who reported and who is hit belong to it; nobody else; the end of the event ends it."""
        self.n.close()
        self.start("parts=1")
        asset = "extension-definition--7f729129-a111-599c-9063-c1bc3fdc872a"
        event = "extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622"
        forum = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
        o = indicator(name="ward", object_marking_refs=[AMBER])
        o = {k: v for k, v in o.items() if "pattern" not in k and k != "valid_from"}
        o.update(type="infrastructure", id=o["id"].replace("indicator", "infrastructure"), extensions={
            asset: {"extension_type": "property-extension", "sector": "health", "country": "BE",
                    "latitude": 51.0, "longitude": 4.0, "operator_ref": self.org["hospital"]}})
        self.assertEqual(self.n.add([o]).json["failure_count"], 0)
        a = self.n.post("/api/v1/incidents", {"name": "outage", "started": "2026-11-21T10:00:00Z",
                                              "affected": [o["id"]], "community": forum},
                        login="grid")
        incident = a.json["id"]
        self.assertEqual(self.n.post("/api/v1/alerts", {"incident": incident},
                                     login="stranger").status, 404)
        for _ in range(1000):
            if self.n.get("/api/v1/warnings").json["warnings"]:
                break
        a = self.n.post("/api/v1/alerts", {"incident": incident, "title": "Outage"})
        self.assertEqual((a.status, a.json["joined"], a.json["kind"]), (201, 3, "alert-area"), a)
        area = a.json["id"]
        self.assertEqual({m["identity"] for m in self.n.get(C + area).json["members"]},
                         {self.org[w] for w in ("officer", "grid", "hospital")})
        self.assertEqual(self.n.get(C + area, login="stranger").status, 404)
        o = self.post(area, login="grid")
        self.assertEqual([self.reads(w, o) for w in ("hospital", "stranger")], [True, False])
        again = self.n.post("/api/v1/alerts", {"incident": incident})
        self.assertEqual((again.status, again.json["id"], again.json["joined"]), (200, area, 0))
        self.member(area, "stranger", ["receive"])  # invited
        self.assertTrue(self.reads("stranger", o))
        new = self.n.get(f"/api/v1/objects/{incident}", login="grid").json["object"]
        new.update(modified="2099-01-01T00:00:00.000Z")
        new["extensions"][event]["status"] = "closed"
        self.assertEqual(self.n.add([new], login="grid").json["failure_count"], 0)
        a = self.n.post("/api/v1/alerts", {"incident": incident})
        self.assertEqual((a.json["id"], a.json["state"]), (area, "archived"))
        self.post(area, login="grid", status=403)
        self.assertEqual(self.n.post("/api/v1/alerts", {"incident": incident}).status, 409)

    def test_end(self):
        """By a date, or some days after the event: by itself, on record, and only where that may be."""
        def end(where, status=204, login="officer", **body):
            a = self.n.post(f"{C}{where}/end", body, login=login)
            self.assertEqual(a.status, status, a)
        soon = (datetime.now(timezone.utc) + timedelta(seconds=2)).isoformat()
        end("circle", 403, login="grid")
        end("circle", 404, login="stranger")
        for bad in ({"at": "soon"}, {"at": 5}, {"days_after": 1.5}, {"days_after": 5000},
                    {"at": "2020-01-01T00:00:00Z"}, {"days_after": 7}, {"at": soon, "days_after": 1}):
            end("circle", 422, **bad)
        end("circle", at="2099-01-01T00:00:00Z")
        self.assertEqual(self.n.get(C + "circle", login="grid").json["ends"], "2099-01-01T00:00:00Z")
        end("circle")
        self.assertNotIn("ends", self.n.get(C + "circle").json)
        o = indicator(name="outage", object_marking_refs=[AMBER])
        o = {k: v for k, v in o.items() if "pattern" not in k and k != "valid_from"}
        event = "extension-definition--29d43c73-fbaa-5d82-be34-1e8f06d86622"
        o.update(type="incident", id=o["id"].replace("indicator", "incident"), extensions={
            event: {"extension_type": "property-extension", "started": "2026-01-01T00:00:00Z"}})
        self.assertEqual(self.n.post("/api/v1/objects?community=circle2", o).status, 201)
        area = self.n.post("/api/v1/alerts", {"incident": o["id"]}).json["id"]
        end(area, days_after=3)
        self.assertEqual(self.n.get(C + area).json["ends_days_after"], 3)
        o.update(modified="2026-02-01T00:00:00.000Z")  # over for longer than that
        o["extensions"][event].update(status="closed", ended="2026-01-20T00:00:00Z")
        self.assertEqual(self.n.post("/api/v1/objects?community=circle2", o).status, 201)
        end("circle", at=soon)
        for where in (area, "circle"):
            while self.n.get(C + where).json["state"] != "archived":
                pass
            end(where, 409, at="2099-01-01T00:00:00Z")
        self.assertEqual(self.n.get(C + "circle2").json["state"], "open")
        self.assertEqual(self.n.get("/api/v1/audit/checkpoint").status, 200)
        said = Path(self.n.dir, "audit", "said", "000000000").read_bytes().decode("latin-1")
        self.assertIn("archived by the timer", said)
        self.assertIn("its event is over", said)
        self.assertIn("the time that was set for it is over", said)

    def test_duty_points(self):
        """A test call: who is called answers once, everybody else may not, nobody else sees it."""
        o = {"type": "duty-point", "spec_version": "2.1", "id": f"duty-point--{uuid.uuid4()}",
             "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
             "name": "Control room", "hours": "24/7", "areas": ["NL"], "languages": ["nl", "en"],
             "object_marking_refs": [AMBER]}
        a = self.n.post("/api/v1/objects?community=circle", o, login="grid")
        self.assertEqual(a.status, 201, a)
        points = {w: self.n.get("/api/v1/duty-points", login=w).json["duty_points"]
                  for w in ("officer", "stranger")}
        self.assertEqual([(p["duty_point"], p["newest_call"]) for p in points["officer"]], [(o, [])])
        self.assertEqual(points["stranger"], [])
        red = dict(o, id=f"duty-point--{uuid.uuid4()}", object_marking_refs=[
            "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"])
        self.assertEqual(self.n.post("/api/v1/objects?community=circle", red, login="grid").status, 201)
        a = self.n.post(f"/api/v1/duty-points/{red['id']}/call", {}, login="grid")
        self.assertEqual(a.status, 403)  # a call would name it to colleagues who may not read it
        path = f"/api/v1/duty-points/{o['id']}/call"
        self.assertEqual(self.n.post(path, {}, login="stranger").status, 404)
        for bad in (0, -1, 1.5, "soon", 100000):
            self.assertEqual(self.n.post(path, {"minutes": bad}).status, 422, bad)
        call = self.n.post(path, {}).json["id"]
        state = self.n.get("/api/v1/duty-points").json["duty_points"][0]["newest_call"][0]
        self.assertEqual((state["id"], state["state"]), (call, "called"))
        answer = f"/api/v1/test-calls/{call}/answer"
        self.assertEqual(self.n.post(answer, {}).status, 403)
        self.assertEqual(self.n.post(answer, {}, login="stranger").status, 404)
        self.assertEqual(self.n.post(answer, {}, login="grid").status, 200)
        self.assertEqual(self.n.post(answer, {}, login="grid").status, 409)
        calls = self.n.get("/api/v1/test-calls").json["test_calls"]
        self.assertEqual([(c["state"], c["late"]) for c in calls], [("answered", False)])
        self.assertEqual(self.n.get("/api/v1/test-calls", login="stranger").json["test_calls"], [])
        # one that is over: as somebody else's program would have posted it
        old = dict(self.n.get(f"/api/v1/objects/{call}").json["object"], id=f"test-call--{uuid.uuid4()}",
                   created="2026-01-01T00:00:00.000Z", modified="2026-01-01T00:00:00.000Z",
                   due="2026-01-01T00:15:00.000Z")
        del old["answered_at"], old["seconds"]
        self.assertEqual(self.n.post("/api/v1/objects", old).status, 201)
        calls = self.n.get("/api/v1/test-calls").json["test_calls"]
        self.assertEqual(sorted(c["state"] for c in calls), ["answered", "overdue"])

    def test_confirmations(self):
        """A round asks each operator about what it may read; it answers once, nobody else sees it."""
        asset = "extension-definition--7f729129-a111-599c-9063-c1bc3fdc872a"
        ids = {}
        for where, who in (("circle", "grid"), ("circle2", "grid"), ("circle", "hospital")):
            o = {"type": "infrastructure", "spec_version": "2.1",
                 "id": f"infrastructure--{uuid.uuid4()}", "created": "2026-01-01T00:00:00.000Z",
                 "modified": "2026-01-01T00:00:00.000Z", "name": "Station",
                 "object_marking_refs": [AMBER],
                 "extensions": {asset: {"extension_type": "property-extension",
                                        "operator_ref": self.org[who], "as_of": "2024-02-03"}}}
            self.assertEqual(self.n.post(f"/api/v1/objects?community={where}", o).status, 201)
            ids.setdefault(who, []).append(o["id"])
        path = "/api/v1/confirmations"
        for bad in ({"due": "soon"}, {"due": 5}, {"round": 7}, {"operators": []},
                    {"operators": "grid"}, {"operators": [1]}, {"due": "2026-01-01T00:00:00Z"},
                    {"round": "x" * 201}):
            self.assertEqual(self.n.post(path, bad).status, 422, bad)
        self.assertEqual(self.n.post(path, {"operators": ["nobody"]}).status, 404)
        a = self.n.post(path, {"round": "winter"})
        self.assertEqual(a.status, 201, a)
        # what the hospital runs is in a community to which it does not belong
        self.assertEqual([(c["operator_ref"], c["assets"]) for c in a.json["confirmations"]],
                         [(self.org["grid"], 2)])
        self.assertEqual(a.json["unreadable"], 1)
        self.assertEqual(self.n.post(path, {"round": "winter"}).status, 409)
        c = a.json["confirmations"][0]["id"]
        seen = {w: [x["state"] for x in self.n.get(path, login=w).json["confirmations"]]
                for w in ("officer", "grid", "hospital", "stranger")}
        self.assertEqual(seen, {"officer": ["asked"], "grid": ["asked"], "hospital": [],
                                "stranger": []})
        o = self.n.get(f"/api/v1/objects/{c}", login="grid").json["object"]
        self.assertEqual(sorted(o["asset_refs"]), sorted(ids["grid"]))
        self.assertEqual(self.n.get(f"/api/v1/objects/{c}", login="hospital").status, 404)
        answer = f"{path}/{c}/answer"
        for body in ({}, {"state": "overdue"}, {"state": "corrected"},
                     {"state": "confirmed", "note": 1}, {"state": "confirmed", "note": "x" * 4001}):
            self.assertEqual(self.n.post(answer, body, login="grid").status, 422, body)
        yes = {"state": "confirmed"}
        self.assertEqual(self.n.post(answer, yes).status, 403)
        self.assertEqual(self.n.post(answer, yes, login="stranger").status, 404)
        status = self.n.get("/api/v1/status", login="grid").json["confirmations"]
        self.assertEqual(status, {"asked": 1, "overdue": 0, "answered": 0})
        health = "/api/v1/register/health"
        def quiet(who):
            a = self.n.get(health, login=who).json
            return (a["entries"], a["stale"], {x["by"] for x in a["stale_entries"]},
                    {x["operator_ref"] for x in a["operators"]})
        two = {self.org["grid"], self.org["hospital"]}
        self.assertEqual(quiet("officer"), (3, 3, {"as of"}, two))
        self.assertEqual(quiet("grid"), (3, 3, {"as of"}, two))
        self.assertEqual(quiet("hospital"), (0, 0, set(), set()))
        self.assertEqual(self.n.get(health + "?older=P3650D").json["stale"], 0)
        self.assertEqual(self.n.get(health + "?older=soon").status, 400)
        self.assertEqual(self.n.post(answer, yes, login="grid").status, 204)
        self.assertEqual(quiet("officer"), (3, 1, {"as of"}, {self.org["hospital"]}))
        self.assertEqual(self.n.post(answer, yes, login="grid").status, 409)
        # what it says of itself is not altered from outside
        o.update(modified="2099-01-01T00:00:00.000Z", state="asked")
        self.assertNotEqual(self.n.post("/api/v1/objects", o, login="grid").status, 201)
        a = self.n.get(path).json
        self.assertEqual([(x["state"], x["late"], x["assets"]) for x in a["confirmations"]],
                         [("confirmed", False, 2)])
        self.assertEqual(self.n.get(path + "?state=overdue").json,
                         {"confirmations": [], "overdue": 0})
        self.assertEqual(self.n.get(path + "?state=asked").status, 400)
        status = self.n.get("/api/v1/status", login="stranger").json["confirmations"]
        self.assertEqual(status, {"asked": 0, "overdue": 0, "answered": 0})

    def test_kept_over_a_restart(self):
        before = self.post("circle2")
        self.member("circle2", "hospital", ["receive"])
        during = self.post("circle2")
        self.state("circle", "read-only")
        self.n.close(keep=True)
        self.n = Node("circle=1", keep=self.n.dir)
        self.assertEqual([self.reads("hospital", x) for x in (before, during)], [False, True])
        self.assertEqual(self.n.get(C + "circle").json["state"], "read-only")
        self.member("circle2", "stranger", ["receive"])
        self.assertEqual([self.reads("stranger", x) for x in (before, during)], [False, False])


if __name__ == "__main__":
    run()
