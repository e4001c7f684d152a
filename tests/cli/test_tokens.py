#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token does no more than it is for: some of its person's roles, some communities, never the
account itself.

usage: test_tokens.py TOCSIN"""
import json
import sys
import tempfile
from pathlib import Path

from served import Served, Tocsin, check, done, node

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


def note(n, marking=None):
    o = {"type": "note", "spec_version": "2.1", "id": f"note--00000000-0000-4000-8000-{n:012}",
         "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
         "content": f"zqnote{n}", "object_refs": ["identity--00000000-0000-4000-8000-000000000001"]}
    if marking:
        o["object_marking_refs"] = [marking]
    return o


def main():
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "node"
        node(TOCSIN, folder)
        ids = {}
        for name in ("energy", "water"):
            made = tocsin("community", "add", folder, name.title(), "--alias", name, "--json")
            assert made.returncode == 0, made.stderr
            ids[name] = json.loads(made.stdout)["community"]["id"]
            assert tocsin("community", "join", folder, name, "Test node").returncode == 0
        refused = tocsin("token", "new", folder, "admin", "--roles", "reader,king")
        check("a role that there is not is named", refused.returncode != 0 and "king" in refused.stderr,
              refused.stderr)
        refused = tocsin("token", "new", folder, "admin", "--community", "air")
        check("a community that there is not is named", refused.returncode != 0 and "air" in refused.stderr,
              refused.stderr)
        refused = tocsin("token", "new", folder, "admin", "--once", "--roles", "reader")
        check("a one-time sign-in is not narrowed", refused.returncode != 0, refused.stderr)
        assert tocsin("org", "add", folder, "Elsewhere", "--country", "NL").returncode == 0
        assert tocsin("user", "add", folder, "guest", "--org", "Elsewhere").returncode == 0
        refused = tocsin("token", "new", folder, "guest", "--roles", "steward")
        check("no token has more roles than its person", refused.returncode != 0, refused)
        refused = tocsin("token", "new", folder, "guest", "--community", "water")
        check("no token is for a community of others", refused.returncode != 0, refused)

        def token(*scope):
            made = tocsin("token", "new", folder, "admin", "--label", "test", *scope)
            assert made.returncode == 0, made.stderr
            return made.stdout.strip()

        served = Served(TOCSIN, folder)
        whole, reads, writes = token(), token("--roles", "reader"), token(
            "--roles", "reporter,reader", "--community", "water", "--community", ids["water"])
        nobody = token("--roles", "operator")

        def call(secret, method, path, objects=None):
            taxii = path.startswith("/taxii2")
            more = {"Accept": "application/taxii+json;version=2.1" if taxii else "*/*"}
            if objects:
                more["Content_Type"] = "application/" + ("taxii+json;version=2.1" if taxii else "json")
            return served.call(method, path, json.dumps({"objects": objects}) if objects else None,
                               Authorization="Bearer " + secret, **more)

        def at(name):
            return f"/taxii2/root/collections/{ids[name]}/objects/"

        def seen(secret):
            status, text = call(secret, "GET", "/api/v1/objects?type=note")
            assert status == 200, (status, text)
            return {o["content"] for o in json.loads(text)["objects"]}

        for n, name, marking in ((1, "energy", None), (2, "water", None), (3, "energy", CLEAR),
                                 (4, "water", GREEN)):
            check(f"posted to {name}", call(whole, "POST", at(name), [note(n, marking)])[0] == 202)
        check("posted to nobody", call(whole, "POST", "/api/v1/objects", [note(5)])[0] == 201)
        check("a whole token reads all", seen(whole) == {f"zqnote{n}" for n in range(1, 6)}, seen(whole))
        check("a reader's too", seen(reads) == seen(whole))
        check("a reader's posts nothing", call(reads, "POST", at("water"), [note(6)])[0] == 403)
        check("one for a community reads nothing else", seen(writes) == {"zqnote2", "zqnote4"}, seen(writes))
        check("by id neither", [call(writes, "GET", f"/api/v1/objects/{note(n)['id']}")[0]
                                for n in (1, 2, 3, 5)] == [404, 200, 404, 404])
        check("nor by search", "zqnote1" not in call(writes, "GET", "/api/v1/search?q=zqnote1")[1])
        status, text = call(writes, "GET", "/taxii2/root/collections/")
        check("it lists its community only", [c["id"] for c in json.loads(text)["collections"]] == [ids["water"]],
              text)
        check("it posts there", call(writes, "POST", at("water"), [note(7)])[0] == 202)
        answers = {call(writes, "POST", at("energy"), [note(8)])[0],
                   call(writes, "POST", "/api/v1/objects", [note(9)])[0]}
        check("and nowhere else", all(a in (403, 404) for a in answers), answers)
        check("what it could not post is not there", seen(whole) == {f"zqnote{n}" for n in (1, 2, 3, 4, 5, 7)},
              seen(whole))
        check("an operator's reads nothing", call(nobody, "GET", "/api/v1/objects?type=note")[0] == 403)
        for method, path in (("POST", "/api/v1/factors/totp"), ("DELETE", "/api/v1/sessions/0123456789abcdef")):
            status, text = call(whole, method, path, [1] if method == "POST" else None)
            check(f"no token changes the account: {path}", status == 403 and "token" in text, (status, text))
        shown = tocsin("token", "list", folder)
        check("the list shows the scope", "reader, reporter; water" in shown.stdout or
              "reader,reporter; water" in shown.stdout, shown.stdout)
        served.stop()
        served = Served(TOCSIN, folder)
        check("a start later it is the same", seen(writes) == {"zqnote2", "zqnote4", "zqnote7"}, seen(writes))
        assert tocsin("user", "roles", folder, "admin", "--roles", "reader,operator").returncode == 0
        check("what the person loses, the token loses", call(writes, "POST", at("water"), [note(10)])[0] == 403)
        assert tocsin("community", "leave", folder, "water", "Test node").returncode == 0
        check("also the community", seen(writes) == set() or seen(writes) <= {"zqnote2", "zqnote4", "zqnote7"})
        served.stop()
    done()


main()
