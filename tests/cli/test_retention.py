#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Personal data has an end: a node that is served erases what is due, also what fell due while it
was down, and lists what is due for review.

usage: test_retention.py TOCSIN"""
import json
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from served import Served, Tocsin, check, done, node, until

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)
EXTENSION = "extension-definition--670108fa-ff1d-5a5b-a491-a12d9af1cf5e"
now = datetime.now(timezone.utc)


def at(**ahead):
    return (now + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def note(n, modified="2026-01-01T00:00:00.000Z", **dates):
    o = {"type": "note", "spec_version": "2.1", "id": f"note--00000000-0000-4000-8000-{n:012}",
         "created": "2026-01-01T00:00:00.000Z", "modified": modified, "content": f"zqnote{n}zq",
         "object_refs": ["identity--00000000-0000-4000-8000-000000000001"]}
    if dates:
        o["extensions"] = {EXTENSION: {"extension_type": "property-extension", "purpose": "case",
                                       "legal_basis": "law", "subject_category": "witness",
                                       "nature": "fact", **dates}}
    return o


def main():
    with tempfile.TemporaryDirectory() as top:
        top = Path(top)
        folder = top / "node"
        node(TOCSIN, folder)

        def put(*objects):
            (top / "in.json").write_text(json.dumps({
                "type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000",
                "objects": list(objects)}))
            return tocsin("import", folder, top / "in.json", "--keep-going")

        def listed():
            return json.loads(tocsin("retention", folder, "--json").stdout)

        def there(n):
            return served.call("GET", f"/api/v1/objects/note--00000000-0000-4000-8000-{n:012}")[0]

        bad = note(9, subject_category="suspect")
        del bad["extensions"][EXTENSION]["nature"]
        r = put(bad)
        check("whose it is needs what for, on what ground, fact or assessment", "nature" in
              r.stdout + r.stderr and " 0 added" in r.stdout, r)
        r = put(note(1, review_due=at(days=-2), erase_due=at(days=30)), note(2),
                note(3, review_due=at(days=-1)), note(4, erase_due=at(seconds=-5)),
                {"type": "email-addr", "spec_version": "2.1", "value": "a@b.example",
                 "id": "email-addr--00000000-0000-4000-8000-000000000005"})
        check("imported", " 5 added" in r.stdout, r)
        said = listed()
        check("due for review, the longest first", [x["id"][-1] for x in said["reviews"]] ==
              ["1", "3"] and said["reviews"][0]["subject_category"] == "witness" and
              said["reviews"][0]["by"] == "object", said)
        check("what goes next, the soonest first; the pack's rule for its type",
              [x["id"][-1] for x in said["erasures"]] == ["4", "1", "5"] and
              said["erasures"][2]["by"] == "pack" and "2022/2555" in
              said["erasures"][2]["legal_basis"], said)
        served = Served(TOCSIN, folder)
        until("what fell due while it was down goes", lambda: there(4) == 404)
        check("nothing else does", [there(n) for n in (1, 2, 3)] == [200] * 3)
        until("no file holds it", lambda: not any(
            b"zqnote4zq" in p.read_bytes() for p in folder.rglob("*.db*")))
        put(note(1, "2026-03-01T00:00:00.000Z", review_due=at(days=100), erase_due=at(days=200)),
            note(3, "2026-03-01T00:00:00.000Z"))
        until("a new version says when next", lambda: not listed()["reviews"])
        check("and when it goes, or that it has no end", [x["id"][-1] for x in
              listed()["erasures"]] == ["1", "5"], listed())
        soon = datetime.now(timezone.utc) + timedelta(seconds=1)
        put(note(6, erase_due=soon.strftime("%Y-%m-%dT%H:%M:%S.000Z")))
        until("what falls due while it runs goes", lambda: there(6) == 404)
        text = tocsin("retention", folder).stdout
        check("as a table", "nothing is due for review" in text and "email-addr--" in text, text)
        served.stop()
        rows = [json.loads(x) for x in tocsin("audit", "show", folder, "--json").stdout.splitlines()]
        why = [(x["said"]["object"][-1], x["said"]["why"].split(" ")[-1], x["said"]["how"])
               for x in rows if x["kind"] == "erasure"]
        check("each is on record with the reason", why == [("4", "itself", "retention"),
                                                          ("6", "itself", "retention")], rows)
        r = tocsin("retention", folder, "--as", "nobody")
        check("who asks must be there", r.returncode == 1 and "no user" in r.stderr, r)
    done()


main()
