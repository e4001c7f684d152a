# SPDX-License-Identifier: Apache-2.0
"""Handling caveats on marking-definitions, against a live node: embargo, releasable to, permissible
actions, and that the strictest of several counts."""
import datetime
import http.client
import random
import time
import unittest
import uuid

from node import FORUM, OTHER, READ_ONLY, Node, basic, indicator, run

TLP = {"CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
       "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
       "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"}
HANDLING = "extension-definition--b2c9bcf4-4a5f-5a6e-9f3e-6d7ee1a5c0b8"
PAP_AMBER = "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab"
COUNTRY = {"officer": "NL", "grid": "NL", "colleague": "NL", "hospital": "BE", "named": "BE",
           "stranger": "DE"}
MEMBERS = {"officer", "grid", "colleague", "hospital", "named"}
OWN = {"grid", "colleague"}


def definition(**says):
    return {"type": "marking-definition", "spec_version": "2.1",
            "id": f"marking-definition--{uuid.uuid4()}", "created": "2026-01-01T00:00:00.000Z",
            "object_marking_refs": [TLP["CLEAR"]],
            "extensions": {HANDLING: {"extension_type": "property-extension", **says}}}


def soon(seconds):
    t = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return t.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Handling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node("parts=1")
        cls.me = {w: cls.n.get("/api/v1/me", login=w).json for w in COUNTRY}
        cls.org = {w: me["org"]["identity"] for w, me in cls.me.items()}
        for w, c in list(COUNTRY.items()):
            COUNTRY[w] = cls.me[w]["org"]["country"]

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def post(self, objects, login="grid", where=FORUM):
        if not where:
            a = self.n.post("/api/v1/objects", {"objects": objects}, login=login)
            return self.assertEqual(a.status, 201, a)
        a = self.n.add(objects, where, login=login)
        self.assertEqual((a.status, a.json["failure_count"]), (202, 0), a.json)

    def readers(self, o_id):
        return {w for w in COUNTRY
                if self.n.get(f"/api/v1/objects/{o_id}", login=w).status == 200}

    def marked(self, *definitions, tlp="AMBER", **more):
        return indicator(object_marking_refs=[TLP[tlp]] + [d["id"] for d in definitions], **more)

    # ---- releasable to ----

    def test_releasable(self):
        """Random caveats, one to three of them: who reads is in each, and in the marking too."""
        roll, seen = random.Random(5), set()
        lists = {"refs": sorted(set(self.org.values())) + [f"identity--{uuid.uuid4()}"],
                 "countries": ["NL", "BE", "DE", "FR"], "communities": ["forum", "other", "none"]}

        def reads(who, says):
            return self.org[who] in says.get("releasable_to_refs", []) or \
                COUNTRY[who] in says.get("releasable_to_countries", []) or \
                (who in MEMBERS and "forum" in says.get("releasable_to_communities", [])) or \
                (who == "stranger" and "other" in says.get("releasable_to_communities", []))
        for _ in range(40):
            caveats = []
            for _ in range(roll.randint(1, 3)):
                says = {f"releasable_to_{k}": roll.sample(lists[k], roll.randint(1, 2))
                        for k in roll.sample(sorted(lists), roll.randint(1, 2))}
                caveats.append(definition(**says))
            tlp = roll.choice(["CLEAR", "GREEN", "AMBER"])
            o = self.marked(*caveats, tlp=tlp)
            asked = self.n.post(f"/api/v1/audience?community={FORUM}", {"objects": caveats + [o]},
                                login="grid").json["objects"][-1]
            self.post(caveats + [o])
            want = {w for w in COUNTRY if (tlp != "AMBER" or w in MEMBERS) and all(
                reads(w, c["extensions"][HANDLING]) for c in caveats)} | OWN
            self.assertEqual(self.readers(o["id"]), want, (tlp, caveats))
            told = {x["identity"] for x in asked["organisations"]}
            self.assertEqual(told, {self.org[w] for w in want})
            seen.add(frozenset(want))
        self.assertGreater(len(seen), 3)

    def test_too_many_and_wrong(self):
        many = [definition(releasable_to_countries=["BE", c]) for c in ("NL", "DE", "FR", "LU", "ES")]
        o = self.marked(*many, tlp="CLEAR")
        self.post(many + [o])
        self.assertEqual(self.readers(o["id"]), OWN)
        nobody = definition(releasable_to_countries=["be"])  # no code: nobody, not everybody
        o = self.marked(nobody, tlp="CLEAR")
        self.post([nobody, o])
        self.assertEqual(self.readers(o["id"]), OWN)
        for says in ({"embargo_until": "soon"}, {"pap": "blue"}, {"originator_control": "yes"},
                     {"releasable_to_refs": "NL"}, {}):
            a = self.n.add([definition(**says)], login="grid")
            self.assertEqual(a.json["failure_count"], 1, (says, a.json))

    def test_permissible_actions(self):
        """The strictest is kept and shown, and narrows nobody."""
        red = definition(pap="red")
        o = self.marked(red, tlp="AMBER")
        o["object_marking_refs"].append(PAP_AMBER)
        self.post([red, o])
        a = self.n.get(f"/api/v1/objects/{o['id']}", login="hospital")
        self.assertEqual((a.status, a.json["pap"]), (200, "PAP:RED"))
        o = indicator(object_marking_refs=[TLP["AMBER"], PAP_AMBER])
        self.post([o])
        self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}").json["pap"], "PAP:AMBER")

    # ---- originator control ----

    def test_onward(self):
        """Only the owner lets something go on; everybody else is told no, or nothing."""
        control = definition(originator_control=True)
        o = self.marked(control, name="qonwardq")
        secret = indicator(object_marking_refs=[TLP["AMBER"]])
        self.post([control, o], login="officer")
        self.post([secret], login="stranger", where=None)
        path = "/api/v1/onward"
        self.assertTrue(self.n.get(f"/api/v1/objects/{o['id']}").json["originator_control"])
        ask = {"object": o["id"], "community": READ_ONLY, "why": "for the shift"}
        for body, status in ((dict(ask, object=secret["id"]), 404), (dict(ask, community=OTHER), 404),
                             (dict(ask, due="2001-01-01T00:00:00Z"), 422), ({}, 422),
                             (dict(ask, community=FORUM), 409)):
            self.assertEqual(self.n.post(path, body, login="grid").status, status, body)
        # nobody else may post it there
        a = self.n.add([o], OTHER, login="stranger")
        self.assertEqual(a.json["failure_count"], 1)
        ids = [self.n.post(path, ask, login="grid").json["id"] for _ in range(2)]
        short = self.n.post(path, dict(ask, due=soon(0.3)), login="grid").json["id"]
        for who, sees in (("grid", 3), ("officer", 3), ("hospital", 0), ("stranger", 0)):
            seen = [q for q in self.n.get(path, login=who).json["requests"] if q["id"] in ids + [short]]
            self.assertEqual(len(seen), sees, who)
        answer = f"{path}/%s/answer"
        self.assertEqual(self.n.post(answer % ids[0], {"grant": True}, login="stranger").status, 404)
        self.assertEqual(self.n.post(answer % ids[0], {"grant": True}, login="grid").status, 403)
        self.assertEqual(self.n.post(answer % ids[0], {"grant": "yes"}).status, 422)
        self.assertEqual(self.n.post(answer % o["id"], {"grant": True}).status, 404)
        here = f"?match[id]={o['id']}"
        self.assertNotIn("qonwardq", self.n.objects(READ_ONLY, here, login="grid").body.decode())
        self.assertEqual(self.n.post(answer % ids[0], {"grant": False, "answer": "no"}).status, 204)
        self.assertNotIn("qonwardq", self.n.objects(READ_ONLY, here, login="grid").body.decode())
        self.assertEqual(self.n.post(answer % ids[1], {"grant": True}).status, 204)
        self.assertIn("qonwardq", self.n.objects(READ_ONLY, here, login="grid").body.decode())
        self.assertEqual(self.n.post(answer % ids[1], {"grant": False}).status, 409)
        time.sleep(0.4)
        self.assertEqual(self.n.post(answer % short, {"grant": True}).status, 409)
        states = {q["id"]: q["state"] for q in self.n.get(path, login="grid").json["requests"]}
        self.assertEqual([states[i] for i in ids + [short]], ["refused", "granted", "expired"])

    def test_a_forged_request_gives_nothing_away(self):
        """A request that somebody wrote by hand, for an object of which they name another owner."""
        o = indicator(object_marking_refs=[TLP["AMBER"]])
        self.post([o], login="grid", where=None)
        forged = {"type": "release-request", "spec_version": "2.1",
                  "id": f"release-request--{uuid.uuid4()}", "created": "2026-01-01T00:00:00.000Z",
                  "modified": "2026-01-01T00:00:00.000Z", "object_ref": o["id"],
                  "community": OTHER, "requested_by_ref": self.org["stranger"],
                  "owner_ref": self.org["stranger"], "state": "asked", "due": "2099-01-01T00:00:00Z"}
        self.post([forged], login="stranger", where=None)
        a = self.n.post(f"/api/v1/onward/{forged['id']}/answer", {"grant": True}, login="stranger")
        self.assertEqual(a.status, 409)
        self.assertNotIn("stranger", self.readers(o["id"]))

    # ---- embargo ----

    def listen(self, who):
        c = http.client.HTTPConnection(*self.n.address, timeout=30)
        c.request("GET", "/api/v1/stream", headers={"Authorization": basic(who)})
        return c, c.getresponse()

    def until(self, stream, word):
        got = ""
        while word not in got:
            got += stream[1].readline().decode()
        return got

    def test_embargo(self):
        word = "qembargoq"
        held = definition(embargo_until=soon(3))
        o = self.marked(held, name=word, pattern="[domain-name:value = 'embargo.example']")
        sco = {"type": "domain-name", "spec_version": "2.1", "value": "held.example",
               "id": f"domain-name--{uuid.uuid4()}", "object_marking_refs": o["object_marking_refs"]}
        streams = {w: self.listen(w) for w in ("grid", "hospital")}
        self.post([held, o, sco])
        posted = time.time()
        before = self.n.objects(login="hospital", query="?limit=1000")
        place = before.headers["X-TAXII-Date-Added-Last"]
        self.assertNotIn(word, before.body.decode())
        asked = self.n.post(f"/api/v1/audience?community={FORUM}", {"objects": [held, o]},
                            login="grid").json["objects"][-1]
        self.assertEqual([x["identity"] for x in asked["organisations"]], [self.org["grid"]])
        self.assertTrue(asked["embargo_until"])
        self.assertEqual(self.readers(o["id"]), OWN)
        self.assertEqual(self.readers(sco["id"]), OWN)
        for path in (f"/api/v1/search?q={word}", "/api/v1/correlate?value=embargo.example"):
            self.assertNotIn(o["id"], self.n.get(path, login="hospital").body.decode())
        self.assertLess(time.time() - posted, 3, "too slow to have asked before it was over")
        # a marker: nothing of it came to the other stream before it was lifted
        mark = indicator(name="qmarkerq", object_marking_refs=[TLP["AMBER"]])
        self.post([mark])
        self.assertNotIn(word, self.until(streams["hospital"], "qmarkerq"))
        self.assertIn(word, self.until(streams["grid"], "qmarkerq"))
        came = self.until(streams["hospital"], word)
        self.assertIn(o["id"], came)
        self.until(streams["grid"], word)
        for c, _ in streams.values():
            c.close()
        # lifted: for everybody, at its own place in the order, once, under the same version
        self.assertEqual(self.readers(o["id"]), MEMBERS)
        while self.readers(sco["id"]) != MEMBERS:
            time.sleep(0.1)
        after = self.n.objects(login="hospital", query=f"?added_after={place}")
        self.assertIn(o["id"], [x["id"] for x in after.json["objects"]])
        for who in ("hospital", "grid"):
            v = self.n.get(f"/api/v1/objects/{o['id']}/versions", login=who).json["versions"]
            self.assertEqual(len(v), 1, v)
            all_of_it = self.n.objects(login=who, query="?match[version]=all&limit=1000").json
            ids = [x["id"] for x in all_of_it["objects"]]
            self.assertEqual((ids.count(o["id"]), ids.count(sco["id"])), (1, 1))
            for first in ("first", "last"):
                q = f"?match[version]={first}&match[id]={o['id']},{sco['id']}"
                self.assertEqual(len(self.n.objects(login=who, query=q).json["objects"]), 2)
        while word not in self.n.get(f"/api/v1/search?q={word}", login="hospital").body.decode():
            pass
        # the same again changes nothing; deleting takes both away
        self.post([o])
        gone = self.n.call("DELETE", f"/taxii2/root/collections/{FORUM}/objects/{o['id']}/",
                           login="grid")
        self.assertEqual(gone.status, 200)
        self.assertEqual(self.readers(o["id"]), set())

    def test_embargo_of_a_field(self):
        held = definition(embargo_until=soon(1.5))
        o = indicator(name="qearlyq", description="qlaterq",
                      object_marking_refs=[TLP["AMBER"]], granular_markings=[
                          {"marking_ref": held["id"], "selectors": ["description"]}])
        self.post([held, o])
        self.assertNotIn("description", self.n.get(f"/api/v1/objects/{o['id']}").json["object"])
        for _ in range(100):
            seen = self.n.get(f"/api/v1/objects/{o['id']}").json["object"]
            if "description" in seen:
                break
            time.sleep(0.1)
        self.assertEqual(seen["description"], "qlaterq")
        v = self.n.get(f"/api/v1/objects/{o['id']}/versions").json["versions"]
        self.assertEqual(len(v), 1)

    def test_deleted_and_revoked_are_not_lifted(self):
        held = definition(embargo_until=soon(1.2))
        gone, revoked = self.marked(held), self.marked(held)
        probe = self.marked(held)
        self.post([held, gone, revoked, probe])
        a = self.n.call("DELETE", f"/taxii2/root/collections/{FORUM}/objects/{gone['id']}/",
                        login="grid")
        self.assertEqual(a.status, 200)
        self.post([dict(revoked, revoked=True, modified="2026-02-01T00:00:00.000Z",
                        object_marking_refs=[TLP["AMBER"]])])
        while "hospital" not in self.readers(probe["id"]):
            time.sleep(0.1)
        self.assertEqual(self.readers(gone["id"]), set())
        v = self.n.get(f"/api/v1/objects/{revoked['id']}/versions", login="hospital").json["versions"]
        self.assertEqual(len(v), 1)

    def test_survives_a_restart(self):
        held = definition(embargo_until=soon(1))
        o = self.marked(held, name="qrestartq")
        n = Node("parts=1")
        a = n.add([held, o], login="grid")
        self.assertEqual(a.json["failure_count"], 0)
        n.close(keep=True)
        time.sleep(1.1)
        again = Node("parts=1", keep=n.dir)
        try:
            for _ in range(100):
                if again.get(f"/api/v1/objects/{o['id']}", login="hospital").status == 200:
                    break
                time.sleep(0.05)
            self.assertEqual(again.get(f"/api/v1/objects/{o['id']}", login="hospital").status, 200)
        finally:
            again.close()


if __name__ == "__main__":
    run()
