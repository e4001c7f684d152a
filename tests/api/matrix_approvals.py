# SPDX-License-Identifier: Apache-2.0
"""Rows of the authorisation matrix about acts for two people. One waits here: "second", of the
node's organisation, wants something erased that this organisation keeps to itself. Who has the
same right is "officer"; for everybody else in the matrix (operator and auditor of the same
organisation, a steward of another one) it is not there. The asker is in test_approvals.py."""
from matrix_rules import REPORTS, gate
from node import indicator


class Approvals:
    waiting = None

    def an_act(self):
        n = self.n
        inbox = [c for c in n.get("/api/v1/communities").json["communities"]
                 if c["kind"] == "inbox"][0]
        if "deletion" not in inbox["four_eyes"]:
            a = n.post(f"/api/v1/communities/{inbox['id']}/rules", {"four_eyes": ["deletion"]})
            self.assertEqual(a.status, 204, a)
        o = indicator(name="probe")
        self.assertEqual(n.post("/api/v1/objects", o, login="second").status, 201)
        a = n.post(f"/api/v1/objects/{o['id']}/erase", {"why": "qreasonq"}, login="second")
        self.assertEqual(a.status, 202, a)
        return a.json["approval"]["id"]

    def act(self):
        cls = type(self)
        if not cls.waiting:
            cls.waiting = self.an_act()
        return cls.waiting

    def untold(self, who, a):
        if who != "officer":
            self.assertNotIn("qreasonq", a.body.decode())
            self.assertNotIn(self.act(), a.body.decode())

    def row_api_approvals(self, who):
        act = self.act()
        for tail in ("", "?all=1"):
            a = self.ask(who, "GET", "/api/v1/approvals" + tail, gate(who, REPORTS) or 200)
            self.untold(who, a)
            if a.status == 200:
                self.assertEqual(act in a.body.decode(), who == "officer")

    def row_api_approval(self, who):
        path = f"/api/v1/approvals/{self.act()}"
        self.untold(who, self.ask(who, "GET", path,
                                  gate(who, REPORTS) or (200 if who == "officer" else 404)))
        for other in self.ids.values():  # an id of another kind
            self.ask(who, "GET", f"/api/v1/approvals/{other}", gate(who, REPORTS) or 404,
                     about=tuple(k for k, v in self.ids.items() if v == other))

    def answered(self, who, word, yes):
        act = self.an_act() if who == "officer" else self.act()
        a = self.ask(who, "POST", f"/api/v1/approvals/{act}/{word}",
                     gate(who, REPORTS) or (yes if who == "officer" else 404), {"why": "seen"})
        self.untold(who, a)

    def row_api_approve(self, who):
        self.answered(who, "approve", 200)

    def row_api_refuse(self, who):
        self.answered(who, "refuse", 200)

    def row_api_withdraw(self, who):
        self.answered(who, "withdraw", 403)  # it was somebody else who asked

    def row_api_community_end(self, who):
        self.stewards_only(who, "end", {})

    def row_api_community_rules(self, who):
        self.stewards_only(who, "rules", {"four_eyes": [], "asks_reason": []})
