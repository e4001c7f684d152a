#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tocsin impact and tocsin bench cascade as a caller sees them: output to the letter, exit status,
errors by file, line and column. With the graph makers of ../shared/oracles (or those beside
TOCSIN_DATA) and a C compiler, the sums over every single outage, too.

usage: test_impact.py TOCSIN"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOCSIN = sys.argv[1]
ASSETS = """id,name,kind,sector,operator,country,lat,lon,people
P,Plant,plant,energy,op,NL,52,4,0
A,West,substation,energy,op,NL,52,4,0
B,East,substation,energy,op,DE,52,7,0
H,Hospital,hospital,health,op,DE,52,7,1200
"C,1",Control,control,energy,op,BE,51,4,0
"""
DEPENDENCIES = """asset,service,mode,group,need,supplier,share,buffer,restore
A,electricity,flow,,1,P,,,PT10M
A,electricity,flow,,1,B,,,PT10M
B,electricity,flow,,1,A,,,
H,electricity,flow,,1,B,,{buffer},PT1H
A,control,support,,1,"C,1",,P2D,
"""
done = failed = 0


def check(name, ok, detail=""):
    global done, failed
    done += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {done} - {name}" + (f"\n# {detail}" if not ok else ""))


def run(*words):
    p = subprocess.run([TOCSIN, *map(str, words)], capture_output=True, text=True, timeout=120)
    return p.returncode, p.stdout, p.stderr


def impact(folder, *words, buffer="PT8H", assets=ASSETS, dependencies=DEPENDENCIES):
    (folder / "a.csv").write_text(assets)
    (folder / "d.csv").write_text(dependencies.replace("{buffer}", buffer))
    return run("impact", "--register", folder / "a.csv", folder / "d.csv", *words)


def answers(folder):
    status, out, err = impact(folder, "--outage", "P", "--json")
    want = {"failures": [
        {"asset": "P", "at": 0, "cause": [], "service": None},
        {"asset": "A", "at": 0, "cause": ["P", "B"], "service": "electricity", "phantom": True},
        {"asset": "B", "at": 0, "cause": ["A", "P"], "service": "electricity", "phantom": True},
        {"asset": "H", "at": 28800, "cause": ["B", "A", "P"], "service": "electricity"}],
        "spared": 1, "people": 1200, "countries": {"DE": 2, "NL": 2},
        "sectors": {"energy": 3, "health": 1}, "member_states": 2}
    check("flow pair without a plant", status == 0 and json.loads(out) == want, out + err)
    status, out, _ = impact(folder, "--outage", "P", "--for", "PT9H", "--json")
    check("the outage ends", [f.get("until") for f in json.loads(out)["failures"]] ==
          [32400, 33000, 33000, 36600], out)
    status, out, _ = impact(folder, "--outage", "P", "--horizon", "28799s", "--json")
    check("horizon", len(json.loads(out)["failures"]) == 3, out)
    status, out, _ = impact(folder, "--outage", "C,1,H", "--json")
    check("an id with a comma", [f["asset"] for f in json.loads(out)["failures"]] ==
          ["C,1", "H", "A", "B"], out)
    words = ("--outage", "P", "--horizon", "10h", "--runs", "500", "--seed", "3", "--json")
    status, out, _ = impact(folder, *words, buffer="PT8H..PT12H")
    last = json.loads(out)["failures"][-1]
    check("ranges", last["at"] == 28800 and 0.4 < last["p"] < 0.6 and
          28800 <= last["at_p5"] < last["at_p50"] < last["at_p95"] <= 36000, out)
    _, again, _ = impact(folder, *words, "--threads", "3", buffer="PT8H..PT12H")
    check("threads change nothing", again == out, again)
    status, out, _ = impact(folder, "--outage", "P", "--at", "2026-11-21T20:15:00Z")
    check("a person's table", status == 0 and "2026-11-22T04:15:00Z" in out and
          "no electricity from B, after P" in out and "two or more" in out, out)


def refusals(folder):
    status, out, err = impact(folder, "--outage", "nobody")
    check("unknown outage", status == 3 and not out and "nobody" in err, err)
    bad = DEPENDENCIES + "H,water,flow,,2,X,,-PT1H,\nH,gas,flow,,1,H,,,\n"
    status, out, err = impact(folder, "--outage", "P", "--json", dependencies=bad)
    check("all errors, by line and column", status == 3 and not out and
          all(x in err for x in ("d.csv:7", "supplier", "buffer", "d.csv:8")), err)
    status, _, err = impact(folder, "--outage", "P", assets=ASSETS + "P,,,,,,91,0,\n")
    check("asset twice, latitude 91", status == 3 and "a.csv:7" in err and "lat" in err, err)
    status, _, err = impact(folder, "--outage", "P", assets="")
    check("an empty file", status == 3 and "a.csv" in err, err)
    status, _, err = run("impact", "--register", folder / "none.csv", folder / "d.csv",
                         "--outage", "P")
    check("no such file", status == 3 and "none.csv" in err, err)
    for words in (["--outage", "P", "--horizon", "soon"], ["--outage", "P", "--end", "yesterday"],
                  ["--outage", "P", "--end", "2026-11-21T20:15:00Z"], []):
        status, _, err = impact(folder, *words)
        check(f"usage {words}", status == 2 and err, err)
    (folder / "g.bin").write_bytes(b"\1\0\0\0" * 9)
    status, _, err = run("bench", "cascade", "--graph", folder / "g.bin")
    check("no graph file", status == 3 and err, err)


def oracles(folder):
    data = Path(os.environ.get("TOCSIN_DATA", Path(__file__).resolve().parents[3] / "shared/data"))
    makers = data.parent / "oracles/cascade"
    cc = shutil.which("cc")
    for name, count, minutes in (("redundant", 601667, 926627678),
                                 ("brittle", 5126344, 19497578552)):
        source = makers / f"gen_{name}.c"
        if not cc or not source.exists():
            print(f"# skipped: {source} or a C compiler is not there")
            continue
        subprocess.run([cc, "-O2", "-w", source, "-lm", "-o", folder / "gen"], check=True)
        subprocess.run([folder / "gen", "100000", "1", folder / "g.bin"], check=True,
                       capture_output=True)
        for threads in (1, 2):
            status, out, err = run("bench", "cascade", "--graph", folder / "g.bin", "--threads",
                                   threads)
            got = json.loads(out) if status == 0 else {}
            check(f"{name}, {threads} threads", got.get("failed_sum") == count and
                  got.get("timed_failed_sum") == count and got.get("failure_minutes_sum") == minutes, out + err)


def european_grid(folder):
    """The converter and the ranking on the real grid: the same bytes twice, on any threads."""
    data = Path(os.environ.get("TOCSIN_DATA", Path(__file__).resolve().parents[3] / "shared/data"))
    tool = Path(__file__).resolve().parents[2] / "tools/grid-register.py"
    if not (data / "grid/buses.csv").exists():
        print(f"# skipped: {data}/grid is not there")
        return
    answers_of = []
    for name, threads in (("one", 1), ("two", 2)):
        (folder / name).mkdir()
        subprocess.run([sys.executable, tool, data / "grid", folder / name], check=True,
                       capture_output=True)
        files = [folder / name / "assets.csv", folder / name / "dependencies.csv"]
        status, out, err = run("critical", "--register", *files, "--by", "assets", "--top", 5,
                               "--threads", threads, "--json")
        check(f"the grid, {threads} threads", status == 0, err)
        answers_of.append([out, *(f.read_bytes() for f in files)])
    check("the grid gives the same answer twice", answers_of[0] == answers_of[1])
    got = json.loads(answers_of[0][0])
    check("every bus and plant was tried", got["assets"] > 8000 and
          got["ranking"][0]["failed"] > 1, answers_of[0][0])


with tempfile.TemporaryDirectory() as t:
    european_grid(Path(t))
    answers(Path(t))
    refusals(Path(t))
    oracles(Path(t))
print(f"1..{done}")
sys.exit(failed > 0)
