#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a grid extract in PyPSA-Eur's CSV form into a register: assets.csv and dependencies.csv.

usage: grid-register.py GRID_DIR OUT_DIR [--min-mw MW] [--buffer D] [--restore D]

GRID_DIR holds buses.csv, lines.csv, links.csv, transformers.csv, generators.csv. The rules:

  bus          an asset "bus-ID". It needs one of its neighbours for the flow service electricity:
               the buses at the other end of its lines, DC links and transformers, in both
               directions, and the plants that stand at it. So a bus is up while it is joined, over
               buses that are up, to a plant that is up. That is islanding without load flow: what
               overloads after an outage is not in it.
  plant        an asset "plant-ID", without suppliers: a source. Plants known to have less than
               --min-mw (50) are left out, unknown capacity counts as enough. Phase shifters and
               converter stations generate nothing and are left out.
  edge of map  an island of buses without a plant is fed by something that is not in the extract:
               it gets a source "edge-ID" at its best connected bus (lowest id among equals), so
               that it is not down from the beginning.
  not there    lines and links under construction, and circuits whose bus is not in the file. Buses
               under construction are there (kind "planned"); one that nothing is joined to yet
               needs nothing.
  country      the tag of the bus, else of the nearest bus along the lines (joints have no tags).
               UK is written GB and PA PS; a code that is none becomes empty.

The same input gives the same bytes. Prints what it counted.
"""
import argparse
import csv
import re
import sys
from collections import defaultdict, deque
from pathlib import Path

NOT_GENERATING = {"Phase shifter", "Converter Station", "Converter Station Back-to-back"}
CODES = {"UK": "GB", "PA": "PS"}


def rows(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f, quotechar="'"))


def tag(text, name):
    found = re.search(f'"{name}"=>"([^"]*)"', text or "")
    return found.group(1).strip() if found and found.group(1) != "None" else ""


def yes(text):
    return (text or "").strip().lower() in ("t", "true", "1")


def number(text):
    """A float, or None when the field is empty or says -1."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if value > 0 else None


def by_number(bus):
    return (0, int(bus), "") if bus.isdigit() else (1, 0, bus)


def read_buses(folder):
    return {b["bus_id"]: b for b in rows(folder / "buses.csv")}


def read_circuits(folder, buses):
    """{bus: its neighbours}"""
    near = {b: set() for b in buses}
    left_out = 0
    for name in ("lines.csv", "links.csv", "transformers.csv"):
        for x in rows(folder / name):
            a, b = x["bus0"], x["bus1"]
            if yes(x.get("under_construction")) or a == b or a not in buses or b not in buses:
                left_out += 1
                continue
            near[a].add(b)
            near[b].add(a)
    return near, left_out


def read_plants(folder, buses, least):
    plants = defaultdict(list)
    for g in rows(folder / "generators.csv"):
        mw = number(g["capacity"])
        if g["technology"] in NOT_GENERATING or g["bus_id"] not in buses:
            continue
        if mw is not None and mw < least:
            continue
        plants[g["bus_id"]].append(g)
    return plants


def islands(near):
    seen = set()
    for start in sorted(near, key=by_number):
        if start in seen:
            continue
        seen.add(start)
        island, queue = [], deque([start])
        while queue:
            bus = queue.popleft()
            island.append(bus)
            for other in sorted(near[bus], key=by_number):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        yield island


def countries(buses, near):
    known = {}
    for b, row in buses.items():
        code = tag(row["tags"], "country")
        code = CODES.get(code, code)
        if re.fullmatch("[A-Z]{2}", code):
            known[b] = code
    queue = deque(sorted(known, key=by_number))
    while queue:
        bus = queue.popleft()
        for other in sorted(near[bus], key=by_number):
            if other not in known:
                known[other] = known[bus]
                queue.append(other)
    return known


def place(x, y):
    lon, lat = number_any(x), number_any(y)
    if lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return "", ""
    return f"{lat:.5f}", f"{lon:.5f}"


def number_any(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def write(out, name, header, lines):
    with open(out / name, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(header.split(","))
        w.writerows(lines)


def main():
    ask = argparse.ArgumentParser(description=__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("grid", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--min-mw", type=float, default=50)
    ask.add_argument("--buffer", default="")
    ask.add_argument("--restore", default="")
    a = ask.parse_args()
    buses = read_buses(a.grid)
    near, left_out = read_circuits(a.grid, buses)
    plants = read_plants(a.grid, buses, a.min_mw)
    edges = set()
    for island in islands(near):
        if len(island) > 1 and not any(b in plants for b in island):
            edges.add(min(island, key=lambda b: (-len(near[b]), by_number(b))))
    land = countries(buses, near)

    assets, needs = [], []
    for b in sorted(buses, key=by_number):
        row = buses[b]
        kv = row["voltage"] or "?"
        lat, lon = place(row["x"], row["y"])
        kind = ("joint" if row["symbol"] == "joint" else
                "planned" if yes(row["under_construction"]) else "substation")
        assets.append([f"bus-{b}", f"{row['symbol']} {kv} kV", kind, "energy",
                       tag(row["tags"], "TSO"), land.get(b, ""), lat, lon, 0])
        suppliers = [f"bus-{o}" for o in sorted(near[b], key=by_number)]
        suppliers += [f"plant-{g['generator_id']}" for g in plants.get(b, [])]
        if b in edges:
            suppliers.append(f"edge-{b}")
            assets.append([f"edge-{b}", "Feed from outside the map", "feed", "energy", "",
                           land.get(b, ""), lat, lon, 0])
        needs += [[f"bus-{b}", "electricity", "flow", "grid", 1, s, "", a.buffer, a.restore]
                  for s in suppliers]
        for g in plants.get(b, []):
            point = re.match(r"POINT\(([-\d.]+) ([-\d.]+)\)", g["geometry"] or "")
            lat, lon = place(*point.groups()) if point else ("", "")
            name = tag(g["tags"], "name_eng") or tag(g["tags"], "name") or g["technology"]
            assets.append([f"plant-{g['generator_id']}", name, "plant", "energy", "",
                           land.get(b, ""), lat, lon, 0])
    a.out.mkdir(parents=True, exist_ok=True)
    write(a.out, "assets.csv", "id,name,kind,sector,operator,country,lat,lon,people", assets)
    write(a.out, "dependencies.csv",
          "asset,service,mode,group,need,supplier,share,buffer,restore", needs)
    print(f"{len(buses)} buses, {sum(map(len, plants.values()))} plants, {len(edges)} feeds at the "
          f"edge of the map, {len(needs)} dependencies; {left_out} circuits left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
