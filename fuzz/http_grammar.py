# SPDX-License-Identifier: Apache-2.0
"""Requests for http_state.py: objects with all kinds of markings, arguments for every route of the
table by the names that docs/openapi.json gives them, and the ways in which a request is bent."""
import json
import os
import uuid
from urllib.parse import quote

from http_oracle import LEVELS, UUID, WORD, Audience, org, strictest
from matrix_rules import ASSET, EVENT, SHARING, TLP
from node import ADDING, FORUM, OTHER, PUBLIC, READ_ONLY

HANDLING = "extension-definition--b2c9bcf4-4a5f-5a6e-9f3e-6d7ee1a5c0b8"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OPEN = json.load(open(os.path.join(ROOT, "docs", "openapi.json"), encoding="utf-8"))
# poster -> where it may post, when nothing has changed
PLACES = {"officer": [FORUM, ADDING, READ_ONLY, PUBLIC, "circle", "circle2", None],
          "grid": [FORUM, "circle", "circle2", None], "stranger": [OTHER, None]}
KINDS = ["indicator", "indicator", "infrastructure", "incident", "malware", "observed-data",
         "relationship", "note", "duty-point", "x-tocsin-unheard-of"]
# what an object of a type cannot be without: a marking of one of these is a marking of the whole
NEEDED = {"indicator": {"pattern", "pattern_type", "valid_from"}, "infrastructure": {"name"},
          "incident": {"name"}, "malware": {"is_family"}, "note": {"content", "object_refs"},
          "relationship": {"relationship_type", "source_ref", "target_ref"},
          "observed-data": {"first_observed", "last_observed", "number_observed", "object_refs"},
          "duty-point": {"name"}}
JUNK = ["", "0", "-1", "1", "4", "999999999999999999999", "null", "true", "%", "%zz", "%00", "..",
        "../../etc/passwd", "*", "'", '"', "<x>", "\u202e", "a" * 300, "1e9", "NaN", "{}", "[]",
        "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "P1D", "PT", "all", "first,last",
        "52,5", "91,181", "-90,-180,90,180", "1km", "0m", "300km", "indicator", "malware,note",
        "energy", "json", "html", "text", "[file:size = 1]", "[x:y LIKE '%']", "forum", "other"]
HEADERS = [("Accept", "application/taxii+json;version=2.1"), ("Accept", "application/json"),
           ("Accept", "*/*"), ("Accept", "text/html"), ("Accept", "x/y;q=0"), ("Accept", ""),
           ("Accept-Encoding", "gzip, br"), ("Accept-Encoding", "identity;q=0"),
           ("Range", "items 0-10"), ("Range", "bytes=0-4"), ("If-None-Match", "*"),
           ("If-None-Match", '"x"'), ("If-Modified-Since", "Sun, 22 Nov 2026 00:00:00 GMT"),
           ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-User", "officer"),
           ("X-Original-URL", "/api/v1/objects"), ("X-HTTP-Method-Override", "DELETE"),
           ("X-Rewrite-URL", "/api/v1/status"), ("Forwarded", "for=127.0.0.1;proto=https"),
           ("Host", "elsewhere.example"), ("Origin", "https://elsewhere.example"),
           ("X-Tocsin", "1"), ("X-Tocsin", ""), ("Cookie", "tocsin="), ("Cookie", "tocsin=a; tocsin=b"),
           ("Cookie", "__Host-tocsin=" + "A" * 43), ("Content-Type", "text/plain"),
           ("Content-Type", "application/json; charset=utf-16"), ("Expect", "100-continue"),
           ("Last-Event-ID", "1"), ("Last-Event-ID", "A" * 32), ("X-" + "n" * 200, "v" * 3000),
           ("Accept-Language", "de, en;q=0.5"), ("Upgrade", "h2c"), ("TE", "trailers")]


# arguments of which a question has one
MAIN = {"q", "value", "ref", "box", "around", "id", "pattern"}


class Maker:
    """Objects, with what the oracle must know of them."""

    def __init__(self, roll, oracle, me):
        self.roll, self.oracle, self.me = roll, oracle, me
        self.made = set()  # UUIDs of its own; others are the node's, or of standards

    def word(self):
        return "zq" + "".join(self.roll.choice("abcdefghijklmnop") for _ in range(14))

    def uuid(self):
        u = str(uuid.UUID(int=self.roll.getrandbits(128), version=4))
        self.made.add(u)
        return u

    def words_of(self, value):
        """Its words, and the UUIDs in it that were made here."""
        text = json.dumps(value)
        return set(WORD.findall(text)) | set(UUID.findall(text)) & self.made

    def time(self, day=None):
        return f"2026-0{self.roll.randint(1, 9)}-{day or self.roll.randint(1, 28):02d}T00:00:00.000Z"

    def fields(self, kind, others):
        """Properties with words in all of them; others: objects that it may refer to."""
        w, at = self.word, "2026-01-01T00:00:00.000Z"
        o = {"description": w(), "labels": [w(), w()], "confidence": self.roll.randint(0, 100),
             "external_references": [{"source_name": w(), "external_id": w()}],
             "x_free": {"deep": [w(), {"deeper": w()}]}, "lang": "en"}
        if kind == "indicator":
            o.update(name=w(), pattern=f"[domain-name:value = '{w()}.example']", pattern_type="stix",
                     valid_from=at, indicator_types=[w()])
        elif kind == "infrastructure":
            o.update(name=w(), extensions={ASSET: {
                "extension_type": "property-extension", "sector": "energy", "country": "NL",
                "latitude": 50 + self.roll.random(), "longitude": 5.0, "key": w(),
                "operator_ref": self.me[self.roll.choice(["grid", "hospital", "officer"])]["org"]["identity"]}})
        elif kind == "incident":
            o.update(name=w(), extensions={EVENT: {
                "extension_type": "property-extension", "started": "2026-11-21T10:00:00Z",
                "exercise": self.roll.random() < 0.2}})
        elif kind == "malware":
            o.update(name=w(), is_family=False, aliases=[w()], malware_types=[w()])
        elif kind == "observed-data":
            o.update(first_observed=at, last_observed=at, number_observed=1,
                     object_refs=[self.roll.choice([x for x in others if x[:4] in ("indi", "malw", "infr", "rela")]
                                                  or [f"malware--{self.uuid()}"])])
        elif kind == "relationship":
            others = [x for x in others if x[:4] in ("indi", "malw", "infr", "inci")]
            ends = [self.roll.choice(others) if others and self.roll.random() < 0.8 else
                    f"malware--{self.uuid()}" for _ in "ab"]
            o.update(relationship_type="uses", source_ref=ends[0], target_ref=ends[1])
        elif kind == "note":
            o.update(content=w(), abstract=w(), authors=[w()],
                     object_refs=[self.roll.choice(others)] if others else [f"malware--{self.uuid()}"])
        elif kind == "duty-point":
            o.update(name=w(), hours="24/7", areas=["NL"], languages=["nl"])
        else:
            o.update(name=w())
        return o

    def marked(self, o, kind, poster, place, step):
        """Gives it markings; returns (audience, audience of each top-level field, definitions)."""
        roll, definitions, countries = self.roll, [], []
        levels = roll.choices(LEVELS, [2, 2, 5, 1, 4], k=roll.choice([1, 1, 1, 2]))
        refs = [TLP[x] for x in levels]
        level = strictest(*levels)
        recipients = None
        if roll.random() < 0.15:  # nothing said: AMBER
            refs, level = [], "AMBER"
        if roll.random() < 0.15:
            codes = roll.sample(["NL", "BE", "DE", "FR"], roll.randint(1, 2))
            definitions.append({
                "type": "marking-definition", "spec_version": "2.1", "created": self.time(1),
                "id": f"marking-definition--{self.uuid()}", "object_marking_refs": [TLP["CLEAR"]],
                "extensions": {HANDLING: {"extension_type": "property-extension",
                                          "releasable_to_countries": codes}}})
            refs.append(definitions[-1]["id"])
            countries.append(set(codes))
        alone = roll.random() < 0.08
        if alone:  # a marking that nobody knows
            refs.append(f"marking-definition--{self.uuid()}")
        if roll.random() < 0.3:
            recipients = set()
            names = []
            for who in roll.sample(sorted(self.me), roll.randint(1, 3)):
                if roll.random() < 0.5:
                    recipients.add(who)
                    names.append(self.me[who]["identity"])
                else:
                    recipients.add(f"org {org(who)}")
                    names.append(self.me[who]["org"]["identity"])
            o.setdefault("extensions", {})[SHARING] = {
                "extension_type": "property-extension", "recipient_refs": names}
            if roll.random() < 0.2:
                o["extensions"][SHARING]["community"] = "nowhere"
                alone = True
        if refs:
            o["object_marking_refs"] = refs
        if alone:
            recipients, countries = set(), [set()]
        whole = Audience(level, poster, place, recipients, countries, step)
        by_field = {}
        if roll.random() < 0.4:
            for _ in range(roll.randint(1, 3)):
                mark = roll.choice(LEVELS[1:])
                chosen = roll.sample(sorted(set(o) - {"type", "extensions", "object_marking_refs", "granular_markings"}),
                                     roll.randint(1, 3))
                o.setdefault("granular_markings", []).append(
                    {"marking_ref": TLP[mark], "selectors": chosen})
                if set(chosen) & NEEDED.get(kind, set()):
                    whole = whole.narrowed(mark)
                for f in chosen:
                    by_field[f] = strictest(by_field.get(f, "CLEAR"), mark)
        return whole, {f: whole.narrowed(x) for f, x in by_field.items()}, definitions

    def object(self, poster, place, step, others=(), known=None):
        """(object, audience, {word: audience}, definitions); known: an object to make a version of."""
        kind = known["type"] if known else self.roll.choice(KINDS)
        at = self.time()
        o = self.fields(kind, others)
        whole, by_field, definitions = self.marked(o, kind, poster, place, step)
        o.update(type=kind, spec_version="2.1", created=known["created"] if known else "2026-01-01T00:00:00.000Z",
                 id=known["id"] if known else f"{kind}--{self.uuid()}",
                 modified=at if known else "2026-01-01T00:00:00.000Z")
        words = {}
        for name, value in o.items():
            if name not in ("object_marking_refs", "granular_markings"):
                words.setdefault(by_field.get(name, whole), set()).update(self.words_of(value))
        return o, whole, words, definitions


class Filler:
    """Values for a route's arguments, out of everything that was met so far."""

    def __init__(self, roll, maker):
        self.roll, self.maker = roll, maker
        self.ids = []       # of objects, hidden or not
        self.words = []
        self.places = [FORUM, ADDING, READ_ONLY, OTHER, PUBLIC, "circle", "circle2", "forum", "other"]
        self.seals = []     # next, before, Last-Event-ID, status ids, sessions: whoever got them
        self.orgs = []

    def anything(self):
        r = self.roll
        pick = r.random()
        if pick < 0.35 and self.ids:
            return r.choice(self.ids[-40:])
        if pick < 0.55 and self.words:
            return r.choice(self.words[-200:])
        if pick < 0.7 and self.seals:
            return r.choice(self.seals[-60:])
        if pick < 0.8:
            return r.choice(self.places)
        return r.choice(JUNK) if pick < 0.97 else f"indicator--{self.maker.uuid()}"

    def of_type(self, *types):
        mine = [i for i in self.ids[-200:] if i.split("--")[0] in types]
        return self.roll.choice(mine) if mine else self.anything()

    def value(self, name):
        """A likely value for an argument of this name, or now and then any."""
        r = self.roll
        if r.random() < 0.05:
            return self.anything()
        if name in ("collection", "community"):
            return r.choice(self.places + [FORUM, FORUM, PUBLIC, "circle", "circle2"])
        if name in ("object", "id", "ref", "match[id]"):
            return r.choice(self.ids[-60:]) if self.ids else self.anything()
        if name in ("warning", "rule", "point", "call", "asset", "incident"):
            return self.of_type({"warning": "warning", "rule": "indicator", "point": "duty-point",
                                 "call": "test-call", "asset": "infrastructure",
                                 "incident": "incident"}[name])
        if name in ("next", "before", "last_event_id", "status", "session", "request"):
            return r.choice(self.seals[-30:]) if self.seals else self.anything()
        if name in ("q", "value"):
            return (r.choice(self.words[-100:]) + r.choice(["", ".example"])) if self.words else "x"
        if name == "organisation":
            return r.choice(self.orgs)
        if name in ("name", "description", "reason", "title", "why", "answer", "says", "round"):
            return self.maker.word()
        fixed = {"limit": ["1", "3", "20", "1000"], "since": ["2026-01-01T00:00:00Z"],
                 "added_after": ["2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z"],
                 "match[version]": ["all", "first", "last", "2026-01-01T00:00:00.000Z"],
                 "match[type]": ["indicator", "malware,note", "incident"], "type": ["indicator", "note"],
                 "match[spec_version]": ["2.1", "2.0,2.1"], "depth": ["1", "2", "5"],
                 "within": ["1km", "300km", "20000km"], "during": ["P1D", "P900D"],
                 "at": ["2026-01-01T00:00:00Z"], "box": ["49,4,52,6", "-90,-180,90,180"],
                 "pattern": ["[domain-name:value LIKE 'zq%']", "[x:y = 1]"], "as": ["json", "html", "text"],
                 "index": ["0", "1", "7"], "size": ["1", "2", "9"], "top": ["1", "200"],
                 "horizon": ["P3D"], "file": ["index.html", "app.js", "nothing"], "code": ["000000", "x"],
                 "state": ["open", "read-only", "nonsense"], "grant": [True, False],
                 "minutes": [5, 15], "started": ["2026-11-21T10:00:00Z"], "per": ["domain-name:value"],
                 "severity": ["severe", "Severe"], "kind": ["equal", "near"], "extended": ["true"],
                 "marking": ["CLEAR", "TLP:GREEN", "TLP:AMBER", "amber+strict", "TLP:RED", "none"]}
        if name == "around":
            return r.choice(["50.5,5", self.of_type("infrastructure"), self.of_type("indicator")])
        return r.choice(fixed[name]) if name in fixed else self.anything()

    def schema(self, s, name=""):
        """A body by its schema; the words in it are new and never recorded by the caller."""
        r = self.roll
        if "oneOf" in s:
            s = r.choice(s["oneOf"])
        if "enum" in s and r.random() < 0.9:
            return r.choice(s["enum"])
        kind = s.get("type", "string")
        kind = r.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            need = set(s.get("required", ()))
            return {k: self.schema(v, k) for k, v in s.get("properties", {}).items()
                    if k in need and r.random() < 0.97 or r.random() < 0.5}
        if kind == "array":
            return [self.schema(s.get("items", {}), name) for _ in range(r.choice([1, 1, 2, 0, 5]))]
        if kind == "boolean":
            return r.random() < 0.5
        if kind in ("integer", "number"):
            return r.choice([0, 1, 5, 60, 3600, -1, 52.5, 1e18])
        by_use = {"affected": "asset", "outages": "asset", "values": "value"}
        return self.value(by_use.get(name, name))

    def body(self, method, path):
        content = OPEN["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {}) \
            .get("content", {})
        for media, c in content.items():
            value = self.schema(c.get("schema", {}))
            if "form-urlencoded" in media:
                return media, "&".join(f"{k}={quote(str(v))}" for k, v in value.items())
            return media, json.dumps(value)
        return None, None

    def query(self, method, path):
        about = OPEN["paths"].get(path, {}).get(method.lower(), {}).get("parameters", [])
        names = [p["name"] for p in about if p.get("in") == "query"]
        main = [n for n in names if n in MAIN]
        likely = self.roll.random() < 0.9  # a question that means something
        chosen = [n for n in names if n not in main and
                  self.roll.random() < (0.04 if n in ("next", "before", "last_event_id") else 0.2)]
        if main and likely:
            chosen += ["around", "within"] if "around" in names else [self.roll.choice(main)]
        elif main:
            chosen += self.roll.sample(main, self.roll.randint(0, len(main)))
        if self.roll.random() < 0.03:
            chosen.append(self.roll.choice(["limit", "next", "q", "match[id]", "x", "community", "as"]))
        chosen = list(dict.fromkeys(chosen))
        return [(n, str(self.value(n))) for n in chosen]


def bend_path(roll, path):
    """The same path as a proxy, or somebody who means ill, could write it."""
    i = roll.randrange(1, len(path)) if len(path) > 1 else 0
    how = roll.randrange(12)
    if how == 0:
        return path[:i] + f"%{ord(path[i]):02x}" + path[i + 1:] if path[i] != "%" else path
    if how == 1:
        return path[:i] + roll.choice(["//", "/./", "/../", "/..;/", ";x=1/", "%2f", "%2e%2e/"]) + path[i:]
    if how == 2:
        return path.rstrip("/") if path.endswith("/") else path + "/"
    if how == 3:
        return path.upper() if roll.random() < 0.5 else path.swapcase()
    if how == 4:
        return path[:i] + roll.choice(["%00", "%0d%0a", "%c0%af", "%ff", "%e2%80%ae", "\\", "%25"]) + path[i:]
    if how == 5:
        return path + roll.choice(["?", "#x", ".json", "%20", "?&&=&", "?a[]=1", "?limit=1&limit=2"])
    if how == 6:
        return "http://elsewhere.example" + path
    if how == 7:
        return path[:i]
    if how == 8:
        return path + "/" + "a/" * roll.randint(1, 80)
    if how == 9:
        return "/" + path
    if how == 10:
        return path + "x" * roll.choice([10, 3000, 9000])
    return path[:i] + chr(roll.randint(33, 126)) + path[i + 1:]


def bend_body(roll, body):
    """A body that is no longer what it was: only for requests whose words nobody may see."""
    b = bytearray(body.encode())
    how = roll.randrange(6)
    if not b or how == 0:
        return b"[" * roll.choice([10, 3000])
    i = roll.randrange(len(b))
    if how == 1:
        b[i] ^= 1 << roll.randrange(8)
    elif how == 2:
        del b[i:]
    elif how == 3:
        b[i:i] = roll.choice([b"\xff\xfe", b"\0", b'"', b"{", b"\xed\xa0\x80", b"\\u0000", b"1e999"])
    elif how == 4:
        j = roll.randrange(len(b))
        b[i:i] = b[min(i, j):max(i, j)]
    else:
        b += roll.choice([b"}", b"{}", b"\0\0", b" " * 5000])
    return bytes(b)
