# SPDX-License-Identifier: Apache-2.0
"""TAXII 2.1 against a live node, clause by clause (OASIS Standard, 10 June 2021)."""
import threading
import unittest
import uuid

from node import ADDING, FORUM, OTHER, PUBLIC, READ_ONLY, ROOT, TAXII, Node, indicator, run

C = ROOT + "collections/"


class Taxii(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def error(self, answer, status):
        """Section 3.6: an error object, http_status a string."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], TAXII)
        self.assertTrue(answer.json["title"])
        self.assertEqual(answer.json["http_status"], str(status))

    def test_discovery(self):  # 4.1
        a = self.n.get("/taxii2/")
        self.assertEqual(a.status, 200)
        self.assertEqual(a.headers["Content-Type"], TAXII)
        self.assertIn(a.json["default"], a.json["api_roots"])
        root = self.n.get(a.json["default"].removeprefix(self.n.url))
        self.assertEqual(root.json["versions"], [TAXII])
        self.assertGreater(root.json["max_content_length"], 0)

    def test_media_types(self):  # 1.6.8
        for accept in ("application/taxii+json", "*/*", TAXII, None):
            self.assertEqual(self.n.get("/taxii2/", headers={"Accept": accept}).status, 200)
        for accept in ("application/json", "application/taxii+json;version=2.0", "text/html"):
            self.error(self.n.get("/taxii2/", headers={"Accept": accept}), 406)
        path = C + ADDING + "/objects/"
        for kind in ("application/json", "application/stix+json;version=2.1",
                     "application/taxii+json;version=2.0", None):
            self.error(self.n.post(path, '{"objects":[]}', headers={"Content-Type": kind}), 415)

    def test_sign_in(self):  # 3.2
        path = C + FORUM + "/objects/"
        a = self.n.get(path, login=None)
        self.error(a, 401)
        self.assertTrue(a.headers["WWW-Authenticate"].startswith("Basic "))
        self.error(self.n.get(path, headers={"Authorization": "Basic x"}), 401)
        self.error(self.n.get(path, headers={"Authorization": "Basic YTpi"}), 401)
        self.error(self.n.get(path, headers={"Authorization": "Bearer nothing"}), 401)

    def test_other_peoples_ids(self):
        """created_by_ref does not make one the creator, and who may not read it learns nothing."""
        o = indicator(created_by_ref=f"identity--{uuid.uuid4()}")
        self.assertEqual(self.n.add([o], login="grid").json["failure_count"], 0)
        path = C + FORUM + "/objects/"

        def said(objects, **who):
            a = self.n.add(objects, **who).json
            return [x.get("message", "") for x in a["failures"] + a["successes"]]
        later = dict(o, modified="2026-02-01T00:00:00.000Z", name="Distorted")
        neutral = said([later], collection=OTHER, login="stranger")
        self.assertIn("this id cannot be used here", neutral[0])
        differs, revoked = dict(o, name="x"), dict(later, revoked=True)
        for what in (differs, revoked):
            self.assertEqual(said([what], collection=OTHER, login="stranger"), neutral)
        self.assertEqual([x["name"] for x in self.n.get(path + o["id"] + "/", login="grid")
                          .json["objects"]], ["Test"])
        self.assertEqual(self.n.get(C + OTHER + "/objects/" + o["id"] + "/", login="stranger")
                         .status, 404)
        # the same organisation goes on, the node's own may correct
        self.assertEqual(said([later], login="grid"), [""])
        self.assertEqual(said([dict(o, modified="2026-03-01T00:00:00.000Z")]), [""])
        self.assertEqual(said([dict(o, modified="2026-03-02T00:00:00.000Z")], login="grid"), [""])
        # and the one whom it was posted for by somebody else
        me = self.n.get("/api/v1/me", login="stranger").json
        o = indicator(created_by_ref=me["org"]["identity"])
        self.n.add([o], login="grid")
        later = dict(o, modified="2026-02-01T00:00:00.000Z")
        self.assertEqual(said([later], collection=OTHER, login="stranger"), [""])

    def test_collections(self):  # 5.1, 5.2
        seen = {c["id"]: c for c in self.n.get(C, login="grid").json["collections"]}
        self.assertIn(FORUM, seen)
        self.assertNotIn(OTHER, seen)
        self.assertEqual((seen[READ_ONLY]["can_read"], seen[READ_ONLY]["can_write"]), (True, False))
        self.assertEqual(self.n.get(C + FORUM + "/", login="grid").json, seen[FORUM])
        self.assertEqual(self.n.get(C + "forum/", login="grid").json, seen[FORUM])
        hidden = self.n.get(C + OTHER + "/", login="grid")
        absent = self.n.get(C + str(uuid.uuid4()) + "/", login="grid")
        self.error(hidden, 404)
        self.assertEqual(hidden.body, absent.body)
        public = self.n.get(C, login=None).json["collections"]
        self.assertEqual([c["id"] for c in public], [PUBLIC])

    def test_slash_is_part_of_the_address(self):
        self.error(self.n.get("/taxii2/root/collections"), 404)
        self.assertEqual(self.n.get("/taxii2").status, 404)
        self.error(self.n.get("/taxii2/other/"), 404)

    def test_methods(self):
        a = self.n.call("PUT", C + FORUM + "/objects/")
        self.error(a, 405)
        self.assertEqual(a.headers["Allow"], "GET, HEAD, POST")
        head = self.n.call("HEAD", "/taxii2/")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertGreater(int(head.headers["Content-Length"]), 0)

    def test_add_and_status(self):  # 5.5, 4.3
        o = indicator()
        a = self.n.add([o], ADDING)
        self.assertEqual(a.status, 202)
        s = a.json
        self.assertEqual((s["status"], s["total_count"], s["success_count"]), ("complete", 1, 1))
        self.assertEqual(s["successes"][0]["id"], o["id"])
        self.assertEqual(s["successes"][0]["version"], o["modified"])
        again = self.n.get(ROOT + f"status/{s['id']}/")
        self.assertEqual((again.status, again.json), (200, s))
        self.error(self.n.get(ROOT + f"status/{s['id']}/", login="grid"), 404)
        self.error(self.n.get(ROOT + f"status/{uuid.uuid4()}/"), 404)
        self.error(self.n.get(ROOT + "status/x/"), 404)
        self.assertIn(o, self.n.objects(ADDING).json["objects"])

    def test_add_some_bad(self):
        good = indicator()
        a = self.n.add([good, {"type": "indicator", "id": "nonsense"}], ADDING)
        self.assertEqual(a.status, 202)
        self.assertEqual((a.json["success_count"], a.json["failure_count"]), (1, 1))
        self.assertTrue(a.json["failures"][0]["message"])

    def test_add_refused(self):
        path = C + ADDING + "/objects/"
        self.error(self.n.post(path, "{", headers={"Content-Type": TAXII}), 400)
        self.error(self.n.post(path, '{"objects":[]}', headers={"Content-Type": TAXII}), 422)
        self.error(self.n.add([indicator()], READ_ONLY, login="grid"), 403)
        self.error(self.n.add([indicator()], FORUM, login="hospital"), 403)
        self.error(self.n.add([indicator()], OTHER), 404)
        self.error(self.n.add([indicator()], FORUM, login=None), 401)

    def test_bytes_survive(self):
        body = ('{"objects": [ {"type":"indicator",  "spec_version":"2.1","id":"indicator--%s",'
                '"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",'
                '"pattern":"[a:b = \\u0027\\u00e9\\u0027]","pattern_type":"x","valid_from":'
                '"2026-01-01T00:00:00Z","x_n":1.10e0,"x_deep":{"b":1,"a":2}} ]}')
        o = body % uuid.uuid4()
        self.assertEqual(self.n.post(C + ADDING + "/objects/", o,
                                     headers={"Content-Type": TAXII}).json["success_count"], 1)
        slice_ = o[o.index("[ ") + 2:o.rindex(" ]")].encode()
        self.assertIn(slice_, self.n.objects(ADDING).body)

    def test_filters(self):  # 3.4
        n, ids = self.n, [str(uuid.uuid4()) for _ in range(3)]
        first = [indicator(i, name=f"one {i}") for i in ids]
        second = indicator(ids[0], modified="2026-02-01T00:00:00.000Z", name="two")
        n.add(first, FORUM, login="grid")
        added = n.add([second], FORUM, login="grid")
        self.assertEqual(added.json["success_count"], 1, added)
        q = "?match[id]=" + ",".join("indicator--" + i for i in ids)

        def got(more="", status=200):
            a = n.objects(FORUM, q + more)
            self.assertEqual(a.status, status, a)
            return [o["modified"][:7] for o in a.json.get("objects", [])]
        self.assertEqual(got(), ["2026-01", "2026-01", "2026-02"])
        self.assertEqual(got("&match[version]=first"), ["2026-01"] * 3)
        self.assertEqual(got("&match[version]=all"), ["2026-01"] * 3 + ["2026-02"])
        self.assertEqual(got("&match[version]=first,last"), ["2026-01"] * 3 + ["2026-02"])
        self.assertEqual(got("&match[version]=2026-02-01T00:00:00.000Z"), ["2026-02"])
        self.assertEqual(got("&match[type]=malware"), [])
        self.assertEqual(got("&match[type]=malware,indicator"), got())
        self.assertEqual(got("&match[spec_version]=2.0"), [])
        self.assertEqual(got("&match[spec_version]=2.0,2.1"), got())
        self.assertEqual(n.objects(FORUM, q + "&match[type]=malware").body, b"{}")
        manifest = n.get(C + FORUM + "/manifest/" + q).json["objects"]
        self.assertEqual([m["version"] for m in manifest][-1], "2026-02-01T00:00:00.000Z")
        cut = manifest[1]["date_added"]
        self.assertRegex(cut, r"\.\d{6}Z$")
        self.assertEqual(len(got("&added_after=" + cut)), 1)
        one = C + FORUM + "/objects/indicator--" + ids[0] + "/"
        self.assertEqual(len(n.get(one).json["objects"]), 1)
        self.assertEqual(len(n.get(one + "?match[version]=all").json["objects"]), 2)
        versions = n.get(one + "versions/")
        self.assertEqual(versions.json["versions"],
                         ["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"])
        self.assertIn("X-TAXII-Date-Added-First", versions.headers)
        self.assertEqual(n.get(one + "?match[spec_version]=2.0").body, b"{}")
        for bad in ("&limit=0", "&limit=-1", "&limit=x", "&limit=1.5", "&added_after=yesterday",
                    "&added_after=2026-01-01T00:00:00%2B01:00", "&match[version]=newest",
                    "&match[colour]=red", "&match[type]=", "&next=x", "&match[id]=again",
                    "&limit=1&limit=2"):
            self.error(n.objects(FORUM, q + bad), 400)
        self.assertEqual(n.objects(FORUM, q + "&x_unknown=1").status, 200)
        self.error(n.get(C + FORUM + f"/objects/indicator--{uuid.uuid4()}/"), 404)
        self.error(n.get(C + FORUM + "/objects/x/versions/"), 404)

    def test_pages(self):  # 3.5
        n, ids = self.n, [str(uuid.uuid4()) for _ in range(25)]
        n.add([indicator(i) for i in ids], FORUM)
        q = "?limit=10&match[id]=" + ",".join("indicator--" + i for i in ids)
        a = n.objects(FORUM, q)
        self.assertTrue(a.json["more"])
        self.assertEqual(len(a.json["objects"]), 10)
        nxt = a.json["next"]
        self.error(n.objects(FORUM, "?limit=10&next=" + nxt), 400)
        self.error(n.objects(FORUM, q + "&match[version]=all&next=" + nxt), 400)
        self.error(n.objects(FORUM, q + "&next=" + nxt, login="grid"), 400)
        self.error(n.get(C + FORUM + "/manifest/" + q + "&next=" + nxt), 400)
        self.error(n.objects(ADDING, q + "&next=" + nxt), 400)
        self.error(n.objects(FORUM, q + "&next=" + nxt[:-1] + ("A" if nxt[-1] != "A" else "B")), 400)
        seen = [o["id"] for o in a.json["objects"]]
        while a.json["more"]:
            a = n.objects(FORUM, q + "&next=" + a.json["next"])
            seen += [o["id"] for o in a.json["objects"]]
        self.assertEqual(seen, ["indicator--" + i for i in ids])
        self.assertNotIn("next", a.json)

    def test_limit_is_lowered(self):
        for _ in range(3):
            self.n.add([indicator() for _ in range(500)], ADDING)
        a = self.n.objects(ADDING, "?limit=99999999999999999999999")
        self.assertEqual((len(a.json["objects"]), a.json["more"]), (1000, True))

    def test_pages_while_others_append(self):
        """Nothing is lost and nothing comes twice, whatever is added meanwhile."""
        n, stop, mine = self.n, threading.Event(), [str(uuid.uuid4()) for _ in range(300)]
        n.add([indicator(i, labels=["paged"]) for i in mine], FORUM)

        def append():
            while not stop.is_set():
                n.add([indicator() for _ in range(7)], FORUM, login="grid")
        threads = [threading.Thread(target=append) for _ in range(2)]
        for t in threads:
            t.start()
        seen, query, pages = [], "?limit=13", 0
        while True:
            a = n.objects(FORUM, query).json
            seen += [o["id"] for o in a.get("objects", [])]
            pages += 1
            if pages == 40:
                stop.set()
            if not a.get("more"):
                break
            query = "?limit=13&next=" + a["next"]
        stop.set()
        for t in threads:
            t.join()
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual({"indicator--" + i for i in mine}, set(seen))

    def test_delete(self):  # 5.7
        n, o = self.n, indicator()
        path = C + FORUM + f"/objects/{o['id']}/"
        n.add([o], FORUM, login="grid")
        n.add([indicator(o["id"][11:], modified="2026-03-01T00:00:00.000Z")], FORUM, login="grid")
        self.error(n.call("DELETE", path, login="hospital"), 403)
        self.error(n.call("DELETE", path, login="stranger"), 404)
        self.error(n.call("DELETE", path, login=None), 401)
        a = n.call("DELETE", path + "?match[version]=first", login="grid")
        self.assertEqual((a.status, a.body), (200, b""))
        self.assertEqual(n.get(path + "versions/").json["versions"], ["2026-03-01T00:00:00.000Z"])
        self.assertEqual(n.call("DELETE", path + "?match[version]=all", login="grid").status, 200)
        self.error(n.get(path), 404)
        self.error(n.call("DELETE", path, login="grid"), 404)
        foreign = indicator()
        n.add([foreign], FORUM)
        self.error(n.call("DELETE", C + FORUM + f"/objects/{foreign['id']}/", login="grid"), 403)

    def test_hidden(self):
        """What one may not see is not there: the same answer, byte for byte."""
        o = indicator()
        self.n.add([o], ADDING)
        hidden = self.n.get(C + ADDING + f"/objects/{o['id']}/", login="grid")
        absent = self.n.get(C + str(uuid.uuid4()) + f"/objects/{o['id']}/", login="grid")
        self.error(hidden, 404)
        self.assertEqual(hidden.body, absent.body)
        self.assertEqual(self.n.get("/api/v1/objects/" + o["id"], login="grid").body,
                         self.n.get(f"/api/v1/objects/indicator--{uuid.uuid4()}", login="grid").body)


if __name__ == "__main__":
    run()
