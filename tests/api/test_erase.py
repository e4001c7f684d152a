# SPDX-License-Identifier: Apache-2.0
"""Erasing over the JSON interface: who may, what is left, what the stream and the log say."""
import json
import unittest
from pathlib import Path

from node import FORUM, ROOT, Node, indicator, run

AT = f"{ROOT}collections/{FORUM}/objects/"


class Erase(unittest.TestCase):
    def erase(self, n, o, login="officer", **said):
        return n.post(f"/api/v1/objects/{o['id']}/erase", said, login=login)

    def test_rights_and_rest(self):
        n = Node("parts=1")
        try:
            o = indicator(name="zqerasedword")
            self.assertEqual(n.add([o]).status, 202)
            self.assertEqual(self.erase(n, o, "hospital", why="no").status, 403)  # no role
            self.assertEqual(self.erase(n, o, "grid", why="no").status, 403)  # another's object
            self.assertEqual(self.erase(n, o, "stranger", why="no").status, 404)  # not there
            self.assertEqual(self.erase(n, o).status, 422)
            self.assertEqual(self.erase(n, o, why="  ").status, 422)
            self.assertEqual(self.erase(n, o, why="x" * 501).status, 422)
            self.assertEqual(n.get(f"/api/v1/objects/{o['id']}").status, 200)
            self.assertEqual(self.erase(n, o, why="case 12").json, {"entries": 1, "conclusions": 0})
            for login in ("officer", "grid"):
                self.assertEqual(n.get(f"/api/v1/objects/{o['id']}", login=login).status, 404)
            self.assertEqual(self.erase(n, o, why="case 12").status, 404)
            again = n.add([dict(o, modified="2026-12-01T00:00:00.000Z")]).json
            self.assertEqual((again["success_count"], again["failure_count"]), (0, 1))
            self.assertNotIn("zqerasedword", n.get(AT).body.decode())
            said = self.records(n)
            mine = [x for x in said if x.get("object") == o["id"] and x["kind"] == "erasure"]
            self.assertEqual([(x["why"], x["how"], x["from"]) for x in mine], [
                ("case 12", "POST /api/v1/objects/{object}/erase", "127.0.0.1")])
        finally:
            n.close()

    def test_owner(self):
        """An organisation erases its own with any of the roles that post."""
        n = Node()
        try:
            o = indicator()
            self.assertEqual(n.add([o], login="grid").status, 202)
            self.assertEqual(self.erase(n, o, "grid", why="mine").json["entries"], 1)
        finally:
            n.close()

    def records(self, n):
        self.assertEqual(n.get("/api/v1/audit/checkpoint").status, 200)
        said = Path(n.dir, "audit", "said", "000000000").read_bytes()
        found = []
        while len(said) >= 76:  # length (u16), leaf, salt, payload
            end = 76 + int.from_bytes(said[:2], "big")
            found.append(json.loads(said[76:end]))
            said = said[end:]
        return found


if __name__ == "__main__":
    run()
