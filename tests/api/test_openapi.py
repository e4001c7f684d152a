# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.json says what the route table says: the same methods, paths, names and roles."""
import json
import os
import re
import subprocess
import unittest

from node import run

HERE = os.path.dirname(os.path.abspath(__file__))


class OpenApi(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(HERE, "../../docs/openapi.json")) as f:
            self.doc = json.load(f)
        out = subprocess.run([os.environ["TOCSIN_ROUTES"]], capture_output=True, text=True,
                             check=True).stdout
        self.routes = [line.split("\t") for line in out.splitlines()]

    def test_same_routes(self):
        said = {(m.upper(), path): (o["operationId"].removesuffix("_file"), o["x-roles"])
                for path, ops in self.doc["paths"].items() for m, o in ops.items()}
        self.assertEqual(said, {(m, p): (name, who) for m, p, name, who in self.routes})

    def test_parameters_and_security(self):
        for path, ops in self.doc["paths"].items():
            for o in ops.values():
                inside = {p["name"] for p in o.get("parameters", []) if p["in"] == "path"}
                self.assertEqual(inside, set(re.findall(r"{(\w+)}", path)), path)
                self.assertEqual("security" in o, not o["x-roles"].startswith("anyone"), path)

    def test_references(self):
        def walk(x):
            if isinstance(x, dict):
                for k, v in x.items():
                    if k == "$ref":
                        at = self.doc
                        for part in v.removeprefix("#/").split("/"):
                            self.assertIn(part, at, v)
                            at = at[part]
                    walk(v)
            elif isinstance(x, list):
                for v in x:
                    walk(v)
        walk(self.doc)
        ids = [o["operationId"] for ops in self.doc["paths"].values() for o in ops.values()]
        self.assertEqual(len(ids), len(set(ids)))


if __name__ == "__main__":
    run()
