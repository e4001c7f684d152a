#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tocsin serve: what it prints, what it refuses, and that a node whose derived files were all
deleted answers as before.

usage: test_serve.py TOCSIN"""
import json
import re
import signal
import sys
import tempfile
from pathlib import Path

from served import Served, Tocsin, check, done, node, until

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)
ASSETS = """id,name,kind,sector,operator,country,lat,lon,people
S,North substation,substation,energy,Grid operator,NL,53,6,0
P,Plant,plant,energy,Grid operator,NL,52,4,0
W,West waterworks,waterworks,drinking_water,Water works,NL,52,5,1000
"""
DEPENDENCIES = """asset,service,mode,group,need,supplier,share,buffer,restore
S,electricity,flow,,1,P,,,
W,electricity,flow,,1,S,,PT4H,PT1H
"""
# Everything else in a node's folder can be made again from these.
KEPT = re.compile(r"key|node\.json|warnings\.json|access\.db.*|journal\.db.*")


def indicator(n):
    return {"type": "indicator", "spec_version": "2.1", "name": f"number {n}",
            "id": f"indicator--00000000-0000-4000-8000-{n:012}", "pattern_type": "stix",
            "pattern": "[ipv4-addr:value = '198.51.100.3']", "valid_from": "2026-01-01T00:00:00Z",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}


def caught_up(served):
    return all(w["lag"] == 0 and w["up_to_date"] for w in served.status()["watchers"])


def picture(served):
    """All that the administrator can see of the node."""
    return {path: served.json(path) for path in (
        "/api/v1/objects?limit=1000", "/api/v1/objects?type=finding", "/api/v1/warnings",
        "/api/v1/objects?type=indicator&limit=5", "/api/v1/assets.geojson",
        "/api/v1/communities")}


def refusals(folder):
    r = tocsin("serve", folder, "--listen", "0.0.0.0:0")
    check("on an address that others reach TLS is required",
          r.returncode == 2 and r.stderr.splitlines()[-1] ==
          "tocsin serve: 0.0.0.0:0 can be reached from other machines, so TLS is needed: give "
          "--tls-cert and --tls-key, or listen on 127.0.0.1" and not r.stdout, r)
    for address in ("[::]:0", "192.0.2.1:8600"):
        r = tocsin("serve", folder, "--listen", address)
        check(f"also on {address}", r.returncode == 2 and "TLS is needed" in r.stderr, r)
    r = tocsin("serve", folder, "--listen", "127.0.0.1:99999")
    check("an address that is none", r.returncode == 2 and "'127.0.0.1:99999' is no address" in
          r.stderr, r)
    r = tocsin("serve", folder, "--tls-cert", folder / "none.pem", "--tls-key", folder / "none.pem")
    check("a certificate that is not there", r.returncode != 0 and "none.pem" in r.stderr, r)
    r = tocsin("serve", folder.parent / "none")
    check("a folder that is not there",
          (r.returncode, r.stderr) == (2, f"tocsin serve: there is no folder {folder.parent}/none\n"), r)


def main():
    with tempfile.TemporaryDirectory() as top:
        top = Path(top)
        folder = top / "node"
        node(TOCSIN, folder)
        tocsin("org", "add", folder, "Water works", "--country", "NL", "--role", "operator")
        refusals(folder)
        (top / "assets.csv").write_text(ASSETS)
        (top / "dependencies.csv").write_text(DEPENDENCIES)
        (top / "bundle.json").write_text(json.dumps({
            "type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000",
            "objects": [indicator(n) for n in range(50)]}))

        served = Served(TOCSIN, folder)
        check("it prints its title and where it is", re.fullmatch(r"http://127\.0\.0\.1:\d+", served.url))
        r = tocsin("status", folder, "--json")
        check("status says that it runs", json.loads(r.stdout)["running"] is True, r)
        r = tocsin("serve", folder, "--listen", "127.0.0.1:0")
        check("a second one on the same folder is refused", r.returncode != 0 and
              re.fullmatch(r"tocsin serve: process \d+ works on .*\n", r.stderr), r)
        r = tocsin("import", folder, top / "assets.csv", top / "dependencies.csv")
        check("a register is imported while it runs", r.returncode == 0, r)
        r = tocsin("import", folder, top / "bundle.json")
        check("a bundle, too", r.returncode == 0, r)
        status, text = served.call("POST", "/api/v1/incidents", json.dumps({
            "name": "Busbar fault", "exercise": True, "started": "2026-11-21T12:00:00Z",
            "expected_end": "2026-11-23T12:00:00Z",
            "affected": [next(f["id"] for f in served.json("/api/v1/assets.geojson")["features"]
                              if f["properties"]["name"] == "North substation")]}),
            Content_Type="application/json")
        check("an incident is reported", status in (200, 201, 202), text)
        until("no draft comes", lambda: served.json("/api/v1/warnings")["warnings"])
        draft = served.json("/api/v1/warnings")["warnings"][0]["id"]
        status, text = served.call("POST", f"/api/v1/warnings/{draft}/release",
                                   Content_Type="application/json")
        check("its warning is released", status in (200, 202), (status, text))
        until("the readers fall behind", lambda: caught_up(served))
        before = picture(served)
        check("findings and the warning stand there", before["/api/v1/warnings"]["warnings"] and
              before["/api/v1/objects?type=finding"]["objects"], before)
        code, said = served.stop()
        check("SIGTERM ends it with 0", code == 0, said)
        check("it said nothing but what it is for the log to say",
              all(" info " in line or "kernel" in line for line in said.splitlines()), said)

        gone = [f for f in folder.iterdir() if f.is_file() and not KEPT.fullmatch(f.name)]
        for f in gone:
            f.unlink()
        served = Served(TOCSIN, folder)
        until("the readers fall behind", lambda: caught_up(served))
        after = picture(served)
        names = ", ".join(sorted(f.name for f in gone))
        for path in before:
            check(f"without {names}: the same answer of {path}", before[path] == after[path],
                  f"{before[path]}\n{after[path]}"[:4000])
        code, said = served.stop(signal.SIGINT)
        check("SIGINT ends it with 0", code == 0, said)
        r = tocsin("status", folder, "--json")
        check("status says that it does not run", json.loads(r.stdout)["running"] is False, r)
    done()


main()
