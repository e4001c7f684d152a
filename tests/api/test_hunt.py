# SPDX-License-Identifier: Apache-2.0
"""GET /api/v1/hunt: a pattern against the observations that the caller may read."""
import unittest
import uuid
from urllib.parse import urlencode

from node import Node, run


def seen(second, value):
    address = {"type": "domain-name", "spec_version": "2.1", "id": f"domain-name--{uuid.uuid4()}",
               "value": value}
    at = f"2026-02-01T00:00:{second:02d}.000Z"
    return [{"type": "observed-data", "spec_version": "2.1", "id": f"observed-data--{uuid.uuid4()}",
             "created": at, "modified": at, "first_observed": at, "last_observed": at,
             "number_observed": 1, "object_refs": [address["id"]]}, address]


class Hunt(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.n = Node()
        cls.seen = [seen(i, f"h{i}.example") for i in range(5)]
        a = cls.n.add([o for pair in cls.seen for o in pair])
        assert a.status == 202, a

    @classmethod
    def tearDownClass(cls):
        cls.n.close()

    def ask(self, status=200, login="officer", **query):
        a = self.n.get("/api/v1/hunt?" + urlencode(query), login=login)
        self.assertEqual(a.status, status, a)
        return a.json

    def test_matches(self):
        got = self.ask(pattern="[domain-name:value = 'h3.example']")
        self.assertEqual([m["observations"] for m in got["matches"]], [[self.seen[3][0]["id"]]])
        self.assertEqual((got["observations"], got["complete"]), (5, True))
        got = self.ask(pattern="[domain-name:value LIKE 'h%']", limit=2)
        self.assertEqual((len(got["matches"]), got["complete"]), (2, False))
        got = self.ask(pattern="[domain-name:value LIKE 'h%']", since="2026-02-01T00:00:03Z")
        self.assertEqual(len(got["matches"]), 2)

    def test_several(self):
        got = self.ask(pattern="[domain-name:value = 'h1.example'] FOLLOWEDBY "
                               "[domain-name:value = 'h4.example']")
        self.assertEqual([sorted(m["observations"]) for m in got["matches"]],
                         [sorted((self.seen[1][0]["id"], self.seen[4][0]["id"]))])

    def test_refused(self):
        for query in ({}, {"pattern": "[x"}, {"pattern": "[a:b = 1]", "since": "now"},
                      {"pattern": "[a:b = 1]", "limit": "0"}):
            self.assertTrue(self.ask(400, **query)["error"]["message"])
        for login, status in ((None, 401), ("hospital", 403)):
            self.ask(status, login=login, pattern="[a:b = 1]")


if __name__ == "__main__":
    run()
