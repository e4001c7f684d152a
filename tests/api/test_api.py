# SPDX-License-Identifier: Apache-2.0
"""The JSON interface, signing in, the event stream, the page, operation: against a live node."""
import http.client
import json
import re
import socket
import time
import unittest
import uuid

from node import ADDING, FORUM, OTHER, Node, basic, indicator, run


class Stream:
    """One event stream, read event by event."""

    def __init__(self, n, login="officer", headers=None, timeout=20):
        self.c = http.client.HTTPConnection(*n.address, timeout=timeout)
        self.c.request("GET", "/api/v1/stream",
                       headers={"Authorization": basic(login), **(headers or {})})
        self.r = self.c.getresponse()
        self.status = self.r.status
        if self.status == 200:
            assert self.r.fp.readline  # chunked: read by the response
            self.line()  # ": tocsin"
            self.line()

    def line(self):
        return self.r.readline().decode().rstrip("\n")

    def event(self):
        e = {}
        while True:
            line = self.line()
            if not line:
                if e or self.r.closed:
                    return e
                continue
            if not line.startswith(":"):
                name, value = line.split(": ", 1)
                e[name] = value

    def close(self):
        self.c.close()


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def error(self, a, status):
        self.assertEqual(a.status, status, a)
        self.assertEqual(a.headers["Content-Type"], "application/json")
        self.assertTrue(a.json["error"]["code"] and a.json["error"]["message"])

    def test_me(self):
        me = self.n.get("/api/v1/me", login=None).json
        self.assertEqual((me["signed_in"], me["roles"]), (False, []))
        me = self.n.get("/api/v1/me", login="grid").json
        self.assertEqual((me["login"], me["org"]["name"]), ("grid", "Grid operator"))
        self.assertEqual(me["roles"], ["reader", "reporter"])

    def test_session(self):
        n = self.n
        self.error(n.post("/api/v1/session", {"login": "grid", "password": "x"}, login=None), 401)
        self.error(n.post("/api/v1/session", {"login": "grid"}, login=None), 422)
        self.error(n.post("/api/v1/session", "{", login=None,
                          headers={"Content-Type": "application/json"}), 400)
        a = n.post("/api/v1/session", {"login": "grid", "password": "grid, quiet bells"}, login=None)
        self.assertEqual((a.status, a.json["login"]), (200, "grid"))
        cookie = a.headers["Set-Cookie"]
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, cookie)
        mine = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(n.get("/api/v1/me", login=None, headers=mine).json["login"], "grid")
        form = {"name": "Test", "started": "2026-01-01T00:00:00Z"}
        # a change that rests on the cookie needs our header, and no foreign Origin
        self.error(n.post("/api/v1/incidents", form, login=None, headers=mine), 403)
        self.error(n.post("/api/v1/incidents", form, login=None,
                          headers={**mine, "X-Tocsin": "1", "Origin": "http://evil.example"}), 403)
        self.error(n.post("/api/v1/incidents", form, login=None,
                          headers={**mine, "X-Tocsin": "1", "Origin": "null"}), 403)
        good = {**mine, "X-Tocsin": "1", "Origin": n.url}
        self.assertEqual(n.post("/api/v1/incidents", form, login=None, headers=good).status, 201)
        twice = {"Cookie": mine["Cookie"] + "; " + mine["Cookie"]}
        self.error(n.get("/api/v1/me", login=None, headers=twice), 400)
        out = n.call("DELETE", "/api/v1/session", login=None, headers=good)
        self.assertEqual(out.status, 204)
        self.assertIn("Max-Age=0", out.headers["Set-Cookie"])
        self.assertFalse(n.get("/api/v1/me", login=None, headers=mine).json["signed_in"])

    def test_one_time_code(self):
        n = self.n
        form = n.get("/signin?code=" + n.code, login=None)
        self.assertEqual(form.status, 200)
        self.assertIn(n.code, form.body.decode())
        self.assertNotIn("Set-Cookie", form.headers)
        self.assertEqual(n.get("/signin?code=%22%3E%3Cscript%3E", login=None).status, 400)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        evil = n.post("/signin", "code=" + n.code, login=None,
                      headers={**kind, "Origin": "http://evil.example"})
        self.assertEqual(evil.status, 403)
        a = n.post("/signin", "code=" + n.code, login=None, headers={**kind, "Origin": n.url})
        self.assertEqual((a.status, a.headers["Location"]), (303, "/"))
        mine = {"Cookie": a.headers["Set-Cookie"].split(";")[0]}
        self.assertEqual(n.get("/api/v1/me", login=None, headers=mine).json["login"], "officer")
        self.assertEqual(n.post("/signin", "code=" + n.code, login=None, headers=kind).status, 401)

    def test_objects(self):
        n, o = self.n, indicator(name="first")
        a = n.post(f"/api/v1/objects?community={FORUM}", {"objects": [o]}, login="grid")
        self.assertEqual((a.status, a.json["objects"][0]["state"]), (201, "new"))
        n.add([indicator(o["id"][11:], modified="2026-02-01T00:00:00.000Z", name="second")], FORUM,
              login="grid")
        one = n.get("/api/v1/objects/" + o["id"]).json
        self.assertEqual((one["object"]["name"], one["marking"]), ("second", "TLP:AMBER"))
        self.assertEqual(one["community"]["id"], FORUM)
        self.assertEqual(len(n.get(f"/api/v1/objects/{o['id']}/versions").json["versions"]), 2)
        self.error(n.get("/api/v1/objects/" + o["id"], login="stranger"), 404)
        self.error(n.get("/api/v1/objects/nonsense"), 404)
        self.error(n.post(f"/api/v1/objects?community={OTHER}", {"objects": [o]}), 404)
        self.error(n.post("/api/v1/objects", {"objects": [o]}, login="hospital"), 403)
        bad = n.post("/api/v1/objects", {"objects": [indicator(valid_from="never")]})
        self.assertEqual((bad.status, bad.json["objects"][0]["path"]), (422, "valid_from"))

    def test_list_pages(self):
        n, ids = self.n, [f"tool--{uuid.uuid4()}" for _ in range(25)]
        n.add([{"type": "tool", "spec_version": "2.1", "id": i, "name": i,
                "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}
               for i in ids], ADDING)
        n.add([{"type": "tool", "spec_version": "2.1", "id": ids[0], "name": "newer",
                "created": "2026-01-01T00:00:00.000Z", "modified": "2026-02-01T00:00:00.000Z"}],
              ADDING)
        ids.append(ids.pop(0))  # now the newest, and not listed again in its old version
        seen, query = [], "?type=tool&limit=10"
        while True:
            a = n.get("/api/v1/objects" + query).json
            seen += [o["id"] for o in a["objects"]]
            if "next" not in a:
                break
            query = "?type=tool&limit=10&next=" + a["next"]
        self.assertEqual(seen, ids[::-1])
        self.error(n.get("/api/v1/objects?next=" + a.get("next", "x")), 400)
        self.error(n.get("/api/v1/objects?limit=0"), 400)
        self.error(n.get("/api/v1/objects?since=today"), 400)
        self.assertEqual(n.get("/api/v1/objects?type=tool", login="stranger").json["objects"], [])

    def test_incident(self):
        n = self.n
        self.error(n.post("/api/v1/incidents", {}), 422)
        self.error(n.post("/api/v1/incidents", {"name": "x", "started": "soon"}), 422)
        self.error(n.post("/api/v1/incidents", {"name": "x", "affected": ["no id"]}), 422)
        self.error(n.post("/api/v1/incidents", {"name": "x"}, login="hospital"), 403)
        self.error(n.post("/api/v1/incidents", {"name": "x"}, login=None), 401)
        asset, hidden = f"infrastructure--{uuid.uuid4()}", f"infrastructure--{uuid.uuid4()}"
        for o_id, login in ((asset, "officer"), (hidden, "grid")):
            put = n.post("/api/v1/objects", {"objects": [
                {"type": "infrastructure", "spec_version": "2.1", "id": o_id, "name": "site",
                 "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}]},
                login=login)
            self.assertEqual(put.status, 201, put)
        # one answer for what is not there and for what one may not read
        answers = {n.post("/api/v1/incidents", {"name": "x", "affected": [asset, other]}).body
                   for other in (hidden, f"infrastructure--{uuid.uuid4()}",
                                 n.get("/api/v1/me").json["org"]["identity"])}
        self.assertEqual(len(answers), 1, answers)
        self.assertIn(b"no asset", answers.pop())
        for bad, path in (([{"asset": asset}], "capacities[0].left"), (7, "capacities"),
                          ([{"asset": asset, "left": 0.4}, {"asset": asset, "left": 40}],
                           "capacities[1].left"), ([{"left": 0.4}], "capacities[0].asset"),
                          ([{"asset": hidden, "left": 0.4}], "capacities[0].asset")):
            a = n.post("/api/v1/incidents", {"name": "x", "capacities": bad})
            self.error(a, 422)
            self.assertIn(path, a.body.decode())
        a = n.post("/api/v1/incidents", {"name": "Back at 40 %",
                                         "capacities": [{"asset": asset, "left": 0.4}]})
        self.assertEqual(a.status, 201, a)
        o = n.get("/api/v1/objects/" + a.json["id"]).json["object"]
        self.assertIn([{"asset_ref": asset, "left": 0.4}],
                      [e.get("capacities") for e in o["extensions"].values()])
        a = n.post("/api/v1/incidents", {"name": "Busbar fault", "affected": [asset],
                                         "started": "2026-01-01T00:00:00Z", "exercise": True})
        self.assertEqual(a.status, 201, a)
        o = n.get("/api/v1/objects/" + a.json["id"]).json["object"]
        event = next(e for e in o["extensions"].values() if "affected_refs" in e)
        self.assertEqual((event["affected_refs"], event["exercise"]), ([asset], True))
        self.assertEqual(o["created_by_ref"], n.get("/api/v1/me").json["org"]["identity"])
        self.error(n.get("/api/v1/objects/" + a.json["id"], login="grid"), 404)

    def test_lists_of_the_page(self):
        for path, key in (("/api/v1/warnings", "warnings"), ("/api/v1/assets.geojson", "features"),
                          ("/api/v1/communities", "communities")):
            a = self.n.get(path)
            self.assertEqual(a.status, 200, a)
            self.assertIsInstance(a.json[key], list)
        self.error(self.n.get(f"/api/v1/warnings/warning--{uuid.uuid4()}"), 404)
        self.error(self.n.post(f"/api/v1/warnings/warning--{uuid.uuid4()}/release", {}), 404)
        self.error(self.n.post(f"/api/v1/warnings/warning--{uuid.uuid4()}/release", {},
                               login="grid"), 403)
        feed = self.n.get("/cap/")
        self.assertEqual(feed.status, 200, feed)
        self.assertIn(b"<feed", feed.body)
        self.assertEqual(self.n.get(f"/cap/warning--{uuid.uuid4()}").status, 404)

    def test_status(self):
        a = self.n.get("/api/v1/status")
        self.assertIn("head", a.json)
        self.assertIn("X-Tocsin-Lag", a.headers)
        self.assertNotIn("head", self.n.get("/api/v1/status", login="grid").json)
        self.error(self.n.get("/api/v1/status", login=None), 401)

    def test_stream(self):
        n = self.n
        self.assertEqual(n.get("/api/v1/stream", login=None).status, 401)
        mine, theirs = Stream(n), Stream(n, login="stranger")
        hidden, seen = indicator(name="with\nline breaks"), indicator()
        n.post(f"/taxii2/root/collections/{ADDING}/objects/",
               json.dumps({"objects": [hidden]}, indent=1),
               headers={"Content-Type": "application/taxii+json;version=2.1"})
        e = mine.event()
        self.assertEqual((e["event"], json.loads(e["data"])), ("object", hidden))
        n.add([seen], OTHER, login="stranger")
        self.assertEqual(json.loads(theirs.event()["data"])["id"], seen["id"])
        n.call("DELETE", f"/taxii2/root/collections/{ADDING}/objects/{hidden['id']}/")
        gone = mine.event()
        self.assertEqual((gone["event"], json.loads(gone["data"])), ("deleted", {"id": hidden["id"]}))
        mine.close()
        later = [indicator() for _ in range(30)]
        n.add(later, ADDING)
        again = Stream(n, headers={"Last-Event-ID": gone["id"]})
        self.assertEqual([json.loads(again.event()["data"])["id"] for _ in later],
                         [o["id"] for o in later])
        again.close()
        other = Stream(n, login="stranger", headers={"Last-Event-ID": gone["id"]})
        self.assertEqual(other.status, 400)
        theirs.close()
        other.close()

    def test_stream_survives_a_flood(self):
        """More than the ring holds, while one client does not read: it catches up all the same."""
        n = self.n
        s = Stream(n, timeout=60)
        sent = []
        for _ in range(12):
            batch = [indicator() for _ in range(500)]
            sent += [o["id"] for o in batch]
            self.assertEqual(n.add(batch, ADDING).status, 202)
        got = [json.loads(s.event()["data"])["id"] for _ in sent]
        self.assertEqual(got, sent)
        s.close()

    def test_page_and_headers(self):
        a = self.n.get("/", login=None)
        self.assertEqual(a.status, 200)
        csp = a.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", csp)
        self.assertNotIn("unsafe", csp)
        for name, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
                            ("Cache-Control", "no-cache")):
            self.assertEqual(a.headers[name], value)
        self.assertNotIn("Server", a.headers)
        again = self.n.get("/", login=None, headers={"If-None-Match": a.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(self.n.get("/nothing", login=None).status, 404)
        data = self.n.get("/api/v1/me")
        self.assertEqual(data.headers["Cache-Control"], "no-store")

    def test_operation(self):
        self.assertEqual(self.n.get("/healthz", login=None).body, b"ok\n")
        a = self.n.get("/metrics", login=None)
        self.assertEqual(a.status, 200)
        self.assertTrue(re.search(rb"^tocsin_http_requests_total \d+$", a.body, re.M))
        far = {"X-Forwarded-For": "203.0.113.5"}
        self.assertEqual(self.n.get("/metrics", login=None, headers=far).status, 401)
        self.assertEqual(self.n.get("/metrics", login="grid", headers=far).status, 403)
        self.assertEqual(self.n.get("/metrics", headers=far).status, 200)


class Restart(unittest.TestCase):
    def test_pages_and_statuses_go_on(self):
        n = Node()
        n.add([indicator() for _ in range(20)], ADDING)
        posted = n.add([indicator()], ADDING).json
        first = n.objects(ADDING, "?limit=10").json
        n.kill()
        again = Node(keep=n.dir)
        rest = again.objects(ADDING, "?limit=10&next=" + first["next"]).json["objects"]
        ids = {o["id"] for o in first["objects"]} | {o["id"] for o in rest}
        self.assertEqual(len(ids), 20)
        self.assertEqual(again.get(f"/taxii2/root/status/{posted['id']}/").json, posted)
        again.close()


class Streams(unittest.TestCase):
    def test_bounded(self):
        n = Node("max-streams=3")
        held = [Stream(n) for _ in range(3)]
        self.assertEqual(Stream(n).status, 503)
        held.pop().close()
        deadline = time.monotonic() + 20
        while True:  # seen as gone when the node next writes to it
            n.add([indicator()], ADDING)
            s = Stream(n)
            if s.status == 200 or time.monotonic() > deadline:
                break
            s.close()
        self.assertEqual(s.status, 200)
        n.close()  # with streams open


if __name__ == "__main__":
    socket.setdefaulttimeout(60)
    run()
