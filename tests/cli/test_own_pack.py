#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A domain that no line of the program knows: the folder of a pack is put into the node's folder. Its
type is checked, its key field correlates, its rule finds; with an error in it the node does not start.

usage: test_own_pack.py TOCSIN"""
import json
import sys
import tempfile
import uuid
from pathlib import Path

from served import Served, Tocsin, check, done, node, until

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)
TYPES = """vocab lamp-colours closed
  red green
type x-acme-lamp sco
  include common-sco
  colour vocab lamp-colours required
  watts integer
  tag string key serial contributes
"""
RULE = """rule flicker
  name "A lamp flickers"
  as-of 2026-11-21
  per x-acme-lamp:tag
  severity Minor
  pattern
    [x-acme-lamp:watts > 5]
    REPEATS 2 TIMES WITHIN 60 SECONDS
  says en "Lamp {per}, {count} times."
  match "twice"
    2 x +PT10S {"type":"x-acme-lamp","colour":"red","tag":"A1","watts":9}
  quiet "two lamps"
    {"type":"x-acme-lamp","colour":"red","tag":"A1","watts":9}
    {"type":"x-acme-lamp","colour":"red","tag":"A2","watts":9}
"""


def write(pack, types=TYPES, rule=RULE):
    for sub, text in (("types", types), ("rules", rule)):
        (pack / sub).mkdir(parents=True, exist_ok=True)
        (pack / sub / f"lamps.{sub}").write_text(text)


def bundle(file, *objects):
    file.write_text(json.dumps({"type": "bundle", "id": f"bundle--{uuid.uuid4()}",
                                "objects": objects}))
    return file


def new(kind, **more):
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid4()}", **more}


def seen(second, tag, colour="red"):
    at = f"2026-02-01T00:00:{second:02d}.000Z"
    lamp = new("x-acme-lamp", colour=colour, tag=tag, watts=9)
    return [new("observed-data", created=at, modified=at, first_observed=at, last_observed=at,
                number_observed=1, object_refs=[lamp["id"]]), lamp]


def lives(top, folder):
    r = tocsin("import", folder, bundle(top / "bad.json", *seen(0, "X", "blue")))
    check("an object of the pack's type is checked", r.returncode == 3 and
          "must be one of the values of lamp-colours" in r.stderr + r.stdout, r)
    served = Served(TOCSIN, folder)
    try:
        r = tocsin("import", folder, bundle(top / "in.json", *seen(1, "ab-12/7"), *seen(9, "AB 127")))
        check("valid ones are taken", r.returncode == 0, r)
        until("the readers stay behind", lambda: all(
            w["lag"] == 0 and w["up_to_date"] for w in served.status()["watchers"]))
        r = tocsin("correlate", folder, "Ab127", "--kind", "serial", "--json")
        check("what its key field holds is found in another spelling", r.returncode == 0 and
              r.stdout.count("x-acme-lamp--") >= 2, r)
        r = tocsin("rule", "list", folder)
        check("its rule is listed", "A lamp flickers" in r.stdout, r)
        found = served.json("/api/v1/objects?type=finding")["objects"]
        check("its rule needs the same value and both spellings are two", found == [], found)
        r = tocsin("import", folder, bundle(top / "more.json", *seen(15, "ab-12/7")))
        until("the readers stay behind", lambda: all(
            w["lag"] == 0 and w["up_to_date"] for w in served.status()["watchers"]))
        found = served.json("/api/v1/objects?type=finding")["objects"]
        check("its rule finds and says", [f.get("description") for f in found] ==
              ["Lamp ab-12/7, 2 times."], found)
    finally:
        served.stop()


def refused(folder, pack, says):
    r = tocsin("serve", folder, "--listen", "127.0.0.1:0")
    check(f"a node does not start: {says}", r.returncode == 3 and says in r.stderr, r)


with tempfile.TemporaryDirectory() as t:
    top = Path(t)
    folder = top / "node"
    node(TOCSIN, folder)
    pack = folder / "packs" / "lamps"
    write(pack)
    r = tocsin("pack", "list", folder)
    check("pack list shows what the node's packs hold", "x-acme-lamp " in r.stdout and
          "rule of lamps" in r.stdout and "rule of critical-entities" in r.stdout, r)
    lives(top, folder)
    write(pack, TYPES.replace("closed", "close"))
    refused(folder, pack, "packs/lamps/types/lamps.types:1: ")
    r = tocsin("status", folder)
    check("commands say why, too", r.returncode == 3 and "lamps.types:1: " in r.stderr, r)
    write(pack, rule=RULE.replace("> 5", "> 50"))
    refused(folder, pack, "the rule must match these observations, and does not")
    write(pack, rule=RULE.replace("pattern\n    [", "pattern\n    ("))
    refused(folder, pack, "packs/lamps/rules/lamps.rules:7:")
    write(pack)
    write(folder / "packs" / "again", types="", rule="")
    (folder / "packs" / "again" / "pack.txt").write_text("name lamps\n")
    (folder / "packs" / "again" / "types" / "lamps.types").write_text("vocab x open\n  a b\n")
    (folder / "packs" / "again" / "rules" / "lamps.rules").write_text(RULE)
    refused(folder, pack, "there is a rule with this name in this pack already")
done()
