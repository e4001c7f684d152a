# SPDX-License-Identifier: Apache-2.0
"""What published holes of sharing platforms did, each tried here: reading between creation and
restriction, fields that one may not set, ids of another kind or place, paths and headers that a
proxy in front could read otherwise than the node."""
import threading
import unittest
import uuid
from urllib.parse import quote

from node import FORUM, OTHER, PUBLIC, READ_ONLY, ROOT, Node, indicator, run

C = ROOT + "collections/"
TLP = {"CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
       "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
       "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"}


class Tricks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node("parts=1")
        cls.org = {w: cls.n.get("/api/v1/me", login=w).json["org"]["identity"]
                   for w in ("officer", "grid", "hospital", "stranger")}
        cls.secret = indicator(name="qsecretq", object_marking_refs=[TLP["AMBER"]])
        assert cls.n.add([cls.secret], OTHER, login="stranger").json["failure_count"] == 0

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def test_between_creation_and_restriction(self):
        """Somebody asks without pause while restricted things come in; nothing shows for a moment."""
        done, seen, asked = threading.Event(), [], [0]
        ids = [str(uuid.uuid4()) for _ in range(60)]

        def hammer():
            while not done.is_set():
                for path in (f"{C}{FORUM}/objects/?limit=1000", f"{C}{PUBLIC}/objects/",
                             "/api/v1/objects?type=indicator",
                             f"/api/v1/objects/indicator--{ids[asked[0] % len(ids)]}"):
                    a = self.n.get(path, login="hospital").body.decode()
                    asked[0] += 1
                    if "qraceq" in a or any(i in a for i in ids[:40]) and "no such" not in a:
                        seen.append((path, a))
        threads = [threading.Thread(target=hammer) for _ in range(3)]
        for t in threads:
            t.start()
        for k, i in enumerate(ids):
            foreign = {"type": "marking-definition", "spec_version": "2.1", "name": "ours",
                       "id": f"marking-definition--{uuid.uuid4()}",
                       "created": "2026-01-01T00:00:00.000Z", "definition_type": "ours",
                       "definition": {"ours": "only"}}
            if k < 40:  # the whole object; its marking comes after it, or is nowhere known
                o = indicator(i, name="qraceq",
                              object_marking_refs=[TLP["RED"] if k % 2 else foreign["id"]])
            else:  # a field of it
                o = indicator(i, description="qraceq", object_marking_refs=[TLP["CLEAR"]],
                              granular_markings=[{"marking_ref": TLP["RED"],
                                                  "selectors": ["description"]}])
            a = self.n.add([o, foreign] if k % 3 else [o], FORUM, login="grid")
            self.assertEqual(a.status, 202)
        done.set()
        for t in threads:
            t.join()
        self.assertEqual(seen, [])
        self.assertGreater(asked[0], 40)
        o = self.n.get(f"/api/v1/objects/indicator--{ids[50]}", login="hospital")
        self.assertEqual(o.status, 200)  # the object itself was there to be seen

    def test_fields_that_are_not_theirs_to_set(self):
        """Who posted, where, when and for whom is what the node saw, whatever the body says."""
        o = indicator(object_marking_refs=[TLP["AMBER"]], created_by_ref=self.org["officer"],
                      audience=1, community=1, creator_org=1, org=1, seq=1, added="2000-01-01T00:00:00Z",
                      system=True, roles=127, tlp="CLEAR")
        body = {"objects": [o], "community": FORUM, "audience": {"tlp": 0}, "who": "officer",
                "org": 1, "person": 1, "roles": 127, "principal": {"system": True}}
        a = self.n.post("/api/v1/objects", body, login="stranger")
        self.assertEqual(a.status, 201, a)
        for who in ("officer", "grid", "hospital"):
            self.assertEqual(self.n.get(f"/api/v1/objects/{o['id']}", login=who).status, 404)
        a = self.n.get(f"/api/v1/objects/{o['id']}", login="stranger").json
        self.assertEqual(a["marking"], "TLP:AMBER")
        self.assertFalse(a["added"].startswith("2000"))
        a = self.n.post("/api/v1/incidents",
                        {"name": "probe", "started": "2026-01-01T00:00:00Z", "id": o["id"],
                         "created_by_ref": self.org["officer"], "type": "indicator",
                         "object_marking_refs": [TLP["CLEAR"]]}, login="stranger")
        self.assertEqual(a.status, 201)
        made = self.n.get(f"/api/v1/objects/{a.json['id']}", login="stranger").json["object"]
        self.assertEqual((made["type"], made["created_by_ref"]), ("incident", self.org["stranger"]))
        self.assertEqual(self.n.get(f"/api/v1/objects/{made['id']}", login="grid").status, 404)
        # a session with more than was given
        a = self.n.get("/api/v1/me?roles=127&org=1&person=1", login="hospital").json
        self.assertNotIn("steward", str(a["roles"]))

    def test_ids_of_another_kind_or_place(self):
        """An id counts in the place where it is asked for, and as what it is."""
        i = self.secret["id"]
        for path in (f"{C}{FORUM}/objects/{i}/", f"{C}{FORUM}/objects/{i}/versions/",
                     f"{C}{FORUM}/objects/{OTHER}/", f"/api/v1/objects/{OTHER}",
                     f"/api/v1/objects/{i},{i}", f"/api/v1/warnings/{i}", f"/cap/{i}",
                     f"/api/v1/communities/{i}", f"{C}{i}/objects/", f"/taxii2/root/status/{OTHER}/",
                     f"/api/v1/communities/{self.org['stranger']}", f"/api/v1/objects/{self.org['grid']}"):
            a = self.n.get(path, login="grid")
            self.assertIn(a.status, (400, 404), path)
            self.assertNotIn("qsecretq", a.body.decode())
        own = indicator(object_marking_refs=[TLP["AMBER"]])
        self.n.add([own], FORUM, login="grid")
        # two ids in one request, of which one may be read
        a = self.n.objects(FORUM, f"?match[id]={own['id']},{i}", login="grid")
        self.assertEqual([o["id"] for o in a.json["objects"]], [own["id"]])
        # deleting by way of a collection that one may write to
        a = self.n.call("DELETE", f"{C}{FORUM}/objects/{i}/", login="grid")
        self.assertEqual(a.status, 404)
        a = self.n.call("DELETE", f"{C}{OTHER}/objects/{own['id']}/", login="stranger")
        self.assertEqual(a.status, 404)
        for c in (OTHER, "other", PUBLIC, READ_ONLY):  # posting where one does not
            a = self.n.post(f"/api/v1/objects?community={c}", indicator(), login="grid")
            self.assertIn(a.status, (403, 404), c)
            a = self.n.post(f"/api/v1/objects?community={FORUM}&community={c}", indicator(),
                            login="hospital")
            self.assertIn(a.status, (400, 403, 404), c)
        self.assertEqual(self.n.get(f"/api/v1/objects/{i}", login="stranger").status, 200)
        self.assertEqual(self.n.get(f"/api/v1/objects/{own['id']}", login="grid").status, 200)

    def test_paths(self):
        i, here = self.secret["id"], f"{C}{FORUM}/"
        there = f"{C}{OTHER}/objects/{i}/"
        for path in (f"{here}../{OTHER}/objects/{i}/", f"{here}%2e%2e/{OTHER}/objects/{i}/",
                     f"{here}..%2f{OTHER}/objects/{i}/", there.replace("/objects", "//objects"),
                     "/" + there, there + "?x=/../", there.rstrip("/") + "/.", there.rstrip("/") + ";/",
                     there.rstrip("/") + "%00/", there.replace("taxii2", "TAXII2"),
                     there.replace("collections", "%63ollections"), there + "%3Fmatch", there[:-1],
                     f"/api/v1/objects/{i}/", f"/api/v1/objects/{quote(i, safe='')}%20",
                     f"/api/v1/objects/./{i}", f"/api/v1//objects/{i}", f"/api/v1/objects/{i}%0a",
                     f"/api/v1/objects/{i.upper()}", f"/./api/v1/objects/{i}",
                     f"http://localhost/api/v1/objects/{i}"):
            for who in ("grid", None):
                a = self.n.get(path, login=who)
                self.assertIn(a.status, (400, 401, 404, 405), (path, who))
                self.assertNotIn("qsecretq", a.body.decode())

    def test_headers(self):
        """What a proxy would believe changes nothing."""
        i = self.secret["id"]
        tricks = [{"X-Original-URL": f"/api/v1/objects/{i}"}, {"X-Rewrite-URL": "/metrics"},
                  {"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "DELETE"},
                  {"X-Forwarded-For": "127.0.0.1"}, {"X-Real-IP": "127.0.0.1"},
                  {"X-Forwarded-Host": "localhost"}, {"Forwarded": "for=127.0.0.1;host=localhost"},
                  {"X-Forwarded-User": "stranger"}, {"X-Remote-User": "stranger"},
                  {"Remote-User": "stranger"}, {"X-User": "stranger"}, {"From": "stranger"},
                  {"X-SSL-Client-Verify": "SUCCESS", "X-SSL-Client-S-DN": "CN=stranger"},
                  {"Referer": self.n.url + "/"}, {"Range": "bytes=0-10"}, {"If-None-Match": "*"},
                  {"If-Match": "*"}, {"TE": "trailers"}, {"Expect": "something"}]
        own = indicator(object_marking_refs=[TLP["AMBER"]])
        self.n.add([own], FORUM, login="grid")
        for headers in tricks:
            for who in ("grid", None):
                a = self.n.get(f"/api/v1/objects/{i}", login=who, headers=headers)
                self.assertIn(a.status, (401, 404, 417), (headers, who))
                a = self.n.post("/api/v1/audience", own, login=who, headers=headers)
                self.assertIn(a.status, (200, 401, 412, 417), (headers, who))
            a = self.n.get(f"/api/v1/objects/{own['id']}", login="grid", headers=headers)
            self.assertIn(a.status, (200, 304, 412, 417), headers)
        # two identities in one request: neither, or the first; never more than one alone
        for pair in (["grid", "stranger"], ["stranger", "grid"]):
            from node import basic
            raw = (f"GET /api/v1/objects/{i} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                   "".join(f"Authorization: {basic(w)}\r\n" for w in pair) + "\r\n").encode()
            got = self.n.raw(raw)
            self.assertNotIn(b" 200 ", got.split(b"\r\n")[0] if pair[0] == "grid" else b"")
        self.assertEqual(self.n.get(f"/api/v1/objects/{own['id']}", login="grid").status, 200)
        self.assertEqual(self.n.get(f"/api/v1/objects/{i}", login="stranger").status, 200)


if __name__ == "__main__":
    run()
