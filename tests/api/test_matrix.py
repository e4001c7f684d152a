# SPDX-License-Identifier: Apache-2.0
"""The authorisation matrix: every route x everybody x every kind of object, against a live node.

Who may read what stands here a second time, as sets of people (KINDS); who may call what stands in
ROUTES. Each route has a method row_NAME that calls it as one person for all kinds; a route of the
program without a row, or with other roles than here, fails. Whatever is answered is searched for
the names and ids of all objects that this person may not read."""
import http.client
import os
import subprocess
import unittest
import uuid
from hashlib import sha256
from urllib.parse import quote

from matrix_rules import (ASSET, AUDITS, C, EVENT, FORUM_PEOPLE, KINDS, MEMBERS, PEOPLE, PERSONAL, READS,
                          RELEASES, REPORTS, ROUTES, SECRET, SHARING, SIGNED, SUBJECTS, TLP, WARNINGS,
                          WRITERS, gate, of_collection, reads, roles, sees)
from matrix_approvals import Approvals
from matrix_audit import OnRecord
from matrix_signin import SignIn
from node import ADDING, FORUM, OTHER, PUBLIC, READ_ONLY, ROOT, Node, basic, indicator, run


class Listener:
    """An event stream, read to its sentinel."""

    def __init__(self, n, who):
        self.c = http.client.HTTPConnection(*n.address, timeout=30)
        self.c.request("GET", "/api/v1/stream", headers={"Authorization": basic(who)})
        self.r = self.c.getresponse()

    def until(self, word):
        got = ""
        while word not in got:
            got += self.r.readline().decode()
        self.c.close()
        return got


class Matrix(SignIn, Approvals, OnRecord, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node("parts=1", "two=1")
        n = cls.n
        cls.listeners = {w: Listener(n, w) for w in PEOPLE if w and reads(w)}
        cls.me = {w: n.get("/api/v1/me", login=w).json for w in PEOPLE if w}
        cls.ids = {k: f"indicator--{uuid.uuid4()}" for k in KINDS}
        cls.token = {k: f"q{k}q" for k in KINDS}
        person, org = cls.me["named"]["identity"], cls.me["hospital"]["org"]["identity"]
        cls.post("own", "AMBER")
        cls.post("community", "AMBER")
        cls.post("strict", "STRICT")
        cls.post("othercommunity", "AMBER")
        cls.post("green", "GREEN")
        cls.post("clear", "CLEAR")
        cls.post("amberpublic", "AMBER")
        cls.post("redtonamed", "RED", recipients=[person])
        cls.post("redtonobody", "RED")
        cls.post("redelsewhere", "RED")
        cls.post("orgnamed", "AMBER", recipients=[org])
        cls.post("unknownnamed", "CLEAR", recipients=[f"identity--{uuid.uuid4()}"])
        cls.post("granular", "AMBER", description=SECRET, labels=["open", SECRET, "also"],
                 external_references=[{"source_name": "x", "external_id": SECRET}],
                 granular_markings=[
                     {"marking_ref": TLP["RED"],
                      "selectors": ["description", "labels.[1]", "external_references"]},
                     {"marking_ref": TLP["GREEN"], "selectors": ["labels.[2]", "description"]}])
        cls.post("granularwhole", "AMBER",
                 granular_markings=[{"marking_ref": TLP["RED"], "selectors": ["pattern"]}])
        cls.post("unknownmarking", None,
                 object_marking_refs=[f"marking-definition--{uuid.uuid4()}"])
        cls.post("deleted", "AMBER")
        gone = n.call("DELETE", f"{C}{FORUM}/objects/{cls.ids['deleted']}/", login="grid")
        assert gone.status == 200, gone
        cls.post("revoked", "AMBER")
        cls.post("revoked", "AMBER", revoked=True, modified="2026-02-01T00:00:00.000Z")
        cls.post("exercise", "AMBER", type="incident", event={"exercise": True, "started":
                                                            "2026-11-21T10:00:00Z"})
        for k, who in (("assetgrid", "grid"), ("assethospital", "hospital")):
            cls.post(k, "AMBER", type="infrastructure", asset={
                "sector": "energy", "country": "NL", "latitude": 52.0, "longitude": 5.0,
                "operator_ref": cls.me[who]["org"]["identity"]})
        cls.seen = {k: cls.observe(k, tlp) for k, tlp in (
            ("community", "AMBER"), ("othercommunity", "AMBER"), ("clear", "CLEAR"))}
        cls.due = {k: cls.dated(k, tlp) for k, tlp in (
            ("community", "AMBER"), ("othercommunity", "AMBER"), ("clear", "CLEAR"))}
        cls.warn()
        cls.status = n.add([indicator(name="probe")], ADDING).json["id"]
        cls.sentinel()
        cls.stream = {w: s.until("qsentinelq") for w, s in cls.listeners.items()}
        while not n.get("/api/v1/search?q=qsentinelq").json["objects"]:
            pass
        while not n.get("/api/v1/correlate?value=dclear.example").json["up_to_date"]:
            pass

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    @classmethod
    def sentinel(cls):
        o = indicator(name="qsentinelq", object_marking_refs=[TLP["CLEAR"]])
        assert cls.n.add([o], PUBLIC).status == 202

    @classmethod
    def post(cls, kind, tlp, recipients=None, event=None, asset=None, type="indicator", **more):
        where, who, _ = KINDS[kind]
        cls.ids[kind] = o_id = cls.ids[kind].replace("indicator", type)
        o = indicator(id=o_id, name=cls.token[kind],
                      pattern=f"[domain-name:value = 'd{kind}.example']", **more)
        if type != "indicator":
            o = {k: v for k, v in o.items() if "pattern" not in k and k != "valid_from"}
            o["type"] = type
        if tlp:
            o["object_marking_refs"] = [TLP[tlp]]
        for key, what in ((SHARING, recipients and {"recipient_refs": recipients}), (EVENT, event),
                          (ASSET, asset)):
            if what:
                o["extensions"] = {key: {"extension_type": "property-extension", **what}}
        if where:
            a = cls.n.add([o], where, login=who)
            assert a.status == 202 and not a.json["failure_count"], a
        else:
            a = cls.n.post("/api/v1/objects", {"objects": [o]}, login=who)
            assert a.status == 201, a

    @classmethod
    def observe(cls, kind, tlp):
        """Something was seen, for the same people as the indicator of this kind."""
        where, who, _ = KINDS[kind]
        value = {"type": "domain-name", "spec_version": "2.1", "value": f"seen{kind}.example",
                 "id": f"domain-name--{uuid.uuid4()}", "object_marking_refs": [TLP[tlp]]}
        at = "2026-02-01T00:00:00.000Z"
        o = {"type": "observed-data", "spec_version": "2.1", "id": f"observed-data--{uuid.uuid4()}",
             "created": at, "modified": at, "first_observed": at, "last_observed": at,
             "number_observed": 1, "object_refs": [value["id"]],
             "object_marking_refs": [TLP[tlp]]}
        a = cls.n.add([o, value], where, login=who)
        assert a.status == 202 and not a.json["failure_count"], a
        return o["id"]

    @classmethod
    def dated(cls, kind, tlp):
        """Personal data with an end, for the same people as the indicator of this kind."""
        where, who, _ = KINDS[kind]
        o = {"type": "email-addr", "spec_version": "2.1", "value": f"due{kind}@a.example",
             "id": f"email-addr--{uuid.uuid4()}", "object_marking_refs": [TLP[tlp]],
             "extensions": {PERSONAL: {"extension_type": "property-extension", "purpose": "case",
                                       "erase_due": "9000-01-01T00:00:00Z"}}}
        a = cls.n.add([o], where, login=who)
        assert a.status == 202 and not a.json["failure_count"], a
        return o["id"]

    @classmethod
    def warn(cls):
        """Both assets are out: a draft for each operator, one of which is released."""
        a = cls.n.post("/api/v1/incidents", {"name": "probe", "started": "2026-11-21T10:00:00Z",
                                             "affected": [cls.ids["assetgrid"],
                                                          cls.ids["assethospital"]]})
        assert a.status == 201, a
        drafts = []
        while len(drafts) < 2:
            drafts = cls.n.get("/api/v1/warnings").json["warnings"]
        for w in drafts:
            mine = w["recipient_ref"] == cls.me["hospital"]["org"]["identity"]
            cls.ids["warningreleased" if mine else "warningdraft"] = w["id"]
        a = cls.n.post(f"/api/v1/warnings/{cls.ids['warningreleased']}/release", {})
        assert a.status == 200, a
        # a warning names the asset that it is about, to whom it is for
        cls.named_in_warning = {"assethospital": {"hospital", "named"}}

    # ---- asking ----

    def ask(self, who, method, path, status, body=None, about=(), **more):
        a = self.n.call(method, path, body, login=who, **more)
        said = (who, method, path, a)
        self.assertIn(a.status, status if isinstance(status, tuple) else (status,), said)
        self.no_trace(who, a.body.decode(errors="replace"), said, about)
        self.note(who, method, path, a)
        return a

    def no_trace(self, who, text, said, about=()):
        if who != "grid":
            self.assertNotIn(SECRET, text, said)
        for k in KINDS:
            named = who in self.named_in_warning.get(k, ())
            if not sees(who, k) and k not in about and not named:
                self.assertNotIn(self.token[k], text, (k, said))
                self.assertNotIn(self.ids[k], text, (k, said))

    def listed(self, a, kinds, by=None):
        """Exactly those of the kinds are there that the caller may read."""
        text = a.body.decode() if hasattr(a, "body") else a
        return {k for k in kinds if (by or self.ids)[k] in text}

    def each(self, who, needs, method, path, kinds=None, body=None):
        """One object in the path."""
        for k in kinds or KINDS:
            at = gate(who, needs) or (200 if sees(who, k) else 404)
            a = self.ask(who, method, path.format(self.ids[k]), at, body, about=(k,))
            if at != 200:
                self.assertNotIn(self.token[k], a.body.decode())

    # ---- TAXII ----

    def row_taxii_discovery(self, who):
        self.ask(who, "GET", "/taxii2/", 200)

    def row_taxii_root(self, who):
        self.ask(who, "GET", ROOT, 200)

    def row_taxii_collections(self, who):
        a = self.ask(who, "GET", C, 200)
        seen = {c["id"]: c for c in a.json.get("collections", [])}
        for c in MEMBERS:
            there = c == PUBLIC or (PEOPLE[who][0] in MEMBERS[c] and who is not None)
            self.assertEqual(c in seen, there, (who, c))
            if there:
                self.assertEqual(seen[c]["can_read"], of_collection(who, c) == 200, (who, c))
                self.assertEqual(seen[c]["can_write"], gate(who, REPORTS) is None
                                 and PEOPLE[who][0] in WRITERS[c], (who, c))

    def row_taxii_collection(self, who):
        for c in MEMBERS:
            self.ask(who, "GET", f"{C}{c}/", of_collection(who, c))

    def collections(self, who, tail, by):
        for c in MEMBERS:
            a = self.ask(who, "GET", f"{C}{c}/{tail}/", of_collection(who, c))
            if a.status == 200:
                here = {k for k in KINDS if KINDS[k][0] == c}
                self.assertEqual(self.listed(a, here, by), {k for k in here if sees(who, k)},
                                 (who, c))
            for k in KINDS:  # by id, also of what is somewhere else
                a = self.ask(who, "GET", f"{C}{c}/{tail}/?match[id]={self.ids[k]}",
                             of_collection(who, c), about=(k,))
                if a.status == 200:
                    self.assertEqual(self.ids[k] in a.body.decode(),
                                     KINDS[k][0] == c and sees(who, k), (who, c, k))

    def row_taxii_manifest(self, who):
        self.collections(who, "manifest", self.ids)

    def row_taxii_objects(self, who):
        self.collections(who, "objects", self.token)

    def in_collections(self, who, tail):
        for c in MEMBERS:
            for k in KINDS:
                status = of_collection(who, c)
                if status == 200 and not (KINDS[k][0] == c and sees(who, k)):
                    status = 404
                a = self.ask(who, "GET", f"{C}{c}/objects/{self.ids[k]}/{tail}", status, about=(k,))
                if status != 200:
                    self.assertNotIn(self.token[k], a.body.decode())

    def row_taxii_object(self, who):
        self.in_collections(who, "")

    def row_taxii_versions(self, who):
        self.in_collections(who, "versions/")

    def row_taxii_add(self, who):
        for c in MEMBERS:
            status = gate(who, REPORTS) or of_collection(who, c)
            if status == 200:
                status = 202 if PEOPLE[who][0] in WRITERS[c] else 403
            self.ask(who, "POST", f"{C}{c}/objects/", status, {"objects": [indicator(
                name="probe", object_marking_refs=[TLP["RED"]])]})

    def row_taxii_delete(self, who):
        """What may be deleted is left alone here: an organisation's own, a steward's."""
        for c in MEMBERS:
            for k in KINDS:
                status = gate(who, REPORTS) or of_collection(who, c)
                there = KINDS[k][0] == c and sees(who, k)
                if status == 200 and not there:
                    status = 404 if PEOPLE[who][0] in WRITERS[c] else (403, 404)
                elif status == 200 and "steward" not in roles(who) and \
                        PEOPLE[KINDS[k][1]][0] != PEOPLE[who][0]:
                    status = 403
                elif status == 200:
                    continue
                self.ask(who, "DELETE", f"{C}{c}/objects/{self.ids[k]}/", status, about=(k,))

    def row_api_erase(self, who):
        """As deleting; what may be erased is left alone here, but for the reason."""
        for k in KINDS:
            may = who and ("steward" in roles(who) or PEOPLE[KINDS[k][1]][0] == PEOPLE[who][0])
            status = gate(who, REPORTS) or (404 if not sees(who, k) else 422 if may else 403)
            self.ask(who, "POST", f"/api/v1/objects/{self.ids[k]}/erase", status,
                     {} if status == 422 else {"why": "a test"}, about=(k,))

    def row_taxii_status(self, who):
        self.ask(who, "GET", f"{ROOT}status/{self.status}/",
                 gate(who, READS) or (200 if who == "officer" else 404))

    # ---- JSON ----

    def row_api_me(self, who):
        self.ask(who, "GET", "/api/v1/me", 200)

    def row_api_communities(self, who):
        a = self.ask(who, "GET", "/api/v1/communities", 200)
        for c in MEMBERS:
            there = c == PUBLIC or (who and PEOPLE[who][0] in MEMBERS[c])
            self.assertEqual(c in a.body.decode(), bool(there), (who, c))

    def row_api_status(self, who):
        a = self.ask(who, "GET", "/api/v1/status", gate(who, SIGNED) or 200)
        if a.status == 200:
            self.assertEqual("head" in a.json, bool(roles(who) & {"operator", "auditor"}))

    def row_api_objects(self, who):
        a = self.ask(who, "GET", "/api/v1/objects?limit=1000", gate(who, READS) or 200)
        if a.status == 200:
            named = {k for k in KINDS if who in self.named_in_warning.get(k, ())}
            self.assertEqual(self.listed(a, KINDS) - named,
                             {k for k in KINDS if sees(who, k)} - named)
        for c in MEMBERS:
            a = self.ask(who, "GET", f"/api/v1/objects?community={c}",
                         gate(who, READS) or of_collection(who, c))
            if a.status == 200:
                here = {k for k in KINDS if KINDS[k][0] == c and sees(who, k)}
                self.assertEqual(self.listed(a, [k for k in KINDS if KINDS[k][0]]), here)

    def row_api_object(self, who):
        self.each(who, READS, "GET", "/api/v1/objects/{}")
        a = self.ask(who, "GET", f"/api/v1/objects/{self.ids['granular']}",
                     gate(who, READS) or (200 if sees(who, "granular") else 404))
        if a.status == 200:
            o, all_of_it = a.json["object"], who == "grid"
            self.assertEqual(o["labels"], ["open", SECRET, "also"] if all_of_it else ["open", "also"])
            self.assertEqual(o["granular_markings"][-1]["selectors"],
                             ["labels.[2]", "description"] if all_of_it else ["labels.[1]"])
            for field in ("description", "external_references"):
                self.assertEqual(field in o, all_of_it)
            self.assertEqual(TLP["RED"] in a.body.decode(), all_of_it)

    def row_api_versions(self, who):
        self.each(who, READS, "GET", "/api/v1/objects/{}/versions")

    def row_api_add(self, who):
        for c in MEMBERS:
            status = gate(who, REPORTS) or of_collection(who, c)
            if status == 200:
                status = 201 if PEOPLE[who][0] in WRITERS[c] else 403
            self.ask(who, "POST", f"/api/v1/objects?community={c}", status,
                     {"objects": [indicator(name="probe", object_marking_refs=[TLP["RED"]])]})

    def audit(self, who, path):
        """Numbers and hashes only; this node may keep no log."""
        self.ask(who, "GET", "/api/v1/audit/" + path, gate(who, "auditor") or (200, 404))

    def row_api_audience(self, who):
        """The right to ask is the right to post."""
        for c in MEMBERS:
            status = gate(who, REPORTS) or of_collection(who, c)
            if status == 200 and PEOPLE[who][0] not in WRITERS[c]:
                status = 403
            self.ask(who, "POST", f"/api/v1/audience?community={c}", status,
                     {"objects": [indicator(name="probe")]})

    def row_api_incident(self, who):
        for c in MEMBERS:
            status = gate(who, REPORTS) or of_collection(who, c)
            if status == 200:
                status = 201 if PEOPLE[who][0] in WRITERS[c] else 403
            self.ask(who, "POST", "/api/v1/incidents", status,
                     {"name": "probe", "started": "2026-01-01T00:00:00Z", "community": c,
                      "marking": "RED"})

    def belongs(self, who, c):
        return who is not None and PEOPLE[who][0] in MEMBERS[c]

    def row_api_community(self, who):
        """Members are told to members only, also of a community that is open to all."""
        for c in MEMBERS:
            a = self.ask(who, "GET", f"/api/v1/communities/{c}", gate(who, READS) or (
                200 if self.belongs(who, c) else 404))
            if a.status == 200:
                self.assertEqual(len(a.json["members"]), len(MEMBERS[c]))

    def stewards_only(self, who, tail, body):
        for c in MEMBERS:  # nobody is steward of these
            self.ask(who, "POST", f"/api/v1/communities/{c}/{tail}", gate(who, "steward") or (
                403 if self.belongs(who, c) else 404), body)

    def row_api_member_set(self, who):
        self.stewards_only(who, "members", {"organisation": self.me["stranger"]["org"]["identity"],
                                            "takes_part": ["receive"]})

    def row_api_community_state(self, who):
        self.stewards_only(who, "state", {"state": "archived"})

    def row_api_duty_points(self, who):
        self.ask(who, "GET", "/api/v1/duty-points", gate(who, READS) or 200)

    def row_api_test_calls(self, who):
        self.ask(who, "GET", "/api/v1/test-calls", gate(who, READS) or 200)

    def row_api_duty_call(self, who):
        for k in KINDS:  # an id of another kind
            self.ask(who, "POST", f"/api/v1/duty-points/{self.ids[k]}/call",
                     gate(who, REPORTS) or 404, {}, about=(k,))

    def row_api_duty_answer(self, who):
        for k in KINDS:
            self.ask(who, "POST", f"/api/v1/test-calls/{self.ids[k]}/answer",
                     gate(who, READS) or 404, {}, about=(k,))

    def row_api_confirmations(self, who):
        self.ask(who, "GET", "/api/v1/confirmations", gate(who, READS) or 200)

    def row_api_register_health(self, who):
        """Of what the caller may not read nothing is counted."""
        a = self.ask(who, "GET", "/api/v1/register/health", gate(who, READS) or 200)
        if a.status == 200:
            self.assertLessEqual(len(a.json["stale_entries"]), a.json["entries"])

    def row_api_confirm_open(self, who):
        """Only the node's organisation asks; what is due already asks nobody."""
        self.ask(who, "POST", "/api/v1/confirmations", gate(who, "steward") or (
            422 if PEOPLE[who][0] == "node" else 403), {"due": "2020-01-01T00:00:00Z"})

    def row_api_confirm_answer(self, who):
        for k in KINDS:  # an id of another kind
            self.ask(who, "POST", f"/api/v1/confirmations/{self.ids[k]}/answer",
                     gate(who, REPORTS) or 404, {"state": "confirmed"}, about=(k,))

    def row_api_alert(self, who):
        """Of what one may not read there is no alert area; of nothing but incidents either."""
        for k in set(KINDS) - {"exercise"}:
            self.ask(who, "POST", "/api/v1/alerts", gate(who, "steward") or (
                403 if sees(who, k) and PEOPLE[who][0] != "node" else 404),
                {"incident": self.ids[k]}, about=(k,))

    def row_api_onward(self, who):
        self.ask(who, "GET", "/api/v1/onward", gate(who, READS) or 200)

    def row_api_onward_ask(self, who):
        """What one may not read, and where one does not belong, is not there."""
        for k in KINDS:
            for c in (FORUM, OTHER):
                status = gate(who, REPORTS) or (
                    404 if not sees(who, k) or PEOPLE[who][0] not in MEMBERS[c] else (201, 409))
                self.ask(who, "POST", "/api/v1/onward", status,
                         {"object": self.ids[k], "community": c}, about=(k,))

    def row_api_onward_answer(self, who):
        for k in KINDS:  # an id of another kind
            self.ask(who, "POST", f"/api/v1/onward/{self.ids[k]}/answer",
                     gate(who, RELEASES) or 404, {"grant": True}, about=(k,))

    def row_api_search(self, who):
        # a field that one reader may not see is found by nobody
        a = self.ask(who, "GET", "/api/v1/search?q=" + SECRET, gate(who, READS) or 200)
        self.assertNotIn(self.ids["granular"], a.body.decode())
        for k in KINDS:
            for q in (self.token[k], self.ids[k]):
                a = self.ask(who, "GET", "/api/v1/search?q=" + quote(q), gate(who, READS) or 200,
                             about=(k,))
                if a.status == 200 and k not in WARNINGS and k not in self.named_in_warning \
                        and q == self.token[k]:
                    self.assertEqual(self.token[k] in a.body.decode(), sees(who, k), (who, k))
                if a.status == 200 and not sees(who, k):
                    self.assertNotIn(f'"id":"{self.ids[k]}"', a.body.decode().replace(" ", ""))

    def correlated(self, who, k, a):
        """What has this value, and how much has it."""
        if a.status == 200:
            self.assertEqual(self.ids[k] in a.body.decode(), sees(who, k), (who, k))
            if not sees(who, k):
                nothing = self.n.get("/api/v1/correlate?value=dnothing.example", login=who).body
                self.assertEqual(a.body.decode().replace(f"d{k}.", "dnothing."), nothing.decode())

    def row_api_correlate(self, who):
        for k in self.indicators():
            self.correlated(who, k, self.ask(who, "GET", f"/api/v1/correlate?value=d{k}.example",
                                             gate(who, READS) or 200, about=(k,)))

    def row_api_correlate_many(self, who):
        for k in self.indicators():
            self.correlated(who, k, self.ask(who, "POST", "/api/v1/correlate",
                                             gate(who, READS) or 200,
                                             {"values": [f"d{k}.example"]}, about=(k,)))

    def row_api_retention(self, who):
        """Those with a date are listed to who may read them."""
        a = self.ask(who, "GET", "/api/v1/retention?limit=1000", gate(who, READS) or 200)
        if a.status == 200:
            self.assertEqual({k for k in self.due if self.due[k] in a.body.decode()},
                             {k for k in self.due if sees(who, k)}, who)

    def row_api_subject(self, who):
        """Content to who reads, consultations to auditors, of what they may read."""
        for k in self.indicators():
            a = self.ask(who, "POST", "/api/v1/subject", gate(who, SUBJECTS) or 200,
                         {"value": f"d{k}.example"}, about=(k,))
            if a.status != 200:
                continue
            told = a.json["objects"]
            self.assertEqual("consultations" in a.json, "auditor" in roles(who), (who, k))
            self.assertEqual(bool(told) and all("object" in o for o in told),
                             bool(told) and reads(who), (who, k))
            if reads(who):
                self.assertEqual(self.ids[k] in [o["id"] for o in told], sees(who, k), (who, k))

    def row_api_near(self, who):
        """Round a point, and round each object: that one that is hidden is not there at all."""
        a = self.ask(who, "GET", "/api/v1/near?around=52,5&within=1km", gate(who, READS) or 200)
        assets = ("assetgrid", "assethospital")

        def listed():
            return self.listed(" ".join(o["id"] for o in a.json["objects"]), assets)
        if a.status == 200:
            self.assertEqual(listed(), {k for k in assets if sees(who, k)})
        for k in KINDS:
            if k in WARNINGS:
                continue
            at = 404 if not sees(who, k) else 200 if k in assets else 422  # it has no place
            a = self.ask(who, "GET", f"/api/v1/near?around={self.ids[k]}&within=1km",
                         gate(who, READS) or at, about=(k,))
            if a.status == 200:
                self.assertEqual(listed(), {o for o in assets if o != k and sees(who, o)})

    def row_api_graph(self, who):
        """Around each object: the nodes are what the caller may read, and no more."""
        for k in KINDS:
            at = 200 if sees(who, k) else 404
            a = self.ask(who, "GET", f"/api/v1/graph?id={self.ids[k]}&depth=2&within=1km",
                         gate(who, READS) or at, about=(k,))
            if a.status == 200:
                nodes = " ".join(n["id"] for n in a.json["nodes"])
                self.assertIn(k, self.listed(nodes, KINDS))
                self.assertEqual({o for o in self.listed(nodes, KINDS) if not sees(who, o)}, set())

    def row_api_hunt(self, who):
        a = self.ask(who, "GET", "/api/v1/hunt?pattern=" + quote("[domain-name:value LIKE 'seen%']"),
                     gate(who, "analyst") or 200)
        if a.status == 200:
            self.assertEqual(self.listed(a, self.seen, self.seen),
                             {k for k in self.seen if sees(who, k)})
            self.assertEqual(a.json["observations"], len(self.listed(a, self.seen, self.seen)))

    def rule_status(self, who, kind, needs, mutes=None):
        """Of a question about one rule; mutes: what whoever may mute it gets."""
        there = sees(who, kind) and kind in self.indicators()
        if gate(who, needs) or not there:
            return gate(who, needs) or 404
        poster = PEOPLE[KINDS[kind][1]][0]
        return 200 if not mutes else mutes if PEOPLE[who][0] in ("node", poster) else 403

    def row_api_rules(self, who):
        a = self.ask(who, "GET", "/api/v1/rules?limit=1000", gate(who, READS) or 200)
        if a.status == 200:
            self.assertEqual(self.listed(a, KINDS), {k for k in self.indicators() if sees(who, k)})

    def row_api_rule(self, who):
        for k in KINDS:
            self.ask(who, "GET", f"/api/v1/rules/{self.ids[k]}", self.rule_status(who, k, READS),
                     about=(k,))

    def row_api_rule_add(self, who):
        for c in MEMBERS:
            status = gate(who, "analyst") or of_collection(who, c)
            if status == 200:
                status = 201 if PEOPLE[who][0] in WRITERS[c] else 403
            self.ask(who, "POST", "/api/v1/rules", status, {
                "name": "probe", "pattern": "[file:size = 1]", "community": c, "marking": "RED",
                "severity": "Minor"})

    def row_api_rule_test(self, who):
        a = self.ask(who, "POST", "/api/v1/rule-test", gate(who, "analyst") or 200, {
            "pattern": "[domain-name:value LIKE 'seen%']", "since": "2026-01-01T00:00:00Z"})
        if a.status == 200:
            mine = {k for k in self.seen if sees(who, k)}
            self.assertEqual(self.listed(a, self.seen, self.seen), mine)
            self.assertEqual((a.json["matches"], a.json["observations"]), (len(mine), len(mine)))
        for k in KINDS:
            self.ask(who, "POST", "/api/v1/rule-test", self.rule_status(who, k, "analyst"),
                     {"id": self.ids[k]}, about=(k,))

    def row_api_rule_mute(self, who):
        for k in KINDS:
            self.ask(who, "POST", f"/api/v1/rules/{self.ids[k]}/mute",
                     self.rule_status(who, k, "analyst", 201), {"reason": "probe"}, about=(k,))

    def row_api_rule_unmute(self, who):
        for k in KINDS:
            self.ask(who, "POST", f"/api/v1/rules/{self.ids[k]}/unmute",
                     self.rule_status(who, k, "analyst", 200), {}, about=(k,))

    def indicators(self):
        """Those that hold now: what was revoked correlates with nothing."""
        return [k for k in KINDS if self.ids[k].startswith("indicator") and k != "revoked"]

    def row_api_assets(self, who):
        a = self.ask(who, "GET", "/api/v1/assets.geojson", gate(who, READS) or 200)
        if a.status == 200:
            self.assertEqual(self.listed(a, ("assetgrid", "assethospital")),
                             {k for k in ("assetgrid", "assethospital") if sees(who, k)})

    ASSETS = ("assetgrid", "assethospital")

    def row_api_impact(self, who):
        """What one may not read is no asset; analysts of the node's organisation ask over all."""
        for k in KINDS:
            there = k in self.ASSETS and sees(who, k)
            at = gate(who, READS) or (200 if there else 422)
            a = self.ask(who, "POST", "/api/v1/impact", at,
                         {"first": {"outages": [self.ids[k]]}}, about=(k,))
            if at != 200:
                self.assertNotIn(self.token[k], a.body.decode())
        everywhere = {"circle": {"latitude": 52.0, "longitude": 5.0, "radius_km": 1}}
        a = self.ask(who, "POST", "/api/v1/impact", gate(who, READS) or 200,
                     {"first": {"areas": [everywhere]}})
        if a.status == 200:
            self.assertEqual(self.listed(a, self.ASSETS),
                             {k for k in self.ASSETS if sees(who, k)}, who)
            self.assertEqual(a.json["first"]["failed"], len(self.listed(a, self.ASSETS)))
            self.assertEqual(a.json["scope"], "all" if who == "officer" else "readable")

    def row_api_critical(self, who):
        a = self.ask(who, "GET", "/api/v1/critical?top=200", gate(who, "analyst") or 200)
        if a.status == 200:
            seen = {k for k in self.ASSETS if sees(who, k)}
            self.assertEqual(self.listed(a, self.ASSETS), seen, who)
            self.assertEqual(a.json["assets"], len(seen))

    def row_api_critical_case(self, who):
        for k in KINDS:
            there = k in self.ASSETS and sees(who, k)
            at = gate(who, "analyst") or (200 if there else 404)
            for form in ("json", "html", "text"):
                self.ask(who, "GET", f"/api/v1/critical/{self.ids[k]}?as={form}", at, about=(k,))

    def row_api_warnings(self, who):
        a = self.ask(who, "GET", "/api/v1/warnings", gate(who, READS) or 200)
        if a.status == 200:
            self.assertEqual(self.listed(a, WARNINGS), {k for k in WARNINGS if sees(who, k)})

    def warnings_only(self, who, path):
        self.each(who, READS, "GET", path, WARNINGS)
        for k in KINDS:
            if k not in WARNINGS:  # an id of another kind
                self.ask(who, "GET", path.format(self.ids[k]), gate(who, READS) or 404, about=(k,))

    def row_api_warning(self, who):
        self.warnings_only(who, "/api/v1/warnings/{}")

    def row_cap_message(self, who):
        for k in KINDS:  # a draft is no message
            at = 200 if k == "warningreleased" and sees(who, k) else 404
            self.ask(who, "GET", f"/cap/{self.ids[k]}", gate(who, READS) or at, about=(k,))

    def row_cap_feed(self, who):
        a = self.ask(who, "GET", "/cap/", gate(who, READS) or 200)
        if a.status == 200:  # drafts are no messages
            self.assertEqual(self.listed(a, WARNINGS),
                             {"warningreleased"} if sees(who, "warningreleased") else set())

    def row_api_release(self, who):
        for k in KINDS:
            status = gate(who, RELEASES) or (409 if sees(who, k) and k in WARNINGS else 404)
            if k == "warningdraft" and status == 409:
                continue  # may be released
            self.ask(who, "POST", f"/api/v1/warnings/{self.ids[k]}/release", status, {}, about=(k,))

    def row_api_acknowledge(self, who):
        for k in KINDS:
            status = gate(who, READS) or 404
            if k in WARNINGS and status == 404 and sees(who, k):
                status = 200 if PEOPLE[who][0] == "hospital" and k == "warningreleased" else 403
            self.ask(who, "POST", f"/api/v1/warnings/{self.ids[k]}/acknowledge", status, {},
                     about=(k,))

    def row_api_stream(self, who):
        if gate(who, READS):
            self.ask(who, "GET", "/api/v1/stream", gate(who, READS))
            return
        text = self.stream[who]
        self.assertEqual(SECRET in text, who == "grid")
        # what was deleted had been there for those who could read it
        forum = () if who not in FORUM_PEOPLE else ("deleted",)
        self.no_trace(who, text, "stream", about=forum)
        for k in set(KINDS) - {"deleted"}:
            self.assertEqual(self.ids[k] in text, sees(who, k) or
                             who in self.named_in_warning.get(k, ()), (who, k))

    # ---- the rest ----

    def row_healthz(self, who):
        self.ask(who, "GET", "/healthz", 200)

    def row_api_audit_checkpoint(self, who):
        a = self.ask(who, "GET", "/api/v1/audit/checkpoint", gate(who, AUDITS) or 200)
        if a.status == 200:
            self.assertTrue(a.body.startswith(b"tocsin/identity--"))

    def row_api_audit_inclusion(self, who):
        self.ask(who, "GET", "/api/v1/audit/inclusion/x", gate(who, AUDITS) or 404)
        a = self.ask(who, "GET", "/api/v1/audit/inclusion/0", gate(who, AUDITS) or 200)
        if a.status == 200:
            said = a.json
            node, at, end = bytes.fromhex(said["leaf"]), said["index"], said["size"] - 1
            for step in map(bytes.fromhex, said["proof"]):  # RFC 9162 section 2.1.3.2
                left = at % 2 == 1 or at == end
                node = sha256(b"\1" + (step + node if left else node + step)).digest()
                while left and at % 2 == 0 and at:
                    at, end = at // 2, end // 2
                at, end = at // 2, end // 2
            self.assertEqual(node.hex(), said["root"])

    def row_api_audit_consistency(self, who):
        self.ask(who, "GET", "/api/v1/audit/consistency/999999999", gate(who, AUDITS) or 404)
        self.ask(who, "GET", "/api/v1/audit/consistency/1", gate(who, AUDITS) or 200)

    def row_metrics(self, who):
        self.ask(who, "GET", "/metrics", (200, 403))

    def row_signin_form(self, who):
        self.ask(who, "GET", "/signin", 400)  # without the code

    def row_signin(self, who):
        self.ask(who, "POST", "/signin", 401, "code=x",
                 headers={"Content-Type": "application/x-www-form-urlencoded"})

    def row_page(self, who):
        self.ask(who, "GET", "/", (200, 404))
        self.ask(who, "GET", "/nothing", 404)

    # ---- the tests ----

    def routes(self):
        out = subprocess.run([os.environ["TOCSIN_ROUTES"]], capture_output=True, text=True,
                             check=True).stdout
        return [line.split("\t") for line in out.splitlines()]

    def test_every_route_has_a_row(self):
        self.assertEqual({name: who for _, _, name, who in self.routes()}, ROUTES)
        rows = {x.removeprefix("row_") for x in dir(self) if x.startswith("row_")}
        self.assertEqual(rows, set(ROUTES))

    def test_z_on_record(self):
        """After all rows."""
        self.assertGreater(len(self.named), 300)
        self.assertEqual(sorted(self.unrecorded()), [])

    def test_methods_without_a_route(self):
        there = {}
        for method, path, _, _ in self.routes():
            there.setdefault(path, {"HEAD"} if method != "GET" else set()).add(method)
        for path, methods in there.items():
            full = path
            for name, value in (("collection", FORUM), ("object", self.ids["redtonobody"]),
                                ("warning", self.ids["warningdraft"]), ("rule", self.ids["redtonobody"]), ("status", self.status),
                                ("warning", self.ids["warningdraft"]), ("status", self.status), ("request", self.ids["deleted"]),
                                ("community", FORUM), ("point", self.ids["deleted"]),
                                ("call", self.ids["deleted"]), ("approval", self.ids["deleted"]),
                                ("file", "nothing"), ("index", "0"), ("size", "1")):
                full = full.replace("{%s}" % name, value)
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - methods:
                for who in (None, "grid", "officer"):
                    if (method, path) == ("POST", "/{file}") or path == "/{file}":
                        continue  # also matches /signin
                    self.ask(who, method, full, 405, about=("redtonobody", "warningdraft"))


def add_rows():
    for name in ROUTES:
        for who in PEOPLE:
            def test(self, name=name, who=who):
                getattr(self, "row_" + name)(who)
            setattr(Matrix, f"test_{name}_as_{who or 'anonymous'}", test)


add_rows()

if __name__ == "__main__":
    run()
