#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/commands, run as they stand there. Each page's examples run in order in one
new folder that holds what they speak of; only the node's folder and the addresses are replaced.

usage: test_examples.py TOCSIN"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from served import SECONDS, check, done

TOCSIN = os.path.abspath(sys.argv[1])
ROOT = Path(__file__).resolve().parents[2]
SCO = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 section 2.9
NODE = re.compile(r"/srv/node|/var/lib/tocsin")
FINDERS = ("tocsin register check", "tocsin register diff")
ASSETS = """id,name,kind,sector,operator,country,lat,lon,people
NL-EEM,Substation,substation,energy,Grid operator,NL,53,6,0
S1,First,substation,energy,Grid operator,NL,53,6,0
S2,Second,substation,energy,Grid operator,NL,53,6,0
W,Waterworks,waterworks,drinking_water,Water works,NL,52,5,100
"""
DEPENDENCIES = """asset,service,mode,group,need,supplier,share,buffer,restore
W,electricity,flow,,1,S1,,PT4H,
"""
INDICATOR = {"type": "indicator", "spec_version": "2.1", "pattern_type": "stix",
             "id": "indicator--7d1f2a4e-3b0c-4c59-9f5e-0a51d0b3c9a1", "name": "Substation fire",
             "description": "Seen at a substation.",
             "pattern": "[ipv4-addr:value = '198.51.100.7']", "valid_from": "2026-01-01T00:00:00Z",
             "indicator_types": ["malicious-activity"], "created": "2026-01-01T00:00:00.000Z",
             "modified": "2026-01-01T00:00:00.000Z"}
SEEN = {"type": "observed-data", "id": "observed-data--1d2c3b4a-5f6e-4d7c-8b9a-0a1b2c3d4e5f",
        "first_observed": "2026-01-02T00:00:00Z", "last_observed": "2026-01-02T00:00:00Z",
        "number_observed": 1,
        "objects": {"0": {"type": "ipv4-addr", "value": "198.51.100.7"}}}
ADDRESS = {"type": "ipv4-addr", "spec_version": "2.1", "value": "198.51.100.7",
           "id": "ipv4-addr--" + str(uuid.uuid5(SCO, '{"value":"198.51.100.7"}'))}
NAME = {"type": "domain-name", "spec_version": "2.1", "value": "desk.example",
        "id": "domain-name--" + str(uuid.uuid5(SCO, '{"value":"desk.example"}'))}
JETTY = {"type": "location", "spec_version": "2.1", "latitude": 52.0905, "longitude": 4.3105,
         "id": "location--2d2c3b4a-5f6e-4d7c-8b9a-0a1b2c3d4e5f", "created": "2026-11-02T00:00:00.000Z",
         "modified": "2026-11-02T00:00:00.000Z"}
CERTIFICATE = {"type": "x509-certificate", "spec_version": "2.1", "serial_number": "36:f7:d4:32",
               "id": "x509-certificate--3d2c3b4a-5f6e-4d7c-8b9a-0a1b2c3d4e5f"}
PERSON = {"type": "identity", "spec_version": "2.1", "name": "Somebody", "identity_class": "individual",
          "id": "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
          "created": "2026-11-02T00:00:00.000Z", "modified": "2026-11-02T00:00:00.000Z"}
FIVE = [{"type": "observed-data", "spec_version": "2.1",
         "id": f"observed-data--{uuid.uuid5(SCO, str(i))}", "created": "2026-11-02T00:00:00.000Z",
         "modified": "2026-11-02T00:00:00.000Z", "first_observed": f"2026-11-02T00:0{i}:00Z",
         "last_observed": f"2026-11-02T00:0{i}:00Z", "number_observed": 1,
         "object_refs": [ADDRESS["id"], NAME["id"]]} for i in range(5)]
CAP = """<?xml version="1.0"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>one</identifier>
<sender>desk@node.example</sender><sent>2026-11-21T12:00:00-00:00</sent><status>Exercise</status>
<msgType>Alert</msgType><scope>Public</scope></alert>"""
WATER = 'tocsin org add node "Water works" --country BE'
ENERGY = 'tocsin community add node "Energy sector" --alias energy && tocsin community join node energy 1'
OFFICER = 'tocsin user add node officer --org "Water works"'
STEWARDS = " && ".join(f'tocsin user add node {who} --org "Water works" --roles reader,steward'
                        for who in ('desk', 'shift'))
# What must be there before a page's examples, beside a node and the files.
GIVEN = {
    "audience": f"{ENERGY} && tocsin user add node officer --org 1",
    "approval": f"{WATER} && {OFFICER}", "community": f"{WATER} && {STEWARDS}", "erase": "tocsin import node person.json", "import": ENERGY, 
    "token": f"{WATER} && {OFFICER} && {ENERGY} && tocsin community join node energy 2",
    "user": f'{WATER} && tocsin user add node feed --org "Water works"',
    "export": f"{ENERGY} && tocsin user add node duty --org 1",
    "search": "tocsin import node bundle.json", "correlate": "tocsin import node bundle.json jetty.json",
    "hunt": "tocsin import node seen.json", "rule": "tocsin import node seen.json",
}


def examples(page):
    """The commands under EXAMPLES; a line that ends in a backslash goes on."""
    found = re.search(r"\nEXAMPLES\n(.*?)(?=\n[A-Z]|\Z)", page, re.S)
    text = found.group(1).replace("\\\n", " ") if found else ""
    return [line.strip().removeprefix("$ ") for line in text.splitlines() if line.strip()]


def certificate(folder):
    made = shutil.which("openssl") and subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-days", "2", "-subj", "/CN=node"],
        cwd=folder, capture_output=True)
    if made and made.returncode == 0:
        shutil.copy(folder / "c.pem", folder / "feed.pem")
    return bool(made) and made.returncode == 0


def fill(folder):
    for name in ("report.json", "bundle.json"):
        (folder / name).write_text(json.dumps({
            "type": "bundle", "id": "bundle--3f0e5f0a-6c84-4a3c-8d44-0f3f6f4f1a11",
            "objects": [INDICATOR]}))
    (folder / "objects.jsonl").write_text(json.dumps(INDICATOR) + "\n")
    (folder / "seen.json").write_text(json.dumps({
        "type": "bundle", "id": "bundle--3f0e5f0a-6c84-4a3c-8d44-0f3f6f4f1a12",
        "objects": [ADDRESS, NAME, *FIVE]}))
    (folder / "jetty.json").write_text(json.dumps({
        "type": "bundle", "id": "bundle--1", "objects": [JETTY, CERTIFICATE]}))
    (folder / "person.json").write_text(json.dumps({
        "type": "bundle", "id": "bundle--2", "objects": [PERSON]}))
    (folder / "addresses.txt").write_text("198.51.100.7\n203.0.113.1\n")
    (folder / "indicators.txt").write_text(INDICATOR["pattern"] + "\n")
    (folder / "p.jsonl").write_text(
        json.dumps({"id": INDICATOR["id"], "pattern": INDICATOR["pattern"]}) + "\n")
    for name in ("day.jsonl", "feed.jsonl"):
        (folder / name).write_text(json.dumps(SEEN) + "\n")
    for name, text in (("assets", ASSETS), ("a", ASSETS), ("dependencies", DEPENDENCIES),
                       ("d", DEPENDENCIES)):
        (folder / f"{name}.csv").write_text(text)
    (folder / "latest.cap").write_text(CAP)
    one = (ROOT / "packs/critical-entities/rules/access.rules").read_text().split("\nrule ")
    (folder / "beacons.rules").write_text("rule " + one[1])  # with its observations
    (folder / "my-pack/types").mkdir(parents=True)
    (folder / "my-pack/pack.txt").write_text("name my-pack\ntitle Mine\nversion 1\nneeds stix21\n")
    (folder / "my-pack/types/mine.types").write_text("vocab colour open\n  red green\n")
    bin_ = folder / ".bin"
    bin_.mkdir()
    (bin_ / "tocsin").symlink_to(TOCSIN)
    curl = bin_ / "curl"  # the network of the examples
    curl.write_text(f"#!/bin/sh\ncat {folder}/latest.cap\n")
    curl.chmod(0o755)


def serve(command, folder, env):
    """Until it has said where it is; then it is asked to stop."""
    words = command.replace("0.0.0.0:443", "127.0.0.1:0")
    words += "" if "--listen" in words else " --listen 127.0.0.1:0"
    p = subprocess.Popen(["sh", "-c", "exec " + words], cwd=folder, env=env, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = p.stdout.readline()
    p.send_signal(signal.SIGTERM)
    said = p.communicate(timeout=SECONDS)[1]
    return p.returncode == 0 and "://127.0.0.1:" in line, line + said


def run(command, folder, env):
    r = subprocess.run(["sh", "-c", command], cwd=folder, env=env, text=True, capture_output=True,
                       input="seven quiet bells\n", timeout=SECONDS)
    found = r.returncode == 1 and command.startswith(FINDERS)  # that is what they are asked for
    return r.returncode == 0 or found, f"{r.returncode}\n{r.stdout}{r.stderr}"


def page(path):
    name = path.stem
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        fill(folder)
        env = {**os.environ, "PATH": f"{folder}/.bin:{os.environ['PATH']}", "HOME": str(folder)}
        before = [] if name == "init" else ["tocsin init node"] + [GIVEN.get(name, "true")]
        for command in before:
            ok, said = run(command, folder, env)
            assert ok, (command, said)
        for command in examples(path.read_text()):
            here = NODE.sub("node", command).replace("tail -f ", "cat ")  # a feed that ends
            if ".pem" in here and not certificate(folder):
                check(f"{name}: {command} # SKIP openssl is not here to make a certificate", True)
            elif here.startswith("tocsin serve"):
                check(f"{name}: {command}", *serve(here, folder, env))
            else:
                check(f"{name}: {command}", *run(here, folder, env))


for each in sorted((ROOT / "docs/commands").glob("*.txt")):
    page(each)
done()
