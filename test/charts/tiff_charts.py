"""Charts of TIFF: depths, photometrics, compressions, tiles, planes, pages, orientations, profiles."""
import icc_file
import tiff_file
from chart import CODES, GREYS, LIGHT, Chart, varied
from colour_charts import ACES_WHITE, D65, PRIMARIES, coded
from oracle import REC709

PLAIN = Chart("tiff.tif", tiff_file.write, colours=CODES, space=None)
GREY = varied(PLAIN, "grey.tif", colours=GREYS, reads={"channels": (0,)}, file={"count": 1, "photometric": "minisblack"})
LINEAR = varied(PLAIN, "linear.tif", colours=LIGHT, space=REC709)


def deep():
    """Depths of colour and grey, in pixels and in planes; floating-point ones are light."""
    for depth in (8, 16, 32):
        for order, endian in (("little", "<"), ("big", ">")):
            yield varied(PLAIN, f"tiff_rgb_{depth}_{order}.tif", file={"depth": depth, "order": endian})
            yield varied(GREY, f"tiff_grey_{depth}_{order}.tif", file={"depth": depth, "order": endian})
        yield varied(PLAIN, f"tiff_planes_{depth}.tif", file={"depth": depth, "planes": True})
    for depth in ("half", "float", "double"):
        yield varied(LINEAR, f"tiff_rgb_{depth}.tif", file={"depth": depth})
        yield varied(LINEAR, f"tiff_planes_{depth}.tif", file={"depth": depth, "planes": True})
        yield varied(GREY, f"tiff_grey_{depth}.tif", file={"depth": depth}, space=REC709)


def odd():
    """Depths that libtiff's own set has: bits without bytes."""
    for depth in (2, 4, 6, 10, 12, 14):
        step = 1 / (2**depth - 1)
        greys = tuple(tuple(round(value / step) * step for value in colour) for colour in GREYS)
        yield varied(GREY, f"tiff_grey_{depth}.tif", file={"depth": depth}, colours=greys, storage=step)
        if depth > 2:
            colours = tuple(tuple(round(value / step) * step for value in colour) for colour in CODES)
            yield varied(PLAIN, f"tiff_rgb_{depth}.tif", file={"depth": depth}, colours=colours, storage=step)
            yield varied(PLAIN, f"tiff_planes_{depth}.tif", file={"depth": depth, "planes": True}, colours=colours, storage=step)


COMPRESSIONS = {"lzw": {"compression": "lzw"}, "packbits": {"compression": "packbits"},
                "deflate": {"compression": "zlib"}, "old_deflate": {"compression": 32946},
                "lzw_predicted": {"compression": "lzw", "predictor": 2},
                "deflate_predicted": {"compression": "zlib", "predictor": 2}}


def compressed():
    for name, options in COMPRESSIONS.items():
        for depth in (8, 16):
            for shape, more in (("strips", {"rowsperstrip": 7}), ("tiles", {"tile": (16, 32)})):
                yield varied(PLAIN, f"tiff_{name}_{depth}_{shape}.tif", file={"depth": depth, "options": {**options, **more}})
        yield varied(PLAIN, f"tiff_{name}_planes.tif", file={"planes": True, "options": options})
    for name in ("lzw", "zlib"):
        yield varied(LINEAR, f"tiff_float_{name}_predicted.tif",
                     file={"depth": "float", "options": {"compression": name, "predictor": 3}})


def sided():
    for orientation in range(1, 9):
        for depth in (8, 16):
            yield varied(PLAIN, f"tiff_turned_{orientation}_{depth}.tif", orientation=orientation, file={"depth": depth})


def extra():
    """Alpha, associated and not, and samples that nobody knows."""
    for name, kind in (("associated", 1), ("straight", 2), ("unknown", 0)):
        yield varied(PLAIN, f"tiff_alpha_{name}.tif", file={"count": 4, "options": {"extrasamples": [kind]}})
    halved = tuple(tuple(value / 2 for value in colour) for colour in CODES)
    yield varied(PLAIN, "tiff_alpha_associated_half.tif", colours=halved,
                 file={"count": 4, "extra": 0.5, "options": {"extrasamples": [1]}})
    # Over black, as OpenImageIO reads it.
    yield varied(PLAIN, "tiff_alpha_straight_half.tif", reads=None,
                 file={"count": 4, "extra": 0.5, "options": {"extrasamples": [2]}, "shown": halved})
    yield varied(PLAIN, "tiff_five_samples.tif", file={"count": 5, "options": {"extrasamples": [0, 0]}})
    yield varied(GREY, "tiff_white_is_zero.tif", file={"inverted": True, "photometric": "miniswhite"}, reads=None)
    yield varied(PLAIN, "tiff_palette_8.tif", write=tiff_file.palette)
    yield varied(PLAIN, "tiff_palette_lzw.tif", write=tiff_file.palette, file={"options": {"compression": "lzw"}})


PAGES = {
    "two": [(48, 64, {})],
    "reduced": [(24, 32, {"subfiletype": 1})],
    "larger": [(200, 300, {})],
    "many": [(48, 64, {})] * 12,
}


def paged():
    for name, pages in PAGES.items():
        for size, big in (("classic", False), ("big", True)):
            yield varied(PLAIN, f"tiff_pages_{name}_{size}.tif", file={"pages": pages, "big": big})


# Curves and primaries of profiles, with OpenColorIO's space of the same.
PROFILES = {
    "adobe": ("g22_adobergb_scene", "adobergb", D65, 563 / 256),
    "display_p3": ("srgb_p3d65_scene", "p3d65", D65, icc_file.srgb_table()),
    "srgb": ("srgb_rec709_scene", "rec709", D65, icc_file.srgb_table()),
    "gamma18": ("g18_rec709_scene", "rec709", D65, 1.8),
    "gamma22": ("g22_rec709_scene", "rec709", D65, 2.2),
    "ap1": ("g22_ap1_scene", "ap1", ACES_WHITE, 2.2),
    "srgb_ap1": ("srgb_ap1_scene", "ap1", ACES_WHITE, icc_file.srgb_table()),
}


def profiled():
    for name, (space, primaries, white, curve) in PROFILES.items():
        corners = PRIMARIES[primaries][1]
        bytes_of = icc_file.profile(name, corners, white, curve)
        for depth in (8, 16):
            for shape, planes in (("pixels", False), ("planes", True)):
                yield varied(PLAIN, f"tiff_icc_{name}_{depth}_{shape}.tif", colours=tuple(map(tuple, coded(space))), space=space,
                             file={"depth": depth, "planes": planes, "finished": True, "options": {"iccprofile": bytes_of}})


def charts():
    for table in (deep, odd, compressed, sided, extra, paged, profiled):
        yield from table()
