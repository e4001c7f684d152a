# SPDX-License-Identifier: Apache-2.0
"""Rules by the JSON interface: listed page by page, added, tried on the past, muted."""
import unittest
import uuid

from node import Node, indicator, run


def seen(day, value):
    address = {"type": "domain-name", "spec_version": "2.1", "id": f"domain-name--{uuid.uuid4()}",
               "value": value}
    at = f"2026-02-{day:02d}T00:00:00.000Z"
    return [{"type": "observed-data", "spec_version": "2.1", "id": f"observed-data--{uuid.uuid4()}",
             "created": at, "modified": at, "first_observed": at, "last_observed": at,
             "number_observed": 1, "object_refs": [address["id"]]}, address]


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()
        cls.seen = [seen(i + 1, f"h{i % 2}.example") for i in range(6)]
        a = cls.n.add([o for pair in cls.seen for o in pair])
        assert a.status == 202, a
        # one that another organisation of the community posted
        cls.other = indicator(name="theirs")
        assert cls.n.add([cls.other], login="grid").status == 202

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def post(self, path, body, status=200, login="officer"):
        a = self.n.post("/api/v1/" + path, body, login=login)
        self.assertEqual(a.status, status, a)
        return a.json

    def add(self, **more):
        return self.post("rules", {"name": "A rule", "pattern": "[domain-name:value LIKE '%.example']",
                                   **more}, 201)["id"]

    def rule(self, id_, status=200):
        a = self.n.get("/api/v1/rules/" + id_)
        self.assertEqual(a.status, status, a)
        return a.json

    def test_add(self):
        said = {"severity": "Severe", "per": "domain-name:value", "cooldown": "PT1H",
                "says": {"en": "{count} times {per}", "de": "{count} Mal {per}"}}
        got = self.rule(self.add(confidence=70, **said))
        extension = next(iter(got["rule"]["extensions"].values()))
        self.assertEqual({k: extension[k] for k in said}, said)
        self.assertEqual((got["rule"]["confidence"], got["state"], got["key"], got["mutes"]),
                         (70, "live", True, []))
        got = self.rule(self.add(pattern="[file:size != 1]", valid_from="2099-01-01T00:00:00Z"))
        self.assertEqual((got["state"], got["key"]), ("early", False))

    def test_refused(self):
        for body, where in (
                ({"pattern": "[file:size = ]"}, "pattern:1:14"),
                ({"pattern": "[file:name MATCHES '(']"}, "pattern:1:2"),
                ({"severity": "loud"}, "extensions.rule.severity"), ({"name": " "}, "name"),
                ({"per": "x"}, "extensions.rule.per"), ({"cooldown": "P99D"}, "cooldown"),
                ({"says": {"en": "{per}"}}, "extensions.rule.says.en"), ({"says": "x"}, "says"),
                ({"confidence": 101}, "confidence"), ({"marking": "loud"}, "marking"),
                ({"valid_until": "2020-01-01T00:00:00Z"}, "valid_until")):
            a = self.n.post("/api/v1/rules", {"name": "x", "pattern": "[a:b = 1]", **body})
            self.assertIn(a.status, (400, 422), a)
            self.assertEqual(a.json["error"].get("path"), where, a)
        self.post("rules", {"name": "x", "pattern": "[a:b = 1]", "community": "nowhere"}, 404)
        self.post("rules", [], 422)
        self.post("rules", {"name": "x", "pattern": "[a:b = 1]"}, 403, login="grid")

    def test_tried_first(self):
        rule = {"name": "x", "pattern": "[domain-name:value = 'a.example'] REPEATS 2 TIMES WITHIN 60 SECONDS"}
        one, line = {"type": "domain-name", "value": "a.example"}, "2 x +PT10S "
        line += '{"type":"domain-name","value":"a.example"}'
        self.post("rules", {**rule, "match": [[one, one], [line], line + "\n"],
                            "quiet": [[one], ['+PT1S {"type":"file","size":1}', one]]}, 201)
        for more, where in (({"match": [[one, one], [one]]}, "match[1]"),
                            ({"quiet": [line]}, "quiet[0]"), ({"match": ["x"]}, "match[0]"),
                            ({"match": [[1]]}, "match[0]"), ({"match": [{}]}, "match[0]"),
                            ({"match": [[]]}, "match[0]"), ({"match": 1}, "match"),
                            ({"quiet": [[one]] * 21}, "quiet")):
            a = self.n.post("/api/v1/rules", {**rule, **more})
            self.assertIn(a.status, (400, 422), a)
            self.assertEqual(a.json["error"].get("path"), where, (more, a))

    def test_pages(self):
        mine = {self.add(name=f"page {i}") for i in range(7)}
        got, next_ = [], ""
        while next_ is not None:
            a = self.n.get("/api/v1/rules?limit=3" + (f"&next={next_}" if next_ else "")).json
            self.assertLessEqual(len(a["rules"]), 3)
            got += [r["rule"]["id"] for r in a["rules"]]
            next_ = a.get("next")
            self.add(name="comes while the pages are turned")  # is not part of them
        self.assertEqual(len(got), len(set(got)))
        self.assertTrue(mine < set(got))
        self.assertNotIn("comes while", str(got))
        for bad in ("next=x", "next=1.1", "limit=0", "extended=maybe"):
            self.assertEqual(self.n.get("/api/v1/rules?" + bad).status, 400, bad)

    def test_extended(self):
        plain, more = self.add(), self.add(severity="Minor")
        a = self.n.get("/api/v1/rules?extended=true&limit=1000").json["rules"]
        ids = [r["rule"]["id"] for r in a]
        self.assertIn(more, ids)
        self.assertNotIn(plain, ids)

    def test_past(self):
        since = {"since": "2026-01-01T00:00:00Z"}
        got = self.post("rule-test", {"pattern": "[domain-name:value = 'h1.example']", **since})
        self.assertEqual((got["matches"], got["observations"], got["complete"]), (3, 6, True))
        self.assertEqual([m["observations"] for m in got["shown"]],
                         [[self.seen[i][0]["id"]] for i in (1, 3, 5)])
        twice = {"pattern": "[domain-name:value LIKE 'h%'] REPEATS 2 TIMES WITHIN 200000 SECONDS"}
        got = self.post("rule-test", {**twice, "per": "domain-name:value", **since, "limit": 1})
        self.assertEqual((got["matches"], len(got["shown"])), (4, 1))
        self.assertEqual(got["shown"][0]["per"], "h0.example")
        saved = self.add(**twice, per="domain-name:value")
        self.assertEqual(self.post("rule-test", {"id": saved, **since})["matches"], 4)
        # a week back, nothing was seen
        self.assertGreater(self.post("rule-test", {"id": saved})["since"], "2026-02-07")
        self.assertEqual(self.n.get("/api/v1/objects?type=sighting").json["objects"], [])

    def test_past_refused(self):
        for body in ({}, {"pattern": "[x"}, {"pattern": "[a:b = 1]", "since": "now"},
                     {"pattern": "[a:b = 1]", "per": "x"}):
            a = self.n.post("/api/v1/rule-test", body)
            self.assertIn(a.status, (400, 422), a)
            self.assertTrue(a.json["error"]["message"])
        self.post("rule-test", {"id": f"indicator--{uuid.uuid4()}"}, 404)

    def test_mute(self):
        id_ = self.add(per="domain-name:value")
        for value in ("h1.example", "h2.example"):
            self.post(f"rules/{id_}/mute", {"reason": "own", "value": value}, 201)
        self.post(f"rules/{id_}/mute", {"reason": "all", "until": "2099-01-01T00:00:00Z"}, 201)
        mutes = self.rule(id_)["mutes"]
        self.assertEqual(sorted((m["reason"], m.get("value"), m.get("until")) for m in mutes), [
            ("all", None, "2099-01-01T00:00:00.000Z"), ("own", "h1.example", None),
            ("own", "h2.example", None)])
        self.assertTrue(all(m["person"].startswith("identity--") for m in mutes))
        self.assertEqual(self.post(f"rules/{id_}/unmute", {"value": "h1.example"})["unmuted"], 1)
        self.assertEqual(self.post(f"rules/{id_}/unmute", {})["unmuted"], 2)
        self.assertEqual(self.post(f"rules/{id_}/unmute", {})["unmuted"], 0)
        self.assertEqual(self.rule(id_)["mutes"], [])
        for body in ({}, {"reason": " "}, {"reason": "x", "until": "2020-01-01T00:00:00Z"},
                     {"reason": "x", "from": "later"}):
            self.post(f"rules/{id_}/mute", body, 422)
        self.post(f"rules/indicator--{uuid.uuid4()}/mute", {"reason": "x"}, 404)

    def test_mute_of_others(self):
        """The node's own organisation mutes what others posted; the other way round it counts
        nothing and is refused."""
        self.post(f"rules/{self.other['id']}/mute", {"reason": "the node"}, 201)
        self.assertEqual([m["reason"] for m in self.rule(self.other["id"])["mutes"]],
                         ["the node"])
        self.assertEqual(self.post(f"rules/{self.other['id']}/unmute", {})["unmuted"], 1)


if __name__ == "__main__":
    run()
