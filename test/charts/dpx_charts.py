"""Charts of DPX: packings, byte orders, elements, orientations, transfer codes, and headers as scanners leave them."""
import numpy

import dpx_file
from chart import CODES, GREYS, LIGHT, Chart, varied
from oracle import KODAK_LOG

VIDEO = Chart("dpx.dpx", dpx_file.write, colours=CODES, space=None, reads=None)
GREY = varied(VIDEO, "grey.dpx", colours=GREYS, file={"elements": (6,)})
# Bits and packings that exist; OpenImageIO reads back those of RGB that it reads right.
PACKINGS = ((8, 0), (10, 0), (10, 1), (10, 2), (12, 0), (12, 1), (12, 2), (16, 0), (32, 0))
READ_BACK = ((8, 0), (10, 1), (16, 0))
SHAPES = {"rgb": (50,), "rgba": (51,), "abgr": (52,)}
ENDIANS = {"big": ">", "little": "<"}


def packed():
    for bits, packing in PACKINGS:
        for order, endian in ENDIANS.items():
            file = {"bits": bits, "packing": packing, "endian": endian}
            for shape, elements in SHAPES.items():
                reads = {} if shape == "rgb" and (bits, packing) in READ_BACK else None
                yield varied(VIDEO, f"dpx_{shape}_{bits}_{packing}_{order}.dpx", reads=reads,
                             file={**file, "elements": elements})
            yield varied(GREY, f"dpx_grey_{bits}_{packing}_{order}.dpx", file=file)


def planes():
    """A colour an element, one behind the other."""
    for bits, packing in PACKINGS:
        yield varied(VIDEO, f"dpx_planes_{bits}_{packing}.dpx", file={"bits": bits, "packing": packing, "elements": (1, 2, 3)})


def turned():
    for orientation in range(1, 9):
        for bits, packing in ((8, 0), (10, 1), (16, 0)):
            yield varied(VIDEO, f"dpx_turned_{orientation}_{bits}.dpx", orientation=orientation,
                         file={"bits": bits, "packing": packing})


def log_codes():
    """The light of the charts on a negative."""
    black = 10 ** ((95 - 685) * 0.002 / 0.6)
    density = numpy.log10(numpy.array(LIGHT) * (1 - black) + black)
    return tuple(map(tuple, (685 + density * 0.6 / 0.002) / 1023))


def transferred():
    for transfer in (1, 3):
        for bits, packing in ((10, 1), (12, 1), (16, 0)):
            yield varied(VIDEO, f"dpx_log_{transfer}_{bits}.dpx", colours=log_codes(), space=KODAK_LOG,
                         file={"transfer": transfer, "bits": bits, "packing": packing})
    for transfer in (0, 2, 4, 5, 6, 7, 8, 9, 10, 255):
        yield varied(VIDEO, f"dpx_transfer_{transfer}.dpx", file={"transfer": transfer})


UNSET = dpx_file.UNSET
# What a header says or leaves out, and nothing of the picture may change.
HEADERS = {
    "short": {"begin": 1664},
    "long": {"begin": 8192},
    "element_offset_0": {"fields": [(808, "I", 0)]},
    "element_offset_unset": {"fields": [(808, "I", UNSET)]},
    "element_offset_wrong": {"fields": [(808, "I", 1 << 30)]},
    "file_offset_unset": {"fields": [(4, "I", UNSET)]},
    "sign_unset": {"fields": [(780, "I", UNSET)]},
    "packing_unset": {"fields": [(804, "H", 0xFFFF)]},
    "size_unset": {"fields": [(16, "I", UNSET)]},
    "padding_stated": {"padding": 64},
    "padding_unset": {"fields": [(812, "I", UNSET)]},
    "rate_1": {"fields": [(1724, "f", 1.0), (1940, "f", 1.0)]},
    "rate_nan": {"fields": [(1724, "f", float("nan"))]},
    "aspect_0": {"fields": [(1628, "I", 0), (1632, "I", 0)]},
    "bytes_behind": {"behind": 5000},
    "encrypted_word_0": {"fields": [(660, "I", 0)]},
    "codes_0_1023": {"fields": [(784, "I", 0), (792, "I", 1023)]},
}


def headed():
    for name, file in HEADERS.items():
        for order, endian in ENDIANS.items():
            yield varied(VIDEO, f"dpx_header_{name}_{order}.dpx", file={**file, "endian": endian})
    for aspect in (0.5, 1.25, 2.0):
        yield varied(VIDEO, f"dpx_aspect_{aspect}.dpx", aspect=aspect)


def legal():
    """Reference codes of video: black is 64, white 940. The codes in the file are squeezed, what is shown is not."""
    squeezed = tuple(tuple((64 + value * (940 - 64)) / 1023 for value in colour) for colour in CODES)
    fields = [(784, "I", 64), (792, "I", 940)]
    yield varied(VIDEO, "dpx_legal_range.dpx", colours=squeezed, file={"fields": fields, "shown": CODES})


# Writers of 10-bit grey whose rows run on, and where they sign.
WRITERS = {"size": (), "lasergraphics": (160, b"Lasergraphics Inc.\0"), "diamant": (160, b"DIAMANT-Film\0"), "scanity": (1556, b"Scanity\0")}


def running_on():
    for name, field in WRITERS.items():
        fields = [(field[0], "text", field[1])] if field else []
        for behind in (0,) if name == "size" else (0, 300):
            yield varied(GREY, f"dpx_runs_on_{name}_{behind}.dpx", file={"runs_on": True, "fields": fields, "behind": behind})


def charts():
    for table in (packed, planes, turned, transferred, headed, legal, running_on):
        yield from table()
