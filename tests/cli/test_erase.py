#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tocsin erase: no byte of what was erased is left in any file of the node, however it ended.

usage: test_erase.py TOCSIN"""
import base64
import json
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from served import Served, Tocsin, check, done, node, until

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)
WHY = "asked for by the person, case 12"


def word():
    return "zq" + secrets.token_hex(9)


class Person:
    """Objects with random words in every kind of field that is indexed somewhere."""

    def __init__(self, n):
        self.words = {}
        self.ids = []
        self.objects = []
        uuid = lambda k: f"{secrets.token_hex(4)}-0000-4000-8000-{n:06}{k:06}"
        when = "2026-01-01T00:00:00.000Z"
        w = self.word
        both = {"spec_version": "2.1", "created": when, "modified": when}
        self.add({"type": "identity", "id": "identity--" + uuid(1), **both, "name": w("name"),
                  "description": w("words") + " \u00e9\u4e2d\U0001f4a5" + w("beside"),
                  "identity_class": "individual", "contact_information": w("contact"),
                  "labels": [w("label")], "roles": [w("role")],
                  "external_references": [{"source_name": w("source"), "external_id": w("xid"),
                                           "url": f"https://{w('host')}.example/{w('path')}"}]})
        self.add({"type": "location", "id": "location--" + uuid(2), **both, "name": w("place"),
                  "latitude": 52.123456, "longitude": 4.987654, "street_address": w("street"),
                  "country": "NL"})
        self.add({"type": "indicator", "id": "indicator--" + uuid(3), **both, "name": w("iname"),
                  "pattern": f"[domain-name:value = '{w('pattern')}.example']",
                  "pattern_type": "stix", "valid_from": when})
        self.add({"type": "email-addr", "spec_version": "2.1", "id": "email-addr--" + uuid(4),
                  "value": f"{w('mail')}@{w('domain')}.example", "display_name": w("shown")})
        self.add({"type": "user-account", "spec_version": "2.1", "id": "user-account--" + uuid(5),
                  "user_id": w("uid"), "account_login": w("login"), "display_name": w("dn")})
        self.add({"type": "note", "id": "note--" + uuid(6), **both, "abstract": w("abstract"),
                  "content": (w("long") + " ") * 3000, "object_refs": [self.ids[0]],
                  "authors": [w("author")]})
        newer = dict(self.objects[0], modified="2026-02-01T00:00:00.000Z", name=w("name2"))
        self.objects.append(newer)

    def word(self, name):
        self.words[name] = word()
        return self.words[name]

    def add(self, o):
        self.ids.append(o["id"])
        self.objects.append(o)

    def bundle(self, path):
        path.write_text(json.dumps({"type": "bundle", "objects": self.objects,
                                    "id": "bundle--" + self.ids[0].split("--")[1]}))
        return path

    def left(self, folder):
        """Words that are in some file: as they are, in UTF-16 both ways, as hexadecimal, base64."""
        found = []
        for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
            try:
                raw = path.read_bytes()
            except FileNotFoundError:  # a file that was being replaced
                continue
            low = raw.lower()
            for name, w in self.words.items():
                # five letters less: an index may cut words or share their beginnings
                for form in (w[5:].encode(), w.encode("utf-16-le"), w.encode("utf-16-be"),
                             w.encode().hex().encode(), base64.b64encode(w.encode())[:16],
                             "".join(f"\\u{ord(c):04x}" for c in w).encode()):
                    if form in raw or form in low:
                        found.append((path.name, name))
        return found


def level(served):
    s = served.status()
    return s["watchers"] and all(w["lag"] == 0 for w in s["watchers"])


def whole_life(top):
    folder = top / "node"
    node(TOCSIN, folder)
    gone, stays = Person(1), Person(2)
    served = Served(TOCSIN, folder)
    for p in (stays, gone):
        r = tocsin("import", folder, p.bundle(top / "in.json"))
        check("imported", r.returncode == 0 and "0 skipped" in r.stdout, r)
    until("the readers come to the end", lambda: level(served))
    held = {name for _, name in gone.left(folder)}
    check("before, the files hold every word", held == set(gone.words), set(gone.words) - held)
    hits = served.json("/api/v1/search?q=" + gone.words["words"])
    check("and they are found", len(hits["objects"]) > 0, hits)

    r = tocsin("erase", folder, *gone.ids)
    check("a reason is needed", r.returncode == 2 and "--why" in r.stderr, r)
    r = tocsin("erase", folder, gone.ids[0], "identity--00000000-0000-4000-8000-000000000000",
               "--why", WHY)
    check("one that is not there: nothing is erased",
          r.returncode == 1 and "there is no object identity--0000" in r.stderr
          and served.call("GET", "/api/v1/objects/" + gone.ids[0])[0] == 200, r)
    r = tocsin("erase", folder, *gone.ids, "--why", WHY)
    check("it is erased", (r.returncode, r.stdout) ==
          (0, "erased: 6 objects, 7 entries; no file of the node holds them any more\n"), r)
    check("no file holds a word of it, while it runs", not gone.left(folder), gone.left(folder))
    check("what was not erased is there", {n for _, n in stays.left(folder)} == set(stays.words))
    check("and found", len(served.json("/api/v1/search?q=" + stays.words["words"])["objects"]) > 0)
    check("the erased is not", served.call("GET", "/api/v1/objects/" + gone.ids[0])[0] == 404 and
          not served.json("/api/v1/search?q=" + gone.words["words"])["objects"])
    r = tocsin("erase", folder, gone.ids[0], "--why", WHY)
    check("twice is once", r.returncode == 1 and "there is no object" in r.stderr, r)
    r = tocsin("import", folder, gone.bundle(top / "in.json"), "--keep-going")
    check("what has versions does not come back", "the object was erased, which is final" in
          r.stdout + r.stderr, r)
    r = tocsin("erase", folder, *[i for i in gone.ids if i.startswith(("email", "user-a"))],
               "--why", WHY)
    check("a value may be posted again, and erased again", "2 objects, 2 entries" in r.stdout, r)
    said = tocsin("audit", "show", folder, "--object", gone.ids[0], "--json").stdout
    rows = [json.loads(x) for x in said.splitlines()]
    check("the audit log tells who and why, and nothing of it", len(rows) >= 1 and
          [x["kind"] for x in rows].count("erasure") == 1 and
          [x for x in rows if x["kind"] == "erasure"][0]["said"]["why"] == WHY, said)
    check("the log is sound", tocsin("audit", "verify", folder).returncode == 0)
    served.stop()
    check("no file holds a word of it, after the end", not gone.left(folder), gone.left(folder))
    served = Served(TOCSIN, folder)
    until("the readers come to the end", lambda: level(served))
    check("nor after a start", not gone.left(folder), gone.left(folder))
    check("still gone", served.call("GET", "/api/v1/objects/" + gone.ids[0])[0] == 404)
    served.stop()

    alone = Person(3)
    tocsin("import", folder, alone.bundle(top / "in.json"))
    r = tocsin("erase", folder, *alone.ids, "--why", WHY)
    check("a node that nobody serves", r.returncode == 0 and "no file" in r.stdout
          and not alone.left(folder), (r, alone.left(folder)))


def killed(top, moment):
    """kill -9 right after the erasure was accepted, or while it is being done."""
    folder = top / f"killed{moment}"
    node(TOCSIN, folder)
    gone = Person(100 + moment)
    served = Served(TOCSIN, folder)
    tocsin("import", folder, gone.bundle(top / "in.json"))
    until("the readers come to the end", lambda: level(served))
    asking = subprocess.Popen([TOCSIN, "erase", str(folder), *gone.ids, "--why", WHY],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(0.004 * moment)
    served.stop(signal.SIGKILL)
    asking.communicate(timeout=60)
    served = Served(TOCSIN, folder)
    there = [served.call("GET", "/api/v1/objects/" + i)[0] for i in gone.ids]
    check("after kill -9 all of it is there or nothing", there in ([200] * 6, [404] * 6), there)
    if there[0] == 200:  # killed before it began
        tocsin("erase", folder, *gone.ids, "--why", WHY)
    until("the bytes go out of the files", lambda: not gone.left(folder))
    check("a start finishes what was begun", True)
    served.stop()
    check("and it stays so", not gone.left(folder), gone.left(folder))
    return there[0] == 404


def main():
    with tempfile.TemporaryDirectory() as top:
        top = Path(top)
        whole_life(top)
        began = sum(killed(top, moment) for moment in (1, 2, 3, 4, 6, 8))
        check("some were killed after it had begun", began > 0, began)
    done()


main()
