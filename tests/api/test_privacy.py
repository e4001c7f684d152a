# SPDX-License-Identifier: Apache-2.0
"""What is due and what is held about an identifier, over the JSON interface: order, roles, record."""
import json
import unittest
import uuid
from pathlib import Path

from matrix_rules import PERSONAL
from node import FORUM, Node, run


def mail(name, **dates):
    return {"type": "email-addr", "spec_version": "2.1", "id": f"email-addr--{uuid.uuid4()}",
            "value": f"{name}@a.example", "extensions": {
                PERSONAL: {"extension_type": "property-extension", "purpose": "case 12", **dates}}}


class Privacy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()
        cls.late = mail("late", erase_due="9001-01-01T00:00:00Z")
        cls.soon = mail("soon", review_due="2020-01-01T00:00:00Z", erase_due="9000-01-01T00:00:00Z")
        cls.ruled = mail("ruled")
        added = cls.n.add([cls.late, cls.soon, cls.ruled], FORUM)
        assert added.status == 202 and not added.json["failure_count"], added
        while not cls.n.get("/api/v1/correlate?value=ruled@a.example").json["up_to_date"]:
            pass

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def test_retention(self):
        got = self.n.get("/api/v1/retention").json
        self.assertEqual([o["id"] for o in got["reviews"]], [self.soon["id"]])
        self.assertEqual([o["id"] for o in got["erasures"]],
                         [self.ruled["id"], self.soon["id"], self.late["id"]])
        self.assertEqual([(o["by"], o["purpose"]) for o in got["erasures"]][1:],
                         [("object", "case 12")] * 2)
        ruled = got["erasures"][0]
        self.assertEqual((ruled["by"], ruled["subject_category"], ruled["nature"]),
                         ("pack", "other", "fact"))
        self.assertEqual(len(self.n.get("/api/v1/retention?limit=1").json["erasures"]), 1)
        self.assertEqual(self.n.get("/api/v1/retention?limit=0").status, 400)
        self.assertEqual(self.n.get("/api/v1/retention", login="stranger").json,
                         {"reviews": [], "erasures": []})

    def test_subject(self):
        ask = {"value": "soon@a.example", "why": "asked for by the person, case 13"}
        got = self.n.post("/api/v1/subject", ask)
        self.assertEqual(got.status, 200)
        told = got.json["objects"]
        self.assertEqual([(o["entry"], o["object"]) for o in told], [(1, self.soon)])
        self.assertNotIn("lag", got.json)
        self.assertEqual(self.n.post("/api/v1/subject", ask, login="stranger").json["objects"], [])
        for bad in ({}, {"value": " "}, {"value": "x", "why": "y" * 501}):
            self.assertEqual(self.n.post("/api/v1/subject", bad).status, 422)
        record = [x for x in self.records() if x["how"] == "POST /api/v1/subject" and x.get("entries")]
        self.assertTrue(record and all(x["kind"] == "consultation" for x in record), record)
        self.assertEqual((record[0]["why"], record[0]["from"]), (ask["why"], "127.0.0.1"))
        self.assertNotIn("soon@", json.dumps(record))

    def records(self):
        self.assertEqual(self.n.get("/api/v1/audit/checkpoint").status, 200)
        said = Path(self.n.dir, "audit", "said", "000000000").read_bytes()
        found = []
        while len(said) >= 76:  # length (u16), leaf, salt, payload
            end = 76 + int.from_bytes(said[:2], "big")
            found.append(json.loads(said[76:end]))
            said = said[end:]
        return found


if __name__ == "__main__":
    run()
