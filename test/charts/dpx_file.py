"""Writes DPX charts by hand, after SMPTE 268M: no library writes all that scanners and recorders write."""
import struct

import numpy

from chart import drawn, stored

UNSET = 0xFFFFFFFF
# Exif's orientations as DPX numbers them.
ORIENTATIONS = {1: 0, 2: 1, 4: 2, 3: 3, 5: 4, 6: 5, 8: 6, 7: 7}
# Samples of a pixel, as indices of the drawing's channels; 3 is alpha.
DESCRIPTORS = {50: (0, 1, 2), 51: (0, 1, 2, 3), 52: (3, 2, 1, 0), 6: (0,), 1: (0,), 2: (1,), 3: (2,)}


def packed(codes, bits, filling, endian):
    """Rows of codes as bytes. Fillings: 0 packed, 1 padded in the low bits, 2 in the high bits."""
    if bits == 8:
        return pad4(codes.astype(numpy.uint8).tobytes())
    if bits == 16:
        return pad4(codes.astype(f"{endian}u2").tobytes())
    if bits == 32:
        return codes.astype(f"{endian}f4").tobytes()
    if bits == 12 and filling > 0:
        return pad4((codes.astype(numpy.uint32) << (4 if filling == 1 else 0)).astype(f"{endian}u2").tobytes())
    return words(codes, bits, filling).astype(f"{endian}u4").tobytes()


def pad4(data):
    return data + bytes(-len(data) % 4)


def words(codes, bits, filling):
    codes = codes.astype(numpy.uint64)
    if filling == 0:
        total = sum(int(code) << (bits * place) for place, code in enumerate(codes))
        count = -(-len(codes) * bits // 32)
        return numpy.frombuffer(total.to_bytes(count * 4, "little"), "<u4")
    codes = numpy.concatenate([codes, numpy.zeros(-len(codes) % 3, numpy.uint64)]).reshape(-1, 3)
    shifts = numpy.array([22, 12, 2] if filling == 1 else [20, 10, 0], numpy.uint64)
    return numpy.bitwise_or.reduce(codes << shifts, axis=1).astype(numpy.uint32)


def low_first(codes, filling):
    """One channel of 10 bits: the first sample in the low bits of a word, as scanners write it."""
    shifts = [2, 12, 22] if filling == 1 else [0, 10, 20]
    codes = numpy.concatenate([codes, numpy.zeros(-len(codes) % 3, codes.dtype)]).reshape(-1, 3).astype(numpy.uint64)
    return numpy.bitwise_or.reduce(codes << numpy.array(shifts, numpy.uint64), axis=1).astype(numpy.uint32)


def samples(chart, descriptor):
    """Codes of every row, of all channels of an element."""
    bits = chart.file.get("bits", 10)
    picture = stored(drawn(chart), chart.orientation)
    opaque = numpy.ones((*picture.shape[:2], 1))
    picked = numpy.concatenate([picture, opaque], axis=2)[..., list(DESCRIPTORS[descriptor])]
    rows = picked.reshape(picked.shape[0], -1)
    return rows if bits == 32 else numpy.round(rows * (2**bits - 1))


def element(chart, descriptor):
    bits, filling = chart.file.get("bits", 10), chart.file.get("packing", 1)
    endian = chart.file.get("endian", ">")
    rows = samples(chart, descriptor)
    single = bits == 10 and filling > 0 and len(DESCRIPTORS[descriptor]) == 1
    if chart.file.get("runs_on"):
        rows = rows.reshape(1, -1)
    pack = lambda row: low_first(row, filling).astype(f"{endian}u4").tobytes() if single else packed(row, bits, filling, endian)
    pad = bytes([170]) * chart.file.get("padding", 0)
    return b"".join(pack(row) + pad for row in rows)


def write(path, chart):
    asked, endian = chart.file, chart.file.get("endian", ">")
    begin, descriptors = asked.get("begin", 2048), asked.get("elements", (50,))
    data = [element(chart, descriptor) for descriptor in descriptors]
    height, width = stored(drawn(chart), chart.orientation).shape[:2]
    head = bytearray(b"\xff" * begin)
    head[36:660] = bytes(624)
    put = lambda at, kind, value: struct.pack_into(endian + kind, head, at, value)
    for at, kind, value in ((0, "I", 0x53445058), (4, "I", begin), (16, "I", begin + sum(map(len, data))),
                            (768, "H", ORIENTATIONS[chart.orientation]), (770, "H", len(data)),
                            (772, "I", width), (776, "I", height)):
        put(at, kind, value)
    head[8:13] = b"V2.0\0"
    offset = begin
    for index, (descriptor, bytes_of) in enumerate(zip(descriptors, data)):
        at = 780 + 72 * index
        for place, kind, value in ((0, "I", 0), (20, "B", descriptor), (21, "B", asked.get("transfer", 6)), (22, "B", 6),
                                   (23, "B", asked.get("bits", 10)), (24, "H", asked.get("packing", 1)), (26, "H", 0),
                                   (28, "I", offset), (32, "I", asked.get("padding", 0)), (36, "I", 0)):
            put(at + place, kind, value)
        offset += len(bytes_of)
    for at, kind, value in asked.get("fields", ()):
        if kind == "text":
            head[at : at + len(value)] = value
        elif at + struct.calcsize(kind) <= begin:
            put(at, kind, value)
    if chart.aspect != 1:
        put(1628, "I", round(chart.aspect * 1000))
        put(1632, "I", 1000)
    with open(path, "wb") as file:
        file.write(bytes(head) + b"".join(data) + bytes(asked.get("behind", 0)))
