# SPDX-License-Identifier: Apache-2.0
"""The first message of TLS, made byte by byte, so that a test can offer what no library of today
would (RFC 5246 and 8446 section 4.1.2), and the server's answer to it, read as far as it is open."""
import os
import struct

SSL2 = bytes.fromhex("802e 01 0002 0015 0000 0010 010080 020080 030080 040080 050080 060040 0700c0") + os.urandom(16)
SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
ECDSA_RSA = [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0807, 0x0808]
SHA1 = [0x0201, 0x0203]
GROUPS = {0x0015: "secp224r1", 0x0017: "secp256r1", 0x0018: "secp384r1", 0x0019: "secp521r1", 0x001d: "x25519",
          0x001e: "x448", 0x0013: "secp192r1", 0x0016: "secp256k1", 0x0100: "ffdhe2048", 0x0101: "ffdhe3072",
          0x0102: "ffdhe4096", 0x0103: "ffdhe6144", 0x0104: "ffdhe8192", 0x11ec: "x25519mlkem768",
          0x11eb: "secp256r1mlkem768", 0x11ed: "secp384r1mlkem1024"}
ALERTS = {40: "handshake_failure", 47: "illegal_parameter", 50: "decode_error", 70: "protocol_version",
          71: "insufficient_security", 86: "inappropriate_fallback", 109: "missing_extension"}
# every number that was ever given to a suite of TLS 1.2 and before, and some that were not
OLD_SUITES = [n for a, b in ((0x0001, 0x00ff), (0xc001, 0xc0b5), (0xcc13, 0xcc16), (0xcca8, 0xccaf), (0xd001, 0xd006),
                             (0xfefe, 0xff00), (0x5600, 0x5600), (0xc100, 0xc106)) for n in range(a, b)
              if n not in (0x00ff, 0x5600)]
NEW_SUITES = list(range(0x1301, 0x1308)) + [0xc0b4, 0xc0b5]
FALLBACK = 0x5600
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def _vector(n, data):
    return len(data).to_bytes(n, "big") + data


def _numbers(values):
    return b"".join(struct.pack(">H", v) for v in values)


def hello(version=TLS12, suites=OLD_SUITES, groups=tuple(GROUPS), signatures=ECDSA_RSA, versions=None,
          compression=b"\0", heartbeat=False):
    """A ClientHello in its record. versions: for TLS 1.3, which then says the group by a retry."""
    e = [(10, _vector(2, _numbers(groups))), (11, b"\1\0"), (13, _vector(2, _numbers(signatures))),
         (23, b""), (35, b""), (0xff01, b"\0")]
    if heartbeat:
        e.append((15, b"\1"))
    if versions:
        e += [(43, _vector(1, _numbers(versions))), (51, _vector(2, b"")), (45, b"\1\1")]
    extensions = b"".join(struct.pack(">H", k) + _vector(2, v) for k, v in e) if version > SSL3 else b""
    body = (struct.pack(">H", version) + os.urandom(32) + _vector(1, os.urandom(32) if versions else b"")
            + _vector(2, _numbers(suites)) + _vector(1, compression)
            + (_vector(2, extensions) if extensions else b""))
    return b"\x16" + struct.pack(">H", min(version, TLS10)) + _vector(2, b"\1" + _vector(3, body))


class Answered:
    """What came back: alert (name or number), or a ServerHello's fields; neither = it hung up."""

    def __init__(self, connection, data):
        self.alert = self.version = self.suite = self.group = self.compression = None
        self.random, self.extensions, self.kinds = b"", {}, []
        with connection as s:
            s.settimeout(10)
            s.sendall(data)
            stream = self.records(s)
        while len(stream) >= 4:
            kind, n = stream[0], int.from_bytes(stream[1:4], "big")
            self.kinds.append(kind)
            if kind == 2:
                self.server_hello(stream[4:4 + n])
            if kind == 12:  # ServerKeyExchange of a named curve
                self.group = GROUPS.get(int.from_bytes(stream[5:7], "big"))
            stream = stream[4 + n:]

    def records(self, s):
        stream = b""
        while True:
            head = self.exactly(s, 5)
            if len(head) < 5:
                return stream
            body = self.exactly(s, int.from_bytes(head[3:], "big"))
            if head[0] == 21:
                self.alert = ALERTS.get(body[1], body[1])
                return stream
            if head[0] != 22:
                return stream
            stream += body
            if 14 in kinds_of(stream) or self.is_retry(stream):
                return stream

    def is_retry(self, stream):
        return len(stream) > 38 and stream[0] == 2 and stream[6:38] == RETRY

    @staticmethod
    def exactly(s, n):
        got = b""
        try:
            while len(got) < n and (more := s.recv(n - len(got))):
                got += more
        except OSError:
            pass
        return got

    def server_hello(self, b):
        self.version = int.from_bytes(b[:2], "big")
        self.random = b[2:34]
        at = 35 + b[34]
        self.suite, self.compression = int.from_bytes(b[at:at + 2], "big"), b[at + 2]
        rest = b[at + 5:]
        while len(rest) >= 4:
            kind, n = int.from_bytes(rest[:2], "big"), int.from_bytes(rest[2:4], "big")
            self.extensions[kind] = rest[4:4 + n]
            rest = rest[4 + n:]
        if 43 in self.extensions:
            self.version = int.from_bytes(self.extensions[43], "big")
        if 51 in self.extensions:
            self.group = GROUPS.get(int.from_bytes(self.extensions[51][:2], "big"))


def kinds_of(stream):
    kinds = []
    while len(stream) >= 4:
        kinds.append(stream[0])
        stream = stream[4 + int.from_bytes(stream[1:4], "big"):]
    return kinds
