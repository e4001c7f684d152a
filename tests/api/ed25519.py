# SPDX-License-Identifier: Apache-2.0
"""Ed25519 (RFC 8032, section 5.1) in plain Python, slow and obvious, to check by other means what the
program signs and verifies. Not for secrets: it takes as long as the numbers make it."""
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


def add(a, b):
    """On points (X : Y : Z : T) with x = X/Z, y = Y/Z, xy = T/Z."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    t, z = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = n - m, z - t, z + t, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(k, point):
    out = (0, 1, 1, 0)
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def of_y(y, odd):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if y >= P or x * x % P != square or (x == 0 and odd):
        return None
    x = P - x if x % 2 != odd else x
    return x, y, 1, x * y % P


BASE = of_y(4 * pow(5, -1, P) % P, 0)


def pack(point):
    z = pow(point[2], -1, P)
    x, y = point[0] * z % P, point[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def unpack(data):
    v = int.from_bytes(data, "little")
    return of_y(v & (2**255 - 1), v >> 255)


def number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


class Key:
    def __init__(self, seed):
        h = hashlib.sha512(seed).digest()
        self.a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
        self.prefix = h[32:]
        self.public = pack(times(self.a, BASE))

    def sign(self, text):
        r = number(self.prefix, text) % L
        big = pack(times(r, BASE))
        s = (r + number(big, self.public, text) * self.a) % L
        return big + s.to_bytes(32, "little")


def verify(public, text, signature):
    a, r = unpack(public), unpack(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if not a or not r or s >= L or len(signature) != 64:
        return False
    return pack(times(s, BASE)) == pack(add(r, times(number(signature[:32], public, text) % L, a)))
