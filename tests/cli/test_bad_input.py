#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bad input gets, on the command line and over HTTP: one clear error that names the file, the
object and the path (or a TAXII error), and nothing is changed.

    unknown file type, truncated JSON, 1 GB of "[", one bad object in ten thousand, the same id
    twice, a CAP message with an external entity or a billion laughs, a register with an unknown
    supplier or an asset that depends on itself, a number that overflows, a time that does not
    exist, latitude 91, a body over the limit, a client that sends a byte a second
                             here
    10,000 idle connections, framing, headers, endless chunks
                             tests/api/test_hostile.py

usage: test_bad_input.py TOCSIN"""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from served import Served, Tocsin, check, done, node, until

TOCSIN = os.path.abspath(sys.argv[1])
tocsin = Tocsin(TOCSIN)
TAXII = "application/taxii+json;version=2.1"


def indicator(n, **more):
    return {"type": "indicator", "spec_version": "2.1", "pattern_type": "stix",
            "id": f"indicator--00000000-0000-4000-8000-{n:012}",
            "pattern": "[ipv4-addr:value = '198.51.100.3']", "valid_from": "2026-01-01T00:00:00Z",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", **more}


def location(**more):
    return {"type": "location", "spec_version": "2.1",
            "id": "location--00000000-0000-4000-8000-000000000001", "latitude": 52.5, "longitude": 5.0,
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", **more}


def bundle(*objects):
    return json.dumps({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000",
                       "objects": objects})


TEN_THOUSAND = [indicator(n) for n in range(10000)]
TEN_THOUSAND[7321]["valid_from"] = "yesterday"
CAP = """<?xml version="1.0" encoding="UTF-8"?>
{dtd}<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{id}</identifier>
<sender>desk@node.example</sender><sent>{sent}</sent><status>Exercise</status><msgType>Alert</msgType>
<scope>Public</scope><info><category>Met</category><event>Storm</event><urgency>Future</urgency>
<severity>Severe</severity><certainty>Likely</certainty><area><areaDesc>Coast</areaDesc>
<circle>{circle}</circle></area></info></alert>"""
FINE_CAP = {"dtd": "", "id": "one", "sent": "2026-11-21T12:00:00-00:00", "circle": "52,5 10"}
LAUGHS = '<!DOCTYPE alert [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)) + "]>\n"
ASSETS = """id,name,kind,sector,operator,country,lat,lon,people
S,Substation,substation,energy,Grid operator,NL,{lat},6,0
W,Waterworks,waterworks,drinking_water,Water works,NL,52,5,{people}
"""
DEPENDENCIES = """asset,service,mode,group,need,supplier,share,buffer,restore
W,electricity,flow,,1,{supplier},,{buffer},
"""
FINE_ASSETS = {"lat": 53, "people": 1000}
FINE_NEEDS = {"supplier": "S", "buffer": "PT4H"}
I7321, I1 = indicator(7321)["id"], indicator(1)["id"]


def assets(**more):
    return ASSETS.format(**{**FINE_ASSETS, **more})


def needs(**more):
    return DEPENDENCIES.format(**{**FINE_NEEDS, **more})


def cap(**more):
    return CAP.format(**{**FINE_CAP, **more})


# name, files, what stands in the one line of the error
FILES = [
    ("unknown file type", {"a.bin": b"\0\1\2 nothing known"},
     r"a\.bin: this is neither STIX .* nor a register \(CSV, JSON, GeoJSON\)"),
    ("plain text", {"a.txt": "hello\n"}, r"a\.txt: this is neither STIX .*"),
    ("an empty file", {"a.json": ""}, r"a\.json: the input is empty"),
    ("truncated JSON", {"a.json": bundle(indicator(1))[:150]},
     r"a\.json: byte \d+: the input stops in the middle"),
    ("16 MiB of [", {"a.json": "[" * (16 << 20)}, r"a\.json: byte 1: .*"),
    ("an object as deep as it gets", {"a.json": bundle(indicator(1, x_y=0)).replace(
        '"x_y": 0', '"x_y": ' + "[" * 100000)}, r"a\.json: .*(deep|levels|nest).*"),
    ("one bad object in ten thousand", {"a.json": bundle(*TEN_THOUSAND)},
     rf"a\.json: byte \d+: {I7321}: valid_from: .*date and time.*"),
    ("the same id twice", {"a.json": bundle(indicator(1, name="a"), indicator(1, name="b"))},
     rf"a\.json: byte \d+: {I1}: id: this id comes twice .*"),
    ("the same name twice in an object", {"a.json": bundle(indicator(1)).replace(
        '"pattern_type"', '"type": "x", "pattern_type"')}, r'a\.json: .*type: .*"type" stands twice.*'),
    ("a number that overflows", {"a.json": bundle(indicator(1, confidence=10 ** 30))},
     rf"a\.json: byte \d+: {I1}: confidence: .*whole number.*"),
    ("a number beyond all", {"a.json": bundle(indicator(1, x_y=0)).replace('"x_y": 0', '"x_y": 1e400')},
     r"a\.json:.* number .*"),
    ("a time that does not exist", {"a.json": bundle(indicator(1, valid_from="2026-02-30T00:00:00Z"))},
     rf"a\.json: byte \d+: {I1}: valid_from: .*date and time that exists.*"),
    ("latitude 91", {"a.json": bundle(location(latitude=91))},
     rf"a\.json: byte \d+: {location()['id']}: latitude: .*at most 90.*"),
    ("CAP: an external entity", {"a.cap": cap(
        dtd='<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n', id="&x;")},
     r"a\.cap:2: a document type declaration .* is never read"),
    ("CAP: a billion laughs", {"a.cap": cap(dtd=LAUGHS, id="&a9;")},
     r"a\.cap:2: a document type declaration .* is never read"),
    ("CAP: a time that does not exist", {"a.cap": cap(sent="2026-02-30T12:00:00-00:00")},
     r"a\.cap:\d+: one: sent: this time does not exist: .*"),
    ("CAP: latitude 91", {"a.cap": cap(circle="91,5 10")}, r"a\.cap:\d+: one: .*circle.*"),
    ("CAP: cut off", {"a.cap": cap()[:400]}, r"a\.cap:\d+: .*"),
    ("register: an unknown supplier", {"a.csv": assets(), "d.csv": needs(supplier="X")},
     r"d\.csv:2: W: supplier: there is no asset 'X'"),
    ("register: an asset that depends on itself", {"a.csv": assets(), "d.csv": needs(supplier="W")},
     r"d\.csv:2: W: supplier: an asset cannot depend on itself"),
    ("register: latitude 91", {"a.csv": assets(lat=91), "d.csv": needs()},
     r"a\.csv:2: S: lat: 91 is outside -90 to 90 degrees"),
    ("register: a number that overflows", {"a.csv": assets(people="9" * 30), "d.csv": needs()},
     r"a\.csv:3: W: people: '9+' is more people than there are"),
    ("register: a duration that overflows", {"a.csv": assets(), "d.csv": needs(buffer=f"PT{'9' * 30}H")},
     r"d\.csv:2: W: buffer: 'PT9+H' is longer than ten years"),
]


def same(folder, before, name):
    now = json.loads(tocsin("status", folder, "--json").stdout)["head"]
    check(f"{name}: nothing is changed", now == before, f"{before} entries before, {now} after")


def on_the_command_line(top, folder):
    before = json.loads(tocsin("status", folder, "--json").stdout)["head"]
    for name, files, says in FILES:
        for file, text in files.items():
            (top / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        r = tocsin("import", folder, *files, cwd=top)
        lines = [x for x in r.stderr.splitlines() if x.startswith("tocsin import: ")]
        check(f"{name}: refused in one line", r.returncode == 3 and len(lines) == 1 and
              re.fullmatch("tocsin import: " + says, lines[0]), r)
        same(folder, before, name)
    r = tocsin("import", folder, "none.json", cwd=top)
    check("a file that is not there", r.returncode == 2 and
          "none.json: there is no such file" in r.stderr, r)
    gigabyte(folder)
    same(folder, before, "1 GB of [")

    # the same register without the mistake is taken: it was the mistake that was refused
    (top / "a.csv").write_text(assets())
    (top / "d.csv").write_text(needs())
    (top / "a.cap").write_text(cap())
    r = tocsin("import", folder, "a.csv", "d.csv", cwd=top)
    check("without its mistake the register is taken", r.returncode == 0, r)
    r = tocsin("import", folder, "a.cap", cwd=top)
    check("without its mistake the CAP message is taken", r.returncode == 0, r)
    (top / "a.json").write_text(bundle(*TEN_THOUSAND))
    r = tocsin("import", folder, "a.json", "--keep-going", cwd=top)
    check("--keep-going takes the others and says which one it left out", r.returncode == 0 and
          I7321 in r.stdout + r.stderr and re.search(r"\b9,?999\b", r.stdout), r)


def gigabyte(folder):
    """1 GB of [ on standard input: refused long before its end."""
    p = subprocess.Popen([TOCSIN, "import", str(folder), "-"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    block, peak = b"[" * (1 << 20), 0
    try:
        for _ in range(1 << 10):
            p.stdin.write(block)
            with open(f"/proc/{p.pid}/statm") as f:
                peak = max(peak, int(f.read().split()[1]) * 4096)
        p.stdin.close()
    except OSError:
        pass
    p.stdin = None  # else communicate() looks at it again
    said = p.communicate(timeout=120)[1].decode()
    check("1 GB of [: refused in one line", p.returncode == 3 and
          re.fullmatch(r"tocsin import: -: byte 1: .*", said.splitlines()[-1]), said[-2000:])
    check("1 GB of [: not held in memory", peak < 600 << 20, f"{peak >> 20} MiB")


# name, body, what the failure of the one object says
OBJECTS = [
    ("a number that overflows", indicator(1, confidence=10 ** 30), "confidence"),
    ("a time that does not exist", indicator(1, valid_from="2026-02-30T00:00:00Z"), "valid_from"),
    ("latitude 91", location(latitude=91), "latitude"),
]


def taxii_error(answer, status, name):
    code, text = answer
    try:
        error = json.loads(text)
    except ValueError:
        error = {}
    check(f"HTTP, {name}: {status} with a TAXII error", code == status and error.get("title") and
          error.get("http_status") == str(status), answer)


def settled(served):
    """The head of the journal once every reader has seen it: what they conclude from what was there
    before is not the doing of a request."""
    def head():
        status = served.status()
        return [status["head"]] if all(w["up_to_date"] for w in status["watchers"]) else None
    return until("the readers fall behind", head)[0]


def over_http(folder):
    tocsin("community", "add", folder, "Forum", "--alias", "forum")
    tocsin("community", "join", folder, "forum", "1")
    served = Served(TOCSIN, folder, "--max-body", "1000000", "--request-timeout", "2")
    post = {"Content_Type": TAXII, "Accept": TAXII}
    first = next(c for c in json.loads(served.call("GET", "/taxii2/root/collections/", Accept=TAXII)[1])
                 ["collections"] if c["can_write"])
    path = f"/taxii2/root/collections/{first['id']}/objects/"
    before = settled(served)

    def send(body, **more):
        return served.call("POST", path, body, **{**post, **more})

    def unchanged(name):
        now = settled(served)
        check(f"HTTP, {name}: nothing is changed", now == before, f"{before} before, {now} after")

    taxii_error(send("hello", Content_Type="text/plain"), 415, "unknown type")
    taxii_error(send(json.dumps({"objects": [indicator(1)]})[:150]), 400, "truncated JSON")
    taxii_error(send("[" * 900000), 422, "900 kB of [")
    taxii_error(send("\0\1\2"), 400, "no JSON at all")
    taxii_error(send(json.dumps({"objects": [indicator(n) for n in range(4000)]})), 413,
                "a body over the limit")
    unchanged("no envelope")
    for name, bad, where in OBJECTS:
        code, text = send(json.dumps({"objects": [bad]}))
        status = json.loads(text) if code == 202 else {}
        check(f"HTTP, {name}: its status names object and path", status.get("failure_count") == 1 and
              status["failures"][0]["id"] == bad["id"] and where in status["failures"][0]["message"],
              (code, text))
        unchanged(name)
    code, text = send(json.dumps({"objects": [indicator(1, name="a"), indicator(1, name="b")]}))
    check("HTTP, the same id twice: said for the object", code == 202 and
          json.loads(text)["failure_count"] >= 1, (code, text))
    few = [indicator(n) for n in range(100, 200)]
    few[77]["valid_from"] = "yesterday"
    status = json.loads(send(json.dumps({"objects": few}))[1])
    check("HTTP, one bad object in a hundred: the others are taken, it is named",
          (status["success_count"], status["failure_count"], status["failures"][0]["id"]) ==
          (99, 1, few[77]["id"]), status)
    before = settled(served)

    for name, body in (("an asset whose id is none", {"affected": ["infrastructure--1"]}),
                       ("a time that does not exist", {"started": "2026-02-30T00:00:00Z"}),
                       ("no JSON", None)):
        text = "{" if body is None else json.dumps({"name": "x", "started": "2026-01-01T00:00:00Z",
                                                    "affected": [], **body})
        code, said = served.call("POST", "/api/v1/incidents", text, Content_Type="application/json")
        check(f"HTTP, report with {name}: refused with a reason", 400 <= code < 500 and
              json.loads(said)["error"]["message"], (code, said))
        unchanged(f"report with {name}")
    slow(served)
    unchanged("a slow client")
    code, said = served.stop()
    check("the node is well after all this", code == 0 and "error" not in said, said)


def slow(served):
    """A byte a second: sent away when its time is over, and nobody waits meanwhile."""
    host, port = served.url.split("//")[1].rsplit(":", 1)
    s = socket.create_connection((host, int(port)), timeout=1)
    began = time.monotonic()
    closed = False
    for byte in b"POST /taxii2/root/ HTTP/1.1\r\nHost: node\r\n":
        try:
            s.sendall(bytes([byte]))
            closed = s.recv(4096) is not None  # an answer or the end
            break
        except TimeoutError:
            served.status()
        except OSError:
            closed = True
            break
    check("HTTP, a byte a second: sent away", closed and time.monotonic() - began < 15)
    s.close()


with tempfile.TemporaryDirectory() as top:
    node(TOCSIN, Path(top) / "node")
    on_the_command_line(Path(top), Path(top) / "node")
    over_http(Path(top) / "node")
done()
