#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Live matching in a served node with many live indicators: observations a second through an import
(checked, durable, matched, sightings written), and how long after its TAXII answer an indicator
gives its first sighting: the observation is posted right behind it, the sighting is asked for until
it is there.

usage: bench_live.py TOCSIN [INDICATORS [OBSERVATIONS [ROUNDS]]]"""
import base64
import http.client
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

TOCSIN = Path(sys.argv[1]).resolve()
INDICATORS, OBSERVATIONS, ROUNDS = (int(x) for x in (sys.argv[2:] + [100000, 50000, 100][
    len(sys.argv) - 2:]))
TAXII = "application/taxii+json;version=2.1"
AT = "2026-01-01T00:00:00.000Z"


def tocsin(*words, **more):
    return subprocess.run([TOCSIN, *map(str, words)], check=True, capture_output=True, text=True,
                          **more).stdout


def indicator(value):
    return {"type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid4()}",
            "created": AT, "modified": AT, "name": "Known", "pattern_type": "stix",
            "pattern": f"[domain-name:value = '{value}']", "valid_from": AT}


def seen(value):
    name = {"type": "domain-name", "spec_version": "2.1", "id": f"domain-name--{uuid.uuid4()}",
            "value": value}
    return [name, {"type": "observed-data", "spec_version": "2.1", "created": AT, "modified": AT,
                   "id": f"observed-data--{uuid.uuid4()}", "first_observed": AT,
                   "last_observed": AT, "number_observed": 1, "object_refs": [name["id"]]}]


def bundle(path, objects):
    path.write_text(json.dumps({"type": "bundle", "id": f"bundle--{uuid.uuid4()}",
                                "objects": objects}))
    return path


def status(node):
    return json.loads(tocsin("status", node, "--json"))


def behind(s):
    return max(r.get("lag", r.get("behind", 0)) for r in s["readers"])


def wait(node):
    while behind(status(node)):
        time.sleep(0.02)


class Client:
    def __init__(self, url):
        host, port = re.search(r"//([0-9.]+):(\d+)", url).groups()
        self.c = http.client.HTTPConnection(host, int(port), timeout=30)
        self.auth = "Basic " + base64.b64encode(b"officer:correct horse battery").decode()

    def call(self, method, path, body=None):
        taxii = path.startswith("/taxii2")
        self.c.request(method, path, json.dumps(body) if body is not None else None, {
            "Authorization": self.auth, "Accept": TAXII if taxii else "*/*",
            **({"Content-Type": TAXII} if body is not None else {})})
        r = self.c.getresponse()
        text = r.read()
        assert r.status < 300, (path, r.status, text)
        return json.loads(text)


def rounds(client):
    root = "/taxii2/root/collections/"
    where = next(c for c in client.call("GET", root)["collections"] if c["can_write"])["id"]
    path = f"{root}{where}/objects/"
    took = []
    for i in range(ROUNDS):
        one = indicator(f"live-{uuid.uuid4()}.example")
        client.call("POST", path, {"objects": [one]})
        start = time.monotonic()
        client.call("POST", path, {"objects": seen(one["pattern"][22:-2])})
        ask = "/api/v1/search?type=sighting&ref=" + one["id"]
        while not client.call("GET", ask)["objects"]:
            pass
        took.append((time.monotonic() - start) * 1000)
    return sorted(took)


def main(folder):
    node = folder / "node"
    tocsin("init", node, "--org", "Bench", "--country", "NL")
    tocsin("community", "add", node, "Bench", "--alias", "bench")
    tocsin("community", "join", node, "bench", "1")
    tocsin("user", "add", node, "officer", "--org", "1", "--roles",
           "reader,reporter,analyst", "--password-file", "-", input="correct horse battery\n")
    tocsin("import", node, bundle(folder / "i.json", [indicator(f"host-{i}.example")
                                                      for i in range(INDICATORS)]))
    serve = subprocess.Popen([TOCSIN, "serve", node, "--listen", "127.0.0.1:0"], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        url = next(line for line in serve.stdout if "http://127" in line)
        wait(node)
        observed = [o for i in range(OBSERVATIONS) for o in seen(
            f"host-{i % INDICATORS}.example" if i % 100 == 0 else f"other-{i}.example")]
        path = bundle(folder / "o.json", observed)
        start = time.monotonic()
        tocsin("import", node, path)
        wait(node)
        s = time.monotonic() - start
        print(json.dumps({"bench": "live import", "indicators": INDICATORS,
                          "observations": OBSERVATIONS, "matches": (OBSERVATIONS + 99) // 100,
                          "observations_per_s": round(OBSERVATIONS / s),
                          "matches_per_s": round(OBSERVATIONS / 100 / s)}), flush=True)
        took = rounds(Client(url))
        p99 = took[int(len(took) * 0.99)]
        print(json.dumps({"bench": "live indicator", "rounds": ROUNDS, "indicators": INDICATORS,
                          "p50_ms": round(statistics.median(took), 1), "p99_ms": round(p99, 1),
                          "wanted_ms": 1000, "holds": p99 < 1000}), flush=True)
    finally:
        serve.terminate()
        serve.wait(30)


with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as f:
    main(Path(f))
