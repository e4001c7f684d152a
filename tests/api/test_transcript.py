# SPDX-License-Identifier: Apache-2.0
"""The exchanges recorded from the OASIS reference server, replayed against a live node that holds
the same data. Each answer agrees in status and content, or the difference stands, with the clause,
in transcript-differences.txt; a line there that no longer differs is an error too.

What is mapped: the API root, "labels" of the one STIX 2.0 object (section 6.5 of STIX 2.0)
and "payload_bin" of the one artifact (STIX 2.1 section 6.1: one of payload_bin and url must be), the login, sealed pages, and times of addition (ours are of today)."""
import json
import os
import sys
import unittest
import urllib.parse

from node import ADDING, FORUM, TAXII, Node, basic, run

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.environ.get("TOCSIN_DATA", os.path.join(HERE, "../../../shared/data")),
                    "taxii")


def read_differences():
    known = {}
    with open(os.path.join(HERE, "transcript-differences.txt")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                key, why = line.split(":", 1)
                known[key.strip()] = why.strip()
    return known


def key_of(o):
    return o.get("id"), o.get("version") or o.get("modified") or o.get("created")


def content(body):
    """What of an answer must agree: which objects, in which order, and whether there is more."""
    try:
        j = json.loads(body) if body else None
    except ValueError:
        return None
    if not isinstance(j, dict) or "title" in j and "http_status" in j:
        return None
    kept = {}
    if "objects" in j:
        kept["objects"] = [o if "pattern" in o or "type" in o else key_of(o) for o in j["objects"]]
        for o in kept["objects"]:
            if isinstance(o, dict):
                o.pop("date_added", None)
                o.pop("labels", None)
                o.pop("payload_bin", None)
    for name in ("versions", "more", "success_count", "failure_count", "total_count", "status"):
        if name in j and not isinstance(j[name], str) or name == "status" and name in j:
            kept[name] = j[name]
    return kept


class Transcript(unittest.TestCase):
    def load(self):
        with open(os.path.join(DATA, "default_data.json")) as f:
            c = next(c for c in json.load(f)["trustgroup1"]["collections"] if c["id"] == FORUM)
        added = {key_of(m): m["date_added"] for m in c["manifest"]}
        order = sorted(c["objects"], key=lambda o: added[key_of(o)])
        for o in order:  # one by one: added in this order
            if "spec_version" not in o:  # its 2.0 object lacks a property that 2.0 requires
                o["labels"] = o["malware_types"]
            a = self.n.add([o])
            self.assertEqual((a.status, a.json["success_count"]), (202, 1), a)
        now = {key_of(m): m["date_added"] for m in self.n.get(
            f"/taxii2/root/collections/{FORUM}/manifest/?match[version]=all"
            "&match[spec_version]=2.0,2.1").json["objects"]}
        self.times = {added[k]: now[k] for k in added if k in now}

    def query(self, q):
        out = []
        for name, value in urllib.parse.parse_qsl(q):
            if name == "next":
                value = self.nexts.get(value, value)
            if name == "added_after":
                full = value if "." in value else value.replace("Z", ".000000Z")
                value = self.times.get(full, "2099-01-01T00:00:00Z" if full > "2026" else full)
            out.append(f"{name}={value}")
        return "?" + "&".join(out) if out else ""

    def replay(self, t):
        path = t["path"].replace("/trustgroup1/", "/taxii2/root/")
        if "/status/" in path:
            path = f"/taxii2/root/status/{self.status}/"
        headers = {k: v for k, v in t["headers"].items() if k != "Authorization"}
        body = t["body"] and t["body"].replace('"mime_type"', '"payload_bin": "UEsDBA==", "mime_type"')
        return self.n.call(t["method"], path + self.query(t["query"]), body, headers=headers,
                           login="officer" if "Authorization" in t["headers"] else None)

    def compare(self, t, a):
        if a.status != t["status"]:
            return f"status {a.status}, recorded {t['status']}"
        if a.status >= 400:
            if t["path"].startswith(("/taxii2/", "/trustgroup1/")):
                self.assertEqual(a.headers["Content-Type"], TAXII)
                self.assertEqual(a.json["http_status"], str(a.status))
            return None
        if content(a.body) != content(t["resp"]):
            return f"content {content(a.body)}, recorded {content(t['resp'])}"
        for name in ("X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"):
            if (name in a.headers) != (name in t["resp_headers"]):
                return f"header {name}"
        return None

    def test_replay(self):
        if not os.path.exists(os.path.join(DATA, "transcript.jsonl")):
            self.skipTest("no recorded exchanges here")
        self.n, self.nexts, self.status, known, seen = Node(), {}, "", read_differences(), set()
        self.load()
        agreed = skipped = 0
        with open(os.path.join(DATA, "transcript.jsonl")) as f:
            for t in map(json.loads, f):
                name = t["test"].split("::")[1].replace("[memory]", "")
                name = name.split("[")[0] + f" {t['seq']}" + (
                    " " + t["query"] if "[" in name else "")
                # the recorder also kept its own bare call of each request, without the headers
                # that were sent; the same request follows with them
                if not t["headers"] and t["status"] != 401:
                    skipped += 1
                    continue
                a = self.replay(t)
                if a.status == 202:
                    self.status = a.json["id"]
                if a.status == 200 and "next" in (t["resp"] or "") and a.body and "next" in a.json:
                    self.nexts[json.loads(t["resp"])["next"]] = a.json["next"]
                said = self.compare(t, a)
                if said is None:
                    self.assertNotIn(name, known, "this difference is gone")
                    agreed += 1
                else:
                    self.assertIn(name, known, said)
                    seen.add(name)
        self.assertEqual(seen, set(known))
        print(f"# {agreed} agree, {len(seen)} differ for a stated reason, {skipped} are doubles")
        self.n.close()


if __name__ == "__main__":
    sys.exit(run())
