"""Charts of EXR: what is stored how, what it is called, where it lies, and what colour it states."""
import numpy

import exr_file
from chart import Chart, drawn, varied

PLAIN = Chart("exr.exr", exr_file.flat)
LOSSY = {"b44": 0.02, "b44a": 0.02, "dwaa": 0.03, "dwab": 0.03, "lj2k": 0.03, "pxr24": 0.01}


def stored():
    """Compression, samples and tiling."""
    for name in exr_file.COMPRESSIONS:
        for pixel in ("half", "float"):
            for tiles in (None, (16, 16), (24, 40)):
                shape = "rows" if tiles is None else f"tiles{tiles[0]}x{tiles[1]}"
                file = {"compression": name, "pixel": pixel, **({} if tiles is None else {"tiles": tiles})}
                yield varied(PLAIN, f"exr_stored_{name}_{pixel}_{shape}.exr", file=file, storage=LOSSY.get(name, 0.01))


# Channels: 0, 1, 2 are the drawing's red, green and blue; numbers with a point are flat.
NAMES = {
    "red_green_blue": {"RED": 0, "GREEN": 1, "BLUE": 2},
    "small": {"r": 0, "g": 1, "b": 2},
    "with_alpha": {"R": 0, "G": 1, "B": 2, "A": 1.0},
    "no_alpha_light": {"R": 0, "G": 1, "B": 2, "A": 0.0},
    "with_depth": {"R": 0, "G": 1, "B": 2, "Z": 100.0},
    "rgba_layer": {"rgba.R": 0, "rgba.G": 1, "rgba.B": 2, "rgba.A": 1.0, "depth.Z": 9.0},
    "beauty_layer": {"beauty.R": 0, "beauty.G": 1, "beauty.B": 2, "N.X": 0.1, "N.Y": 0.2, "N.Z": 0.9},
    "beauty_words": {"beauty.red": 0, "beauty.green": 1, "beauty.blue": 2},
    "ci": {"Ci.r": 0, "Ci.g": 1, "Ci.b": 2, "Albedo.r": 0.5, "Albedo.g": 0.5, "Albedo.b": 0.5, "a": 1.0},
    "karma_c": {"C.r": 0, "C.g": 1, "C.b": 2, "direct.r": 0.3, "direct.g": 0.3, "direct.b": 0.3},
    "shares_beside": {"hero.R": 0, "hero.G": 1, "hero.B": 2, "diffuse.R": 0.5, "diffuse.G": 0.5, "diffuse.B": 0.5},
    "top_beside_layers": {"R": 0, "G": 1, "B": 2, "comp.R": 0.5, "comp.G": 0.5, "comp.B": 0.5},
    "layer_v001": {"v001.R": 0, "v001.G": 1, "v001.B": 2},
    "layer_flow": {"flow.R": 0, "flow.G": 1, "flow.B": 2},
    "layer_mask": {"mask.R": 0, "mask.G": 1, "mask.B": 2},
    "layer_st": {"st.R": 0, "st.G": 1, "st.B": 2},
    "layer_p01": {"P01.R": 0, "P01.G": 1, "P01.B": 2},
    "matte_painting": {"matte_painting.R": 0, "matte_painting.G": 1, "matte_painting.B": 2},
    "position_light": {"position_light.R": 0, "position_light.G": 1, "position_light.B": 2},
    "comma": {"a,b.R": 0, "a,b.G": 1, "a,b.B": 2},
    "colon": {"a:b.R": 0, "a:b.G": 1, "a:b.B": 2},
    "equals": {"a=b.R": 0, "a=b.G": 1, "a=b.B": 2},
    "number": {"5.R": 0, "5.G": 1, "5.B": 2},
    "space": {"my layer.R": 0, "my layer.G": 1, "my layer.B": 2},
    "dots": {"shot.hero.R": 0, "shot.hero.G": 1, "shot.hero.B": 2},
    "letters": {"Farbe_ä.R": 0, "Farbe_ä.G": 1, "Farbe_ä.B": 2},
    "long": {f"{'x' * 200}.R": 0, f"{'x' * 200}.G": 1, f"{'x' * 200}.B": 2},
    "crypto_beside": {"R": 0, "G": 1, "B": 2, "crypto00.R": 0.3, "crypto00.G": 0.4, "crypto00.B": 0.5, "crypto00.A": 1.0},
    "many": {"R": 0, "G": 1, "B": 2, **{f"aov{n:02}.{c}": 0.4 for n in range(30) for c in "RGB"}},
}


def named():
    for name, layers in NAMES.items():
        shown = tuple(next(n for n, content in layers.items() if content == c and isinstance(content, int)) for c in range(3))
        yield varied(PLAIN, f"exr_names_{name}.exr", file={"layers": layers}, reads={"channels": shown})


GREY_NAMES = {"luminance": "Y", "layer": "grey.Y", "lone": "fog", "mask": "mask"}


def grey():
    colours = tuple((g, g, g) for g in (0.02, 0.05, 0.1, 0.18, 0.3, 0.4, 0.6, 0.8, 1.0))
    for name, channel in GREY_NAMES.items():
        for pixel in ("half", "float"):
            yield varied(PLAIN, f"exr_grey_{name}_{pixel}.exr", colours=colours, reads={"channels": (channel,)},
                         file={"layers": {channel: 0}, "pixel": pixel})


OTHER = {"R": 0.5, "G": 0.5, "B": 0.5}
DEPTH = {"Z": 5.0}
# Parts in their order, of which the one with the drawing is to be shown.
PARTS = {
    "depth_first": [("depth", DEPTH, {}), ("rgba", exr_file.RGB, {})],
    "beauty_last": [("diffuse", OTHER, {}), ("beauty", exr_file.RGB, {})],
    "first_of_equals": [("one", exr_file.RGB, {}), ("two", OTHER, {})],
    "data_word": [("sh010_flow_comp", exr_file.RGB, {}), ("depth", DEPTH, {})],
    "only_v001": [("v001", exr_file.RGB, {})],
    "normals_first": [("normals", {"X": 0.1, "Y": 0.2, "Z": 0.3}, {}), ("rgb", exr_file.RGB, {})],
    "crypto_first": [("crypto", {"crypto00.R": 0.1, "crypto00.G": 0.1, "crypto00.B": 0.1}, {}), ("rgba", exr_file.RGB, {})],
    "ten": [*((f"aov{n}_diffuse", OTHER, {}) for n in range(9)), ("beauty", exr_file.RGB, {})],
    "views": [("rgba.left", exr_file.RGB, {"view": "left"}), ("rgba.right", OTHER, {"view": "right"})],
    "views_depth_first": [("depth.left", DEPTH, {"view": "left"}), ("rgba.left", exr_file.RGB, {"view": "left"}),
                          ("rgba.right", OTHER, {"view": "right"})],
}


def parted():
    for name, listed in PARTS.items():
        at = next(index for index, (_, layers, _) in enumerate(listed) if layers is exr_file.RGB)
        yield varied(PLAIN, f"exr_parts_{name}.exr", write=exr_file.parts, file={"parts": listed}, reads={"subimage": at})
        if name != "only_v001":
            yield varied(PLAIN, f"exr_parts_{name}_tiles.exr", write=exr_file.parts, reads={"subimage": at},
                         file={"parts": listed, "tiles": (32, 32)})


def viewed():
    """One part with several views, hero first."""
    left = {"R": 0, "G": 1, "B": 2, "right.R": 0.5, "right.G": 0.5, "right.B": 0.5}
    yield varied(PLAIN, "exr_views_left_hero.exr", file={"layers": left, "attributes": {"multiView": ["left", "right"]}})
    right = {"R": 0, "G": 1, "B": 2, "left.R": 0.5, "left.G": 0.5, "left.B": 0.5}
    yield varied(PLAIN, "exr_views_right_hero.exr", file={"layers": right, "attributes": {"multiView": ["right", "left"]}})


WINDOWS = {
    "offset": {"display_at": (100, 50)},
    "negative": {"display_at": (-30, -17)},
    "inset": {"window": (96, 80), "origin": (11, 23)},
    "inset_negative": {"window": (90, 70), "origin": (13, 9), "display_at": (-20, -5)},
    "overscan": {"data_size": (84, 62), "drawn_at": (9, 6)},
    "overscan_offset": {"data_size": (84, 62), "drawn_at": (9, 6), "display_at": (7, 3)},
    "wide": {"window": (112, 48), "origin": (40, 0)},
    "high": {"window": (64, 96), "origin": (0, 40)},
}
ASPECTS = (0.5, 0.667, 1.001, 1.25, 1.5, 2.0)


def windowed():
    for name, asked in WINDOWS.items():
        # What the data window leaves open is black, and is not ground: the outer corners of the drawing stay inside it.
        place = {key: asked[key] for key in ("window", "origin") if key in asked}
        file = {key: asked[key] for key in ("display_at", "data_size", "drawn_at") if key in asked}
        for shape, tiles in (("rows", {}), ("tiles", {"tiles": (32, 16)})):
            yield varied(PLAIN, f"exr_window_{name}_{shape}.exr", file={**file, **tiles}, **place)
    for aspect in ASPECTS:
        yield varied(PLAIN, f"exr_aspect_{aspect}.exr", aspect=aspect)


def levelled():
    for tiles in ((16, 16), (32, 32), (64, 64)):
        for compression in ("zip", "piz", "dwaa", "none"):
            yield varied(PLAIN, f"exr_mip_{compression}_{tiles[0]}.exr", write=exr_file.mapped,
                         file={"tiles": tiles, "compression": compression}, storage=0.03)


def deep():
    two = {"deep_parts": ["rgba.left", "rgba.right"]}
    for name, file in {"one": {}, "veiled": {"near_alpha": 0.5}, "two": two, "rle": {"compression": "rle"},
                       "none": {"compression": "none"}, "tiles": {"tiles": (16, 16)}}.items():
        yield varied(PLAIN, f"exr_deep_{name}.exr", write=exr_file.deep, file=file, reads={"deep": True})


def luminance_chroma():
    weights = numpy.array([0.2126, 0.7152, 0.0722])

    def planes(step):
        def made(chart):
            picture = drawn(chart)
            luma = picture @ weights
            chroma = lambda c: ((picture[..., c] - luma) / luma)[::step, ::step]
            return {"Y": (1, luma), "RY": (step, chroma(0)), "BY": (step, chroma(2))}
        return made

    for step in (1, 2):
        for pixel in ("half", "float"):
            yield varied(PLAIN, f"exr_chroma_{step}_{pixel}.exr", write=exr_file.by_hand, reads=None, scale=4,
                         file={"planes": planes(step), "pixel": pixel})


def unfinished():
    planes = lambda chart: {name: (1, drawn(chart)[..., c]) for name, c in exr_file.RGB.items()}
    for pixel in ("half", "float"):
        yield varied(PLAIN, f"exr_unfinished_{pixel}.exr", write=exr_file.by_hand, reads=None,
                     file={"planes": planes, "pixel": pixel, "offsets": False})


def charts():
    for table in (stored, named, grey, parted, viewed, windowed, levelled, deep, luminance_chroma, unfinished):
        yield from table()
