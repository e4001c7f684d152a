#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The results of tocsin impact and critical in their other forms: the report is one well-formed page
that loads nothing, runs nothing and says its marking; its charts have numbers in them; CSV and
GeoJSON (RFC 7946) read back as what --json says. Registers of all shapes, hostile text among them.

usage: test_report.py TOCSIN"""
import csv
import io
import json
import re
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from subprocess import run

TOCSIN = str(Path(sys.argv[1]).resolve())
AHEAD = "id,name,kind,sector,operator,country,lat,lon,people\n"
DHEAD = "asset,service,mode,group,need,supplier,share,buffer,restore\n"
EVIL = '"</title><script>alert(1)</script>"'
CASES = {  # assets, dependencies, options of impact
    "two": (AHEAD + "P,Plant,plant,energy,Op,NL,52,4,0\nS,Town,city,public,Op,DE,51.5,6,4200\n",
            DHEAD + "S,electricity,flow,,1,P,,PT4H..PT9H,PT1H\n", "--outage P --for PT6H"),
    "hostile": (AHEAD + f"P,{EVIL},plant,{EVIL},Op,NL,52,4,0\nS,&amp;'\u202e,city,a&b,Op,,,,7\n",
                DHEAD + f"S,{EVIL},flow,,1,P,,,\n",
                "--outage P --at 2026-03-01T00:00:00Z --horizon PT30S"),
    "no place, nobody": (AHEAD + "P,,,,,,,,\n", DHEAD, "--outage P"),
    "one spot": (AHEAD + "".join(f"A{i},,,,,NL,-89.9,179.9,{2**32 - 1}\n" for i in range(3)),
                 DHEAD + "A1,s,support,,1,A0,,,\nA2,s,support,,1,A1,,P10D,\n",
                 "--outage A0 --horizon P3650D"),
    "a loop without a source": (AHEAD + "A,,,,,,1,1,5\nB,,,,,,1,2,5\nC,,,,,,,,\n",
                                DHEAD + "A,w,flow,,1,B,,,\nB,w,flow,,1,A,,,\n", "--outage C"),
}
done = failed = 0


def check(name, ok, detail=""):
    global done, failed
    done += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {done} - {name}" + (f"\n# {detail}" if not ok else ""))


class Page(HTMLParser):
    """What stands open, what is wrong."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.words = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "href", "style") or name.startswith("on"):
                self.wrong.append(f"{tag} {name}={value}")
            if re.search(r"(?i)\b(nan|inf)\b", value or "") and name != "aria-label":
                self.wrong.append(f"{tag} {name}={value}")
        if tag in ("script", "link", "img", "iframe", "object"):
            self.wrong.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "br"):
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data):
        self.words.append(data)


def report(name, text, marking, charts):
    page = Page(text)
    check(f"{name}: well-formed, loads and runs nothing", not page.wrong and not page.open,
          f"{page.wrong} {page.open}")
    words = " ".join(page.words)
    check(f"{name}: marked at both ends, what was assumed is said, {charts} charts",
          words.count(marking) >= 2 and "What was assumed" in words and
          text.count("<svg") == charts, text.count("<svg"))


def geojson(name, text, want):
    g = json.loads(text)
    ok = g["type"] == "FeatureCollection" and len(g["features"]) == want
    for f in g["features"]:
        at = f["geometry"]
        ok = ok and f["type"] == "Feature" and isinstance(f["properties"], dict)
        ok = ok and (at is None or (at["type"] == "Point" and abs(at["coordinates"][0]) <= 180 and
                                    abs(at["coordinates"][1]) <= 90))
    check(f"{name}: GeoJSON of {want} features", ok, text[:300])


def one(folder, name, assets, dependencies, words):
    (folder / "a.csv").write_text(assets, encoding="utf-8")
    (folder / "d.csv").write_text(dependencies, encoding="utf-8")

    def tocsin(command, *more):
        r = run([TOCSIN, command, "--register", "a.csv", "d.csv", *more], cwd=folder, text=True,
                capture_output=True, timeout=60, encoding="utf-8")
        check(f"{name}: {command} {' '.join(more[-2:])}", r.returncode == 0, r.stderr)
        return r.stdout

    words = words.split()
    failures = json.loads(tocsin("impact", *words, "--json"))["failures"]
    rows = list(csv.DictReader(io.StringIO(tocsin("impact", *words, "--format", "csv"))))
    check(f"{name}: CSV has the same failures",
          [(r["asset"], int(r["in_seconds"])) for r in rows] ==
          [(f["asset"], f["at"]) for f in failures], rows)
    geojson(name, tocsin("impact", *words, "--format", "geojson"), len(failures))
    placed = any(r["lat"] for r in rows)
    people = any(int(r["people"]) for r in rows)
    report(f"{name}, impact", tocsin("impact", *words, "--marking", "TLP:RED", "--format", "html"),
           "TLP:RED", 1 + placed + people)
    n = assets.count("\n") - 1
    geojson(f"{name}, critical", tocsin("critical", "--format", "geojson"), n)
    ranked = list(csv.DictReader(io.StringIO(tocsin("critical", "--format", "csv"))))
    check(f"{name}: CSV has the ranking", len(ranked) == n, ranked)
    report(f"{name}, critical", tocsin("critical", "--format", "html"), "TLP:AMBER",
           1 + any(r["lat"] for r in ranked))


with tempfile.TemporaryDirectory() as t:
    for case, (a, d, options) in CASES.items():
        one(Path(t), case, a, d, options)
print(f"1..{done}")
sys.exit(1 if failed else 0)
