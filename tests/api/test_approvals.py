# SPDX-License-Identifier: Apache-2.0
"""Four eyes: acts that wait for a second person, over every way by which they can be asked for."""
import threading
import unittest

from node import FORUM, ROOT, Node, basic, indicator, run

AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
C, A = "/api/v1/communities/", "/api/v1/approvals"


class Approvals(unittest.TestCase):
    OPTIONS = ("circle=1", "two=1")

    def setUp(self):
        self.n = Node(*self.OPTIONS)
        self.org = {w: self.n.get("/api/v1/me", login=w).json["org"]["identity"]
                    for w in ("officer", "grid", "hospital", "stranger")}

    def tearDown(self):
        self.n.close()

    def rules(self, where, status=204, login="officer", **rules):
        a = self.n.post(f"{C}{where}/rules", rules, login=login)
        self.assertEqual(a.status, status, a)
        return a

    def post(self, where="circle", login="grid", **more):
        o = indicator(object_marking_refs=[AMBER], **more)
        a = self.n.post(f"/api/v1/objects?community={where}", o, login=login)
        self.assertEqual(a.status, 201, a)
        return o["id"]

    def there(self, o_id, who="officer"):
        return self.n.get(f"/api/v1/objects/{o_id}", login=who).status == 200

    def seen(self, who, all=False):
        return {a["id"]: a for a in
                self.n.get(A + ("?all=1" if all else ""), login=who).json["approvals"]}

    def answer(self, act, word, who="second", status=200, **more):
        a = self.n.post(f"{A}/{act}/{word}", {"why": "looked at it", **more}, login=who)
        self.assertEqual(a.status, status, a)
        return a.json

    def ask(self, a):
        self.assertEqual(a.status, 202, a)
        self.assertEqual(a.json["approval"]["state"], "waiting")
        return a.json["approval"]["id"]

    def join(self, who, takes_part=("receive",), login="officer"):
        return self.n.post(f"{C}circle/members", {
            "organisation": self.org[who], "takes_part": list(takes_part), "why": "new member"},
            login=login)

    def members(self):
        return {m["identity"]: m["takes_part"]
                for m in self.n.get(C + "circle", login="officer").json["members"]}

    # ---- rules ----

    def test_rules(self):
        self.rules("circle", four_eyes=["release"], asks_reason=["search", "export"])
        c = self.n.get(C + "circle", login="grid").json
        self.assertEqual((c["four_eyes"], c["asks_reason"]), (["release"], ["search", "export"]))
        self.rules("circle", 403, "grid", four_eyes=[])
        self.rules("circle", 404, "stranger", four_eyes=[])
        self.rules("circle", 422, four_eyes=["everything"])
        self.rules("circle", 422, four_eyes="release")
        self.rules("circle", 422, asks_reason=["four eyes"])
        self.rules("circle", asks_reason=[])  # of which nobody else decides
        self.rules("circle", four_eyes=["release", "membership"])
        # giving up takes two
        act = self.ask(self.rules("circle", 202, four_eyes=[], why="too slow"))
        self.assertEqual(self.n.get(C + "circle").json["four_eyes"], ["release", "membership"])
        self.answer(act, "approve", "officer", 403)
        self.answer(act, "approve", "double", 404)  # who could be the same person
        self.assertEqual(self.answer(act, "approve")["state"], "done")
        self.assertEqual(self.n.get(C + "circle").json["four_eyes"], [])
        # a public list does not tell them
        public = self.n.get("/api/v1/communities", login=None).json["communities"]
        self.assertTrue(public)
        self.assertFalse([c for c in public if "four_eyes" in c])
        # of an inbox its organisation's stewards decide; one of them cannot begin it
        inbox = {w: [c["id"] for c in self.n.get("/api/v1/communities", login=w).json["communities"]
                     if c["kind"] == "inbox"][0] for w in ("officer", "stranger")}
        self.rules(inbox["officer"], four_eyes=["release"])
        self.rules(inbox["officer"], 404, "stranger", four_eyes=["deletion"])
        self.rules(inbox["stranger"], 409, "stranger", four_eyes=["release"])
        # two who changed them at once: the later act is of another state
        one = self.ask(self.rules(inbox["officer"], 202, four_eyes=[]))
        self.rules(inbox["officer"], four_eyes=["release", "deletion"])
        self.assertIn("changed", self.answer(one, "approve", status=409)["error"]["message"])
        self.assertEqual(self.seen("officer", True)[one]["state"], "lapsed")

    # ---- membership ----

    def test_membership(self):
        self.rules("circle", four_eyes=["membership"])
        before = self.members()
        act = self.ask(self.join("hospital"))
        self.assertEqual(self.members(), before)
        self.assertEqual(self.join("hospital").status, 409)  # waits already
        for who, there in (("officer", True), ("second", True), ("double", False),
                           ("dispatch", False), ("stranger", False)):
            self.assertEqual(act in self.seen(who), there, who)
            self.assertEqual(self.n.get(f"{A}/{act}", login=who).status, 200 if there else 404)
            if not there:
                for word in ("approve", "refuse", "withdraw"):
                    self.answer(act, word, who, 404)
        for who in ("grid", "hospital"):
            self.assertEqual(self.n.get(A, login=who).status, 200 if who == "grid" else 403)
        a = self.seen("second")[act]
        self.assertEqual((a["kind"], a["needs"], a["yours"], a["waits_for_you"], a["why"]),
                         ("member-set", "membership", False, True, "new member"))
        self.assertEqual(a["ask"]["takes_part"], ["receive"])
        self.answer(act, "withdraw", "second", 403)
        self.assertEqual(self.n.post(f"{A}/{act}/refuse", {}, login="second").status, 422)
        self.assertEqual(self.answer(act, "refuse")["state"], "refused")
        self.answer(act, "approve", status=409)
        self.assertEqual(self.members(), before)
        act = self.ask(self.join("hospital"))
        self.answer(act, "withdraw", "officer")
        self.answer(act, "approve", status=409)
        act = self.ask(self.join("hospital"))
        done = self.answer(act, "approve")
        self.assertEqual((done["state"], done["answered_by"]["name"], done["answer"]),
                         ("done", "second", "looked at it"))
        self.assertEqual(self.members()[self.org["hospital"]], ["receive"])
        # changed meanwhile: another act about the same organisation was done
        more = self.ask(self.join("hospital", ["receive", "contribute"]))
        out = self.ask(self.join("hospital", []))
        self.answer(out, "approve")
        self.answer(more, "approve", status=409)
        self.assertNotIn(self.org["hospital"], self.members())
        # who asked is no steward any more
        act = self.ask(self.join("hospital", login="second"))
        self.assertEqual(act in self.seen("officer"), True)

    def test_no_token_answers(self):
        """Whoever asked may have made it, and a program is no person."""
        self.rules("circle", four_eyes=["membership"])
        act = self.ask(self.join("hospital"))
        a = self.n.call("POST", f"{A}/{act}/approve", {}, login=None,
                        headers={"Authorization": "Bearer " + self.token()})
        self.assertEqual(a.status, 403, a)
        self.assertEqual(self.seen("second")[act]["state"], "waiting")

    def token(self):
        a = self.n.post("/signin", "code=" + self.n.code, login=None,
                        headers={"Content-Type": "application/x-www-form-urlencoded"})
        return a.headers["Set-Cookie"].split("=", 1)[1].split(";")[0]

    def test_races(self):
        """Two answers at once: one counts; so does approving against withdrawing."""
        self.rules("circle", four_eyes=["membership"])
        for words in (("approve", "approve"), ("approve", "refuse"), ("approve", "withdraw")) * 4:
            act = self.ask(self.join("hospital"))
            got, start = [], threading.Barrier(2)

            def go(word):
                who = "officer" if word == "withdraw" else "second"
                self.n.get(A, login=who)
                start.wait()
                got.append(self.n.post(f"{A}/{act}/{word}", {"why": "now"}, login=who).status)

            both = [threading.Thread(target=go, args=(w,)) for w in words]
            for t in both:
                t.start()
            for t in both:
                t.join()
            self.assertEqual(sorted(got), [200, 409], words)
            state = self.seen("officer", True)[act]["state"]
            self.assertEqual(self.org["hospital"] in self.members(), state == "done")
            if state == "done":
                self.answer(self.ask(self.join("hospital", [])), "approve")

    # ---- deletion ----

    def test_taxii_delete(self):
        self.rules("circle", four_eyes=["deletion"])
        where = self.n.get(C + "circle").json["id"]
        o = self.post(login="officer")
        path = f"{ROOT}collections/{where}/objects/{o}/"
        a = self.n.call("DELETE", path, login="officer", headers={"X-Tocsin-Reason": "wrong"})
        self.assertEqual(a.status, 202, a)
        self.assertEqual((a.json["status"], a.json["pending_count"], a.json["success_count"]),
                         ("pending", 1, 0))
        act = a.json["id"]
        self.assertTrue(self.there(o))
        self.assertEqual(self.seen("second")[act]["why"], "wrong")
        self.assertNotIn(act, self.seen("grid"))  # neither its organisation's nor a steward

        def status(who="officer"):
            s = self.n.get(f"{ROOT}status/{act}/", login=who)
            return s.status == 200 and (s.json["id"] == act, s.json["status"], s.json["success_count"],
                                        s.json["failure_count"], s.json["pending_count"])
        self.assertEqual(status(), (True, "pending", 0, 0, 1))
        self.assertFalse(status("grid"))
        self.assertEqual(self.answer(act, "approve")["state"], "done")
        self.assertFalse(self.there(o))
        self.assertEqual(status(), (True, "complete", 1, 0, 0))
        # one that changed is not deleted
        o = self.post(login="officer")
        path = f"{ROOT}collections/{where}/objects/{o}/"
        act = self.n.call("DELETE", path, login="officer").json["id"]
        self.assertEqual(self.n.post("/api/v1/objects?community=circle", indicator(
            id=o, object_marking_refs=[AMBER], modified="2026-03-01T00:00:00.000Z")).status, 201)
        self.answer(act, "approve", status=409)
        self.assertTrue(self.there(o))
        self.assertEqual(status(), (True, "complete", 0, 1, 0))
        # elsewhere nothing waits
        o = self.post(FORUM, login="officer")
        self.assertEqual(self.n.call("DELETE", f"{ROOT}collections/{FORUM}/objects/{o}/").status, 200)

    def test_erase(self):
        self.rules("circle", four_eyes=["deletion"])
        o = self.post()
        self.post(FORUM, id=o)  # also where nobody asks for two
        path = f"/api/v1/objects/{o}/erase"
        act = self.ask(self.n.post(path, {"why": "wrong person"}, login="grid"))
        self.assertTrue(self.there(o))
        self.assertEqual({w: act in self.seen(w) for w in ("officer", "second", "dispatch")},
                         {"officer": True, "second": True, "dispatch": True})
        self.answer(act, "approve", "dispatch")
        self.assertFalse(self.there(o, "grid"))
        self.assertEqual(self.seen("grid", True)[act]["state"], "done")

    def test_own_rules(self):
        """What an organisation keeps to itself goes by the rules of its inbox."""
        inbox = [c["id"] for c in self.n.get("/api/v1/communities").json["communities"]
                 if c["kind"] == "inbox"][0]
        self.rules(inbox, four_eyes=["deletion"])
        o = indicator()
        self.assertEqual(self.n.post("/api/v1/objects", o).status, 201)
        act = self.ask(self.n.post(f"/api/v1/objects/{o['id']}/erase", {"why": "wrong"}))
        self.answer(act, "approve")
        self.assertFalse(self.there(o["id"]))

    # ---- release ----

    def test_onward(self):
        """The owner's yes waits for the owner's second person."""
        self.rules("circle", four_eyes=["release"])
        o = self.post(login="grid")
        self.assertEqual(self.n.post(f"{C}circle/members", {
            "organisation": self.org["grid"], "takes_part": ["receive", "contribute", "release"]
        }).status, 204)
        ask = {"object": o, "community": FORUM, "why": "they are next"}
        request = self.n.post("/api/v1/onward", ask).json["id"]
        answer = f"/api/v1/onward/{request}/answer"
        self.n.close(keep=True)
        self.n = Node("circle=1", "two=1", keep=self.n.dir)
        act = self.ask(self.n.post(answer, {"grant": True, "answer": "yes"}, login="dispatch"))
        self.assertFalse(self.there(o, "hospital"))
        self.assertEqual(set(self.seen("officer")), set())  # who asks is not who lets go
        self.assertEqual(set(self.seen("dispatch")), {act})
        self.answer(act, "withdraw", "dispatch")
        self.assertEqual(self.n.post(answer, {"grant": False}, login="dispatch").status, 204)

    def test_warning(self):
        """The community in which the incident is reported asks for two, and so its warnings wait."""
        self.n.close()
        self.n = Node("parts=1", *self.OPTIONS)
        n = self.n
        hospital = n.get("/api/v1/me", login="hospital").json["org"]["identity"]
        o = indicator(name="ward", object_marking_refs=[AMBER])
        o = {k: v for k, v in o.items() if "pattern" not in k and k != "valid_from"}
        o.update(type="infrastructure", id=o["id"].replace("indicator", "infrastructure"), extensions={
            "extension-definition--7f729129-a111-599c-9063-c1bc3fdc872a": {
                "extension_type": "property-extension", "sector": "health", "country": "BE",
                "latitude": 51.0, "longitude": 4.0, "operator_ref": hospital}})
        self.assertEqual(n.add([o]).json["failure_count"], 0)
        incidents = {}
        for where in ("circle", "circle2"):
            a = n.post("/api/v1/incidents", {"name": "outage", "started": "2026-11-21T10:00:00Z",
                                             "affected": [o["id"]],
                                             "community": n.get(C + where).json["id"]})
            self.assertEqual(a.status, 201, a)
            incidents[where] = a.json["id"]
        drafts = []
        while len(drafts) < 2:
            drafts = n.get("/api/v1/warnings").json["warnings"]
        self.rules("circle", four_eyes=["release"], asks_reason=["release"])
        W = "/api/v1/warnings/"
        a = {w["id"]: n.post(f"{W}{w['id']}/release", {}).status for w in drafts}
        self.assertEqual(sorted(a.values()), [200, 422])  # one is of the other community
        held = [w for w in a if a[w] == 422][0]
        act = self.ask(n.post(f"{W}{held}/release", {"why": "it is so"}))
        self.assertEqual(n.get(W + held).json["state"], "draft")
        self.assertEqual(n.get(W + held, login="hospital").status, 404)
        self.assertEqual({w: act in self.seen(w) for w in ("officer", "second", "dispatch")},
                         {"officer": True, "second": True, "dispatch": False})
        self.assertEqual(self.answer(act, "approve")["state"], "done")
        w = n.get(W + held, login="hospital").json
        officer = n.get("/api/v1/me").json["identity"]
        self.assertEqual((w["state"], w["released_by"]), ("released", officer))
        self.assertEqual(n.post(f"{W}{held}/release", {"why": "again"}).status, 409)

    # ---- reasons for what is changed ----

    def test_reasons(self):
        self.rules("circle", asks_reason=["deletion", "membership"])
        for body, status in (({}, 422), ({"why": " "}, 422), ({"why": 5}, 422),
                             ({"why": "x" * 501}, 422), ({"why": "new"}, 204)):
            a = self.n.post(f"{C}circle/members", {
                "organisation": self.org["hospital"], "takes_part": ["receive"], **body})
            self.assertEqual(a.status, status, body)
        where = self.n.get(C + "circle").json["id"]
        o = self.post(login="officer")
        path = f"{ROOT}collections/{where}/objects/{o}/"
        self.assertEqual(self.n.call("DELETE", path).status, 422)
        for bad in ("UTF-8''%", "UTF-8''%f", "UTF-8''%zz", "UTF-8''%ff", "x" * 501):
            a = self.n.call("DELETE", path, headers={"X-Tocsin-Reason": bad})
            self.assertEqual(a.status, 400, bad)
        a = self.n.call("DELETE", path, headers={"X-Tocsin-Reason": "UTF-8''r%c3%a9vis%C3%A9"})
        self.assertEqual(a.status, 200, a)


if __name__ == "__main__":
    run()
