"""Prints what CPython computes: lines of an operation and words in hexadecimal (operands, then the result)."""

import random
import struct

random.seed(7)


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def wrap(i):
    return i & 0xFFFF_FFFF_FFFF_FFFF


def line(name, *words):
    print(name, *(f"{word:x}" for word in words))


special = [0.0, -0.0, 1.0, -1.0, 0.1, -0.1, 3.0, -3.0, 7.5, -7.5, 1e300, -1e300, 5e-324, -5e-324]
special += [float("inf"), float("-inf"), float("nan"), 2.0**53, 1 / 3, 2.2250738585072014e-308]
floats = [(a, b) for a in special for b in special]
for _ in range(100):
    a, b = (random.uniform(-1, 1) * 10 ** random.uniform(-12, 12) for _ in range(2))
    floats.append((a, b))
    k = random.randrange(-1000, 1000)
    floats.append((k * b, b))

for a, b in floats:
    if b != 0.0:
        line("f64.floordiv", bits(a), bits(b), bits(a // b))
        line("f64.mod", bits(a), bits(b), bits(a % b))
    line("f64.min", bits(a), bits(b), bits(min(a, b)))
    line("f64.max", bits(a), bits(b), bits(max(a, b)))

edge = [0, 1, -1, 2, -3, 7, -7, 63, 64, 100, 2**31, 2**63 - 1, -(2**63)]
ints = [(a, b) for a in edge for b in edge]
ints += [(random.getrandbits(64) - 2**63, random.getrandbits(random.randrange(1, 63)) - 1) for _ in range(60)]
for a, b in ints:
    if b != 0:
        line("i64.floordiv", wrap(a), wrap(b), wrap(a // b))
        line("i64.mod", wrap(a), wrap(b), wrap(a % b))
    line("i64.add", wrap(a), wrap(b), wrap(a + b))
    line("i64.mul", wrap(a), wrap(b), wrap(a * b))
    if 0 <= b <= 100:
        line("i64.pow", wrap(a), wrap(b), wrap(a**b))
        line("i64.lshift", wrap(a), wrap(b), wrap(a << b))
        line("i64.rshift", wrap(a), wrap(b), wrap(a >> b))

parts = [0.0, -0.0, 1.0, -2.5, 3.25, 1e200, -1e-200]
numbers = [complex(re, im) for re in parts for im in parts]
for a in numbers:
    for b in random.sample(numbers, 6):
        words = [bits(a.real), bits(a.imag), bits(b.real), bits(b.imag)]
        product = a * b
        line("c128.mul", *words, bits(product.real), bits(product.imag))
        if b != 0:
            quotient = a / b
            line("c128.div", *words, bits(quotient.real), bits(quotient.imag))
for a in [1 + 2j, -0.5 + 0.25j, 3j, 2 + 0j, -1.5 - 2.5j]:
    for b in [2 + 0j, -3 + 0j, 0j, 0.5 + 0j, 1 + 1j, 7 + 0j, -0.5 + 2j]:
        power = a**b
        line("c128.pow", *(bits(x) for x in (a.real, a.imag, b.real, b.imag, power.real, power.imag)))
