# SPDX-License-Identifier: Apache-2.0
"""What requests leave in the audit log: who, what, by which route; never what an object says."""
import os
import unittest
from pathlib import Path

from node import FORUM, ROOT, Node, indicator, run

AT = f"{ROOT}collections/{FORUM}/objects/"


class Audit(unittest.TestCase):
    def test_requests_are_recorded(self):
        n = Node()
        try:
            o = indicator()
            self.assertEqual(n.add([o]).status, 202)
            self.assertEqual(n.get(f"/api/v1/objects/{o['id']}", login="grid",
                                   headers={"X-Tocsin-Reason": "case 12"}).status, 200)
            self.assertEqual(n.get(AT, login="hospital").status, 200)
            self.assertEqual(n.get(f"/api/v1/objects/{o['id']}", login="stranger").status, 404)
            self.assertEqual(n.call("DELETE", f"{AT}{o['id']}/").status, 200)
            note = n.get("/api/v1/audit/checkpoint").body
            self.assertGreaterEqual(int(note.split(b"\n")[1]), 4)
            said = Path(n.dir, "audit", "said", "000000000").read_bytes().decode("latin-1")
            self.assertIn('"kind":"collection"', said)
            self.assertIn('"kind":"consultation"', said)
            self.assertIn('"why":"case 12"', said)
            self.assertIn('"kind":"disclosure"', said)
            self.assertIn('"kind":"erasure"', said)
            self.assertEqual(said.count('"kind":"consultation"'), 1)  # what is refused tells nothing
            self.assertNotIn(o["pattern"], said)
            self.assertEqual(os.stat(Path(n.dir, "audit")).st_mode & 0o777, 0o700)
        finally:
            n.close()


if __name__ == "__main__":
    run()
