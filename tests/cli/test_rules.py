#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A served node with nothing but its packs: observations come in, a rule of a pack finds something
and says it in several languages; a mute holds it back; status says what is matched and what is not.

usage: test_rules.py TOCSIN"""
import json
import sys
import tempfile
import uuid
from pathlib import Path

from served import Served, Tocsin, check, done, node, until

TOCSIN = sys.argv[1]
tocsin = Tocsin(TOCSIN)
RULE = "extension-definition--522d5a34-03c1-5bf5-aeba-304766ac6688"
NAME = "Control protocols tried from one address"


def new(kind, **more):
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid4()}", **more}


def flow(second, source, port):
    at = f"2026-02-01T00:{second // 60:02d}:{second % 60:02d}.000Z"
    address = new("ipv4-addr", value=source)
    traffic = new("network-traffic", src_ref=address["id"], dst_port=port, protocols=["tcp"])
    return [new("observed-data", created=at, modified=at, first_observed=at, last_observed=at,
                number_observed=1, object_refs=[traffic["id"], address["id"]]), traffic, address]


def versioned(kind, **more):
    at = "2026-01-01T00:00:00.000Z"
    return new(kind, created=at, modified=at, **more)


class Net:
    def __init__(self, top):
        self.top, self.folder = top, top / "node"
        node(TOCSIN, self.folder)
        self.served = Served(TOCSIN, self.folder)

    def add(self, *objects):
        file = self.top / "bundle.json"
        file.write_text(json.dumps({"type": "bundle", "id": f"bundle--{uuid.uuid4()}",
                                    "objects": list(objects)}))
        r = tocsin("import", self.folder, file)
        assert r.returncode == 0, r
        until("the readers stay behind", lambda: all(
            w["lag"] == 0 and w["up_to_date"] for w in self.served.status()["watchers"]))

    def findings(self):
        return [o for o in self.served.json("/api/v1/objects?type=finding")["objects"]]


def found(net):
    for i, port in enumerate((502, 102)):
        net.add(*flow(i * 10, "198.51.100.7", port))
    net.add(*flow(25, "203.0.113.9", 2404))
    check("two protocols of one address and a third of another are nothing", net.findings() == [])
    net.add(*flow(30, "198.51.100.7", 44818))
    got = net.findings()
    check("the third protocol of the same address is found", len(got) == 1, got)
    f = got[0]
    check("the finding carries name, severity, confidence and value",
          (f["name"], f["severity"], f["confidence"], f["value"]) ==
          (NAME, "Severe", 70, "198.51.100.7"), f)
    check("it says so in English and German", f["says"]["en"].startswith(
        "198.51.100.7 tried several control protocols between 2026-02-01 00:00 UTC and ") and
        f["says"]["de"].startswith("198.51.100.7 hat zwischen 2026-02-01 00:00 UTC und "), f)
    check("its description is the English one", f["description"] == f["says"]["en"], f)
    net.add(*flow(40, "198.51.100.7", 20000))
    got = net.findings()
    check("more of it within the cooldown is the same finding",
          [(x["id"], x["matches"]) for x in got] == [(f["id"], 2)], got)
    return f


def muted(net, f):
    r = tocsin("rule", "mute", net.folder, f["rule"], "--reason", "our own scanner",
               "--value", "192.0.2.50")
    check("a rule of a pack can be muted by the node's organisation", r.returncode == 0, r)
    for i, port in enumerate((502, 102, 44818)):
        net.add(*flow(100 + i, "192.0.2.50", port))
    check("what is muted makes no finding", len(net.findings()) == 1, net.findings())
    for i, port in enumerate((502, 102, 44818)):
        net.add(*flow(200 + i, "192.0.2.51", port))
    check("other values do", len(net.findings()) == 2, net.findings())


def said(net):
    net.add(versioned("indicator", name="Bad", pattern="[ipv4-addr:value = '198.51.100.1']",
                      pattern_type="stix", valid_from="2026-01-01T00:00:00Z",
                      extensions={RULE: {"extension_type": "property-extension",
                                         "per": "ipv4-addr:value", "cooldown": "P90D"}}))
    match = net.served.status()["match"]
    check("status counts what is live, refused, muted", match["rules_of_packs"] >= 4 and
          (match["refused"], match["indicators"], match["mutes"]) == (1, 0, 1) and
          match["muted"] >= 1 and match["counted_into_findings"] >= 1, match)
    check("and says why", [p["reason"] for p in match["patterns"] if p["state"] == "refused"] ==
          ["this must be an ISO 8601 duration like PT1H, of at most 31 days"], match)
    r = tocsin("status", net.folder)
    check("also on the command line", "0 indicators, 4 rules of packs, 1 refused" in r.stdout and
          "refused: this must be an ISO 8601 duration" in r.stdout, r.stdout)


def main():
    with tempfile.TemporaryDirectory() as top:
        net = Net(Path(top))
        f = found(net)
        muted(net, f)
        said(net)
        before = net.findings()
        net.served.stop()
        net.served = Served(TOCSIN, net.folder)
        net.add(*flow(50, "198.51.100.7", 4840))
        check("after a restart it goes on where it was",
              sorted((x["id"], x["matches"]) for x in net.findings()) ==
              sorted((x["id"], x["matches"] + (x["id"] == f["id"])) for x in before),
              net.findings())
        code, text = net.served.stop()
        check("it ends well", code == 0, text)
    done()


main()
