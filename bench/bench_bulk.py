#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A thousand values at once, as people and programs ask: bench_bulk.py TOCSIN. A node with 60,000
addresses is served on loopback; the median of nine, by HTTP with a token's session kept open and by
the command line, with the command's own start beside it. One line of JSON."""
import http.client
import base64
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "cli"))
from served import Served, Tocsin, until  # noqa: E402

SCO = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 section 2.9


def address(i):
    value = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
    name = json.dumps({"value": value}, separators=(",", ":"))
    return {"type": "ipv4-addr", "spec_version": "2.1", "value": value,
            "id": f"ipv4-addr--{uuid.uuid5(SCO, name)}"}


def median_ms(run):
    took = []
    for _ in range(9):
        start = time.monotonic()
        run()
        took.append((time.monotonic() - start) * 1e3)
    return round(statistics.median(took), 1)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="tocsin-bulk-") as folder:
        node, tocsin = f"{folder}/node", Tocsin(program)
        objects = [address(i) for i in range(60000)]
        pathlib.Path(folder, "all.json").write_text(json.dumps(
            {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}))
        pathlib.Path(folder, "values.txt").write_text(
            "".join(objects[i * 7919 % 60000]["value"] + "\n" for i in range(1000)))
        assert tocsin("init", node, "--org", "Grid authority", "--country", "NL").returncode == 0
        assert tocsin("user", "add", node, "duty", "--org", "1", "--roles", "reader",
                      "--password-file", "-", stdin="seven quiet bells\n").returncode == 0
        assert tocsin("import", node, f"{folder}/all.json").returncode == 0
        serve = Served(program, node)
        serve.login = "duty:seven quiet bells"
        until("the lists catch up", lambda: serve.json("/api/v1/correlate?value=x")["up_to_date"])
        line = http.client.HTTPConnection(serve.url.split("//")[1])
        head = {"Authorization": "Basic " + base64.b64encode(serve.login.encode()).decode(),
                "Content-Type": "application/json"}
        body = json.dumps({"values": [o["value"] for o in objects[:60000:60]]})

        def post():
            line.request("POST", "/api/v1/correlate", body, head)
            answer = line.getresponse()
            found = json.loads(answer.read())
            assert answer.status == 200 and len(found["values"]) == 1000, answer.status
            assert all(v["objects"] for v in found["values"])

        def command(*words):
            r = subprocess.run([program, "correlate", node, *words], capture_output=True)
            assert r.returncode == 0, r.stderr

        post()
        print(json.dumps({"bench": "bulk", "values": 1000, "http_ms": median_ms(post),
                          "command_ms": median_ms(lambda: command("--file", f"{folder}/values.txt")),
                          "command_one_value_ms": median_ms(lambda: command("10.0.0.1"))}))
        line.close()
        serve.stop()


if __name__ == "__main__":
    main()
