# SPDX-License-Identifier: Apache-2.0
"""Who may see which word, reckoned apart from the program: the oracle of http_state.py.

Every field of every object that the fuzzer posts carries a word that stands nowhere else ("zq" and
14 letters), and every object has a random UUID. A word's *carriers* are the places where it was
put, each with an audience; somebody may meet the word when he may read one of them. A word without
a carrier (it was refused, or was never sent) may be met by nobody."""
import re

from matrix_rules import MEMBERS, PEOPLE

WORD = re.compile(r"zq[a-p]{14}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LEVELS = ["CLEAR", "GREEN", "AMBER", "STRICT", "RED"]
COUNTRIES = {"node": "NL", "grid": "NL", "hospital": "BE", "elsewhere": "DE", None: None}
READING = {"reader", "reporter", "analyst", "releaser", "steward"}


def org(who):
    return PEOPLE[who][0]


def strictest(*levels):
    return max(levels, key=LEVELS.index)


class Community:
    """Members and since when; all times are steps of the fuzzer."""

    def __init__(self, members=(), past=True):
        self.past = past  # whoever joins reads what was there before
        self.functions = {o: {"receive", "contribute"} for o in members}
        self.since = {o: 0 for o in members}
        self.ever = set(members)

    def set(self, who, functions, step):
        if functions and not self.functions.get(who):
            self.since[who] = step
        self.functions[who] = set(functions)
        if functions:
            self.ever.add(who)

    def belongs(self, who, step):
        return "receive" in self.functions.get(who, ()) and (self.past or self.since[who] <= step)


class Audience:
    """What one version of one object, or some of its fields, is for."""

    def __init__(self, level, author, community=None, recipients=None, countries=(), step=0):
        self.level, self.author, self.community, self.step = level, author, community, step
        self.recipients = recipients  # None: nobody is named; else logins and "org NAME"
        self.countries = countries    # one set of codes for each caveat
        self.gone = False
        self.also = None  # what must hold, too

    def narrowed(self, level):
        """As it is with one more marking: for nobody who does not read it without."""
        a = Audience(strictest(self.level, level), self.author, self.community, self.recipients,
                     self.countries, self.step)
        a.also = self
        return a

    def elsewhere(self, community, step):
        a = Audience(self.level, self.author, community, self.recipients, self.countries, step)
        a.also = self.also and self.also.elsewhere(community, step)
        return a

    def reads(self, who, communities, ever=False):
        """ever: also who could at some time, now that it is gone or membership has ended."""
        if self.gone and not ever or who is not None and not READING & set(PEOPLE[who][1].split()):
            return False
        if self.also and not self.also.reads(who, communities, ever):
            return False
        if who == self.author or self.level != "RED" and org(who) and org(who) == org(self.author):
            return True
        if any(COUNTRIES[org(who)] not in c for c in self.countries):
            return False
        if self.recipients is not None and not {who, f"org {org(who)}"} & self.recipients:
            return False
        if self.level == "CLEAR":
            return True
        if self.level == "GREEN":
            return who is not None
        if self.level == "RED":
            return self.recipients is not None and who in self.recipients
        if self.community is None:
            return self.recipients is not None
        c = communities[self.community]
        return org(who) in c.ever if ever else c.belongs(org(who), self.step)


class Oracle:
    def __init__(self):
        self.communities = {k: Community(m) for k, m in MEMBERS.items()}
        self.carriers = {}   # word or UUID -> audiences
        self.exempt = {}     # word or UUID -> logins that are told of it on purpose
        self.members = {}    # UUID of a closed community -> its key, for whoever belongs

    def carry(self, word, audience):
        self.carriers.setdefault(word, []).append(audience)

    def allow(self, word, whom):
        self.exempt.setdefault(word, set()).update(whom)

    def may(self, who, word, ever=False):
        return who in self.exempt.get(word, ()) or \
            any(a.reads(who, self.communities, ever) for a in self.carriers.get(word, ()))

    def hidden(self, word):
        """Is it something of this fuzzer's that may be hidden from somebody?"""
        return word in self.carriers or WORD.fullmatch(word)

    def forbidden(self, who, text, said="", ever=False):
        """The words in text that may not be there; said: what the request itself contained."""
        found = set(WORD.findall(text)) | {u for u in UUID.findall(text) if u in self.carriers}
        return sorted(w for w in found if w not in said and not self.may(who, w, ever))
