# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/audience against what happens: the answer names exactly those who can read the
object once it is posted, over random markings, communities and recipients."""
import random
import unittest
import uuid

from node import ADDING, FORUM, OTHER, PUBLIC, ROOT, Node, indicator, run

C = ROOT + "collections/"
MARKINGS = [None, "94868c89-83c2-464b-929b-a1a8aa3c8487", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
            "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "939a9414-2ddd-4d32-a0cd-375ea402b003",
            "e828b379-4e03-4974-9ac4-e53a884c97c1", "613f2e26-407d-48c7-9eca-b8e91df99dc9",
            "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "00000000-0000-4000-8000-000000000000"]
SHARING = "extension-definition--fdcae292-c800-495b-ae09-6bf1410b5cc4"
READERS = ["officer", "grid", "colleague", "hospital", "named", "stranger"]
NO_READERS = ["machine", "auditor"]
POSTERS = {"officer": [FORUM, ADDING, PUBLIC, None], "grid": [FORUM, None],
           "stranger": [OTHER, None]}


class Audience(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node("parts=1")
        cls.me = {w: cls.n.get("/api/v1/me", login=w).json for w in READERS + NO_READERS}
        cls.org = {w: me["org"]["identity"] for w, me in cls.me.items()}

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def random_object(self, roll):
        o = indicator(str(uuid.UUID(int=roll.getrandbits(128), version=4)))
        refs = [f"marking-definition--{m}" for m in roll.sample(MARKINGS, roll.choice([1, 1, 2]))
                if m]
        if refs:
            o["object_marking_refs"] = refs
        if roll.random() < 0.4:
            o.update(description="a description", confidence=50)
            o["granular_markings"] = [
                {"marking_ref": "marking-definition--" + roll.choice(MARKINGS[1:]),
                 "selectors": roll.sample(["name", "description", "confidence"] +
                                          ["pattern"] * (roll.random() < 0.2), 2)}
                for _ in range(roll.randint(1, 3))]
        whom = [me["identity"] for me in self.me.values()] + sorted(set(self.org.values()))
        sharing = {}
        if roll.random() < 0.6:
            sharing["recipient_refs"] = roll.sample(whom, roll.randint(1, 3))
            if roll.random() < 0.2:
                sharing["recipient_refs"].append(f"identity--{uuid.uuid4()}")
        if roll.random() < 0.15:
            sharing["community"] = roll.choice(["forum", FORUM, ADDING, "nowhere"])
        if sharing:
            o["extensions"] = {SHARING: {"extension_type": "property-extension", **sharing}}
        return o

    def told(self, answer, who):
        return answer["signed_in"] or \
            self.org[who] in {x["identity"] for x in answer["organisations"]} or \
            self.me[who]["identity"] in {x["identity"] for x in answer["people"]}

    def test_answer_and_decision(self):
        roll, met = random.Random(7), set()
        self.cut = 0
        for _ in range(150):
            o, poster = self.random_object(roll), roll.choice(sorted(POSTERS))
            where = roll.choice(POSTERS[poster])
            query = f"?community={where}" if where else ""
            a = self.n.post("/api/v1/audience" + query, o, login=poster)
            self.assertEqual(a.status, 200, a)
            answer = a.json["objects"][0]
            self.assertEqual(answer["id"], o["id"])
            # asking stores nothing
            self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}", login=poster).status, 404)
            self.assertEqual(self.n.post("/api/v1/objects" + query, o, login=poster).status, 201)
            for who in READERS:
                status = self.n.get(f"/api/v1/objects/{o['id']}", login=who).status
                self.assertEqual(status, 200 if self.told(answer, who) else 404, (who, answer, o))
                if status == 200:
                    self.fields(answer, who, o)
            for who in NO_READERS:
                self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}", login=who).status, 403)
                self.assertNotIn(self.me[who]["identity"], [p["identity"] for p in answer["people"]])
            if where == PUBLIC:
                a = self.n.get(f"{C}{PUBLIC}/objects/{o['id']}/", login=None)
                self.assertEqual(a.status, 200 if answer["everybody"] else 404, (answer, o))
            if answer["signed_in"]:
                self.assertEqual(answer["organisations"] + answer["people"], [])
            met.add((answer["marking"], answer["everybody"], answer["signed_in"],
                     len(answer["organisations"]) > 1, len(answer["people"]) > 0))
        self.assertGreater(len(met), 8)  # it was not always the same
        self.assertGreater(self.cut, 20)

    def fields(self, answer, who, o):
        """What is marked by itself is there for those who were told, and only for them."""
        seen = self.n.get(f"/api/v1/objects/{o['id']}", login=who).json["object"]
        hidden = {f["marking_ref"] for f in answer.get("fields", []) if not self.told(f, who)}
        want = dict(o)
        for g in o.get("granular_markings", []):
            if g["marking_ref"] in hidden:
                for name in g["selectors"]:
                    want.pop(name, None)
        kept = [g for g in o.get("granular_markings", []) if g["marking_ref"] not in hidden]
        kept = [dict(g, selectors=[x for x in g["selectors"] if x in want]) for g in kept]
        kept = [g for g in kept if g["selectors"]]
        want.pop("granular_markings", None)
        if kept:
            want["granular_markings"] = kept
        self.assertEqual(seen, want, (who, answer))
        self.cut += bool(hidden)

    def test_red_to_a_person(self):
        """From question to reading: the author and the person named, nobody of their colleagues."""
        person = self.me["named"]["identity"]
        o = indicator(object_marking_refs=["marking-definition--" + MARKINGS[5]], extensions={
            SHARING: {"extension_type": "property-extension", "recipient_refs": [person]}})
        a = self.n.post(f"/api/v1/audience?community={FORUM}", o, login="grid").json["objects"][0]
        self.assertEqual((a["marking"], a["organisations"]), ("TLP:RED", []))
        self.assertEqual({p["name"] for p in a["people"]}, {"grid", "named"})
        self.assertEqual(self.n.add([o], login="grid").json["failure_count"], 0)
        for who in READERS:
            there = self.n.objects(query=f"?match[id]={o['id']}", login=who)
            seen = there.status == 200 and o["id"] in there.body.decode()
            self.assertEqual(seen, who in ("grid", "named"), who)

    def test_a_marked_field_widens_nothing(self):
        """An unmarked object is TLP:AMBER, also when a field that it cannot be without is marked wider."""
        for level in (1, 2):
            o = indicator(granular_markings=[{"marking_ref": "marking-definition--" + MARKINGS[level],
                                              "selectors": ["pattern"]}])
            a = self.n.post(f"/api/v1/audience?community={FORUM}", o, login="grid").json["objects"][0]
            self.assertEqual(a["marking"], "TLP:AMBER")
            self.assertEqual(self.n.add([o], login="grid").json["failure_count"], 0)
            self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}", login="stranger").status, 404)
            self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}", login="hospital").status, 200)

    def test_a_red_field_reaches_nobody_more(self):
        """Naming somebody outside the community reaches nobody, also when a field that the object
        cannot be without is TLP:RED and the whole becomes it."""
        o = indicator(object_marking_refs=["marking-definition--" + MARKINGS[3]],
                      granular_markings=[{"marking_ref": "marking-definition--" + MARKINGS[5],
                                          "selectors": ["pattern"]}],
                      extensions={SHARING: {"extension_type": "property-extension",
                                            "recipient_refs": [self.me["named"]["identity"]]}})
        self.assertEqual(self.n.add([o], ADDING).json["failure_count"], 0)
        self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}", login="named").status, 404)
        self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}", login="officer").status, 200)

    def test_refusals(self):
        bad = indicator(pattern=5)
        a = self.n.post("/api/v1/audience", {"objects": [bad, indicator()]}, login="grid").json
        self.assertTrue(a["objects"][0]["refused"])
        self.assertEqual([x["name"] for x in a["objects"][1]["organisations"]], ["Grid operator"])
        many = {"objects": [indicator() for _ in range(101)]}
        self.assertEqual(self.n.post("/api/v1/audience", many, login="grid").status, 413)


if __name__ == "__main__":
    run()
