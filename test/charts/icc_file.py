"""ICC profiles of version 2 with three curves and three colorants, which OpenColorIO has the spaces of."""
import struct

import numpy

D50 = numpy.array([0.9642, 1.0, 0.8249])
BRADFORD = numpy.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def colorants(corners, white):
    """Columns of red, green and blue in XYZ under D50."""
    xyz = lambda x, y: numpy.array([x / y, 1, (1 - x - y) / y])
    columns = numpy.stack([xyz(*corners[at : at + 2]) for at in (0, 2, 4)], axis=1)
    whole = columns * numpy.linalg.solve(columns, xyz(*white))
    scale = (BRADFORD @ D50) / (BRADFORD @ xyz(*white))
    return numpy.linalg.inv(BRADFORD) @ numpy.diag(scale) @ BRADFORD @ whole


def fixed(numbers):
    return b"".join(struct.pack(">i", round(float(number) * 65536)) for number in numbers)


def curve(spec):
    """A gamma, or a table of light for evenly spaced codes."""
    if isinstance(spec, float):
        return b"curv" + bytes(4) + struct.pack(">IH", 1, round(spec * 256))
    return b"curv" + bytes(4) + struct.pack(">I", len(spec)) + b"".join(struct.pack(">H", round(v * 65535)) for v in spec)


def srgb_table(entries=1024):
    codes = numpy.arange(entries) / (entries - 1)
    return tuple(numpy.where(codes > 0.04045, ((codes + 0.055) / 1.055) ** 2.4, codes / 12.92))


def profile(name, corners, white, shape):
    matrix = colorants(corners, white)
    text = name.encode()
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(79),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": b"XYZ " + bytes(4) + fixed(D50),
        **{key: b"XYZ " + bytes(4) + fixed(matrix[:, at]) for at, key in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **{key: curve(shape) for key in (b"rTRC", b"gTRC", b"bTRC")},
    }
    at, table, data = 132 + 12 * len(tags), b"", b""
    for key, value in tags.items():
        value += bytes(-len(value) % 4)
        table += key + struct.pack(">II", at + len(data), len(value))
        data += value
    head = bytearray(128)
    head[8:12], head[12:24], head[36:40], head[68:80] = b"\x02\x10\0\0", b"mntrRGB XYZ ", b"acsp", fixed(D50)
    head[0:4] = struct.pack(">I", at + len(data))
    return bytes(head) + struct.pack(">I", len(tags)) + table + data
