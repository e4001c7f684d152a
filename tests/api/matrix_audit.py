# SPDX-License-Identifier: Apache-2.0
"""Beside the authorisation matrix: whatever an answer named, a record of that person and route names,
too. So "who saw this object?" has an answer for each route."""
import json
import re
import sqlite3
import uuid
from pathlib import Path

from matrix_rules import WARNINGS

ECHOES = {"POST /api/v1/audience"}  # answers about the object in the question, which is not stored


class OnRecord:
    named = set()  # (login, "METHOD path as asked", kind of object)

    def note(self, who, method, path, answer):
        """An answer, looked at when all are given."""
        if who and answer.status < 300:
            text = answer.body.decode(errors="replace")
            quoted = self.ASSETS if any(self.ids[k] in text for k in WARNINGS) else ()  # the warning is on record
            self.named.update((who, f"{method} {path.split('?')[0]}", k) for k, token in self.token.items()
                              if (token in text or self.ids[k] in text) and k not in quoted)

    def unrecorded(self):
        n = self.n
        n.get("/api/v1/audit/checkpoint")
        with sqlite3.connect(f"file:{n.dir}/access.db?mode=ro", uri=True) as db:
            login = dict(db.execute("SELECT number, login FROM person"))
        entries = {}
        with sqlite3.connect(f"file:{n.dir}/journal.db?mode=ro", uri=True) as db:
            for seq, u in db.execute("SELECT seq, uuid FROM entry"):
                entries.setdefault(str(uuid.UUID(bytes=u)), set()).add(seq)
        objects, ranges = set(), {}
        for r in records(n):
            key = login.get(r.get("person")), r.get("how")
            objects.add((*key, r.get("object")))
            for x in filter(None, r.get("entries", "").split(",")):
                low, _, high = x.partition("-")
                ranges.setdefault(key, set()).update(range(int(low), int(high or low) + 1))
        routes = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), f"{method} {path}")
                  for method, path, _, _ in self.routes()]
        for who, asked, k in self.named:
            i = self.ids[k]
            how = next(h for x, h in routes if x.fullmatch(asked.split(" ", 1)[1]) and h.split()[0] == asked.split()[0])
            seqs = entries.get(i.split("--")[1], set())
            if how not in ECHOES and (who, how, i) not in objects and not seqs & ranges.get((who, how), set()):
                yield who, how, k


def records(n):
    """What each record of the audit log says."""
    said = Path(n.dir, "audit", "said", "000000000").read_bytes()
    while len(said) >= 76:  # length (u16), leaf, salt, payload
        end = 76 + int.from_bytes(said[:2], "big")
        yield json.loads(said[76:end])
        said = said[end:]
