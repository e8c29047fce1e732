"""Writes EXR charts with OpenEXR's own library, or where it cannot, with OpenImageIO or by hand."""
import struct

import OpenEXR
import OpenImageIO as oiio
import numpy

from chart import HEIGHT, WIDTH, drawn

PIXELS = {"half": numpy.float16, "float": numpy.float32, "uint": numpy.uint32}
COMPRESSIONS = {name: getattr(OpenEXR, f"{name.upper()}_COMPRESSION") for name in (
    "no rle zips zip piz pxr24 b44 b44a dwaa dwab htj2k32 htj2k256 lj2k zstd".split())}
RGB = {"R": 0, "G": 1, "B": 2}


def plane(chart, content, pixel):
    """A channel: one of the drawing's three, or a number all over. It stands where the data window has it."""
    width, height = chart.file.get("data_size", (64, 48))
    if isinstance(content, float):
        return numpy.full((height, width), content, PIXELS[pixel])
    values = numpy.full((height, width), chart.colours[0][content])
    picture = drawn(chart)[..., content]
    x, y = chart.file.get("drawn_at", (0, 0))
    values[y : y + 48, x : x + 64] = picture[: height - y, : width - x]
    return values.astype(PIXELS[pixel])


def header(chart, extra):
    asked = chart.file
    made = {"type": OpenEXR.scanlineimage, "compression": COMPRESSIONS[asked.get("compression", "zip")]}
    if "tiles" in asked:
        tiles = OpenEXR.TileDescription()
        tiles.xSize, tiles.ySize = asked["tiles"]
        made.update(type=OpenEXR.tiledimage, tiles=tiles)
    left, top = asked.get("display_at", (0, 0))
    box = lambda x, y, w, h: (numpy.array([x, y], numpy.int32), numpy.array([x + w - 1, y + h - 1], numpy.int32))
    made["displayWindow"] = box(left, top, *chart.window)
    data_x, data_y = asked.get("drawn_at", (0, 0))
    made["dataWindow"] = box(
        left + chart.origin[0] - data_x, top + chart.origin[1] - data_y, *asked.get("data_size", (64, 48)))
    if chart.aspect != 1:
        made["pixelAspectRatio"] = chart.aspect
    return {**made, **asked.get("attributes", {}), **extra}


def channels(chart, layers):
    pixel = chart.file.get("pixel", "half")
    return {name: plane(chart, content, pixel) for name, content in layers.items()}


def flat(path, chart):
    """One part; `layers` names its channels."""
    layers = chart.file.get("layers", RGB)
    OpenEXR.File(header(chart, {}), channels(chart, layers)).write(path)


def parts(path, chart):
    """Several parts: (name, channels, attributes) each."""
    made = []
    for name, layers, attributes in chart.file["parts"]:
        made.append(OpenEXR.Part(header(chart, attributes), channels(chart, layers), name))
    OpenEXR.File(made).write(path)


def mapped(path, chart):
    """Mip- or rip-mapped tiles, by OpenImageIO's maketx or its own writer of levels."""
    pixels = numpy.ascontiguousarray(drawn(chart).astype(numpy.float32))
    buffer = oiio.ImageBuf(oiio.ImageSpec(64, 48, 3, oiio.HALF))
    buffer.set_pixels(oiio.ROI(0, 64, 0, 48), pixels)
    config = oiio.ImageSpec()
    config.attribute("maketx:filtername", "box")
    config.attribute("maketx:forcefloat", 1)
    config.attribute("compression", chart.file.get("compression", "zip"))
    config.tile_width, config.tile_height = chart.file.get("tiles", (16, 16))
    config.set_format(oiio.HALF)
    if not oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, buffer, path, config):
        raise ValueError(f"{chart.name}: {oiio.geterror()}")


def deep(path, chart):
    """Deep parts: two samples a pixel. An opaque near one hides a far one of another colour; a thin one does not."""
    specs, names = [], chart.file.get("deep_parts", ["rgba"])
    for name in names:
        spec = oiio.ImageSpec(64, 48, 5, oiio.FLOAT)
        spec.channelnames = ("R", "G", "B", "A", "Z")
        spec.deep = True
        spec.attribute("compression", chart.file.get("compression", "zips"))
        if len(names) > 1:
            spec.attribute("oiio:subimagename", name)
        if "tiles" in chart.file:
            spec.tile_width, spec.tile_height = chart.file["tiles"]
        specs.append(spec)
    out = oiio.ImageOutput.create(path)
    opened = out.open(path, specs[0]) if len(specs) == 1 else out.open(path, specs)
    if not opened:
        raise ValueError(f"{chart.name}: {out.geterror()}")
    for index, spec in enumerate(specs):
        if index > 0 and not out.open(path, spec, "AppendSubimage"):
            raise ValueError(f"{chart.name}: {out.geterror()}")
        if not out.write_deep_image(samples(chart, spec, index)):
            raise ValueError(f"{chart.name}: {out.geterror()}")
    if not out.close():
        raise ValueError(f"{chart.name}: {out.geterror()}")


def samples(chart, spec, part):
    """The drawing in part 0; another grey in further ones."""
    picture = drawn(chart) if part == 0 else numpy.full((48, 64, 3), 0.5)
    alpha = chart.file.get("near_alpha", 1.0)
    far = numpy.full(3, 0.5) if alpha == 1 else None
    data = oiio.DeepData()
    data.init(spec)
    for index in range(64 * 48):
        colour = picture[index // 64, index % 64]
        data.set_samples(index, 2)
        near_and_far = ((*(colour * alpha), alpha, 1.0), (*(colour if far is None else far), 1.0, 2.0))
        for sample, values in enumerate(near_and_far):
            for channel, value in enumerate(values):
                data.set_deep_value(index, channel, sample, float(value))
    return data


def by_hand(path, chart):
    """Uncompressed rows with subsampled channels, or an offset table that was never written."""
    planes = chart.file["planes"](chart)
    pixel, table = chart.file.get("pixel", "half"), chart.file.get("offsets", True)
    code, size = {"half": (1, 2), "float": (2, 4)}[pixel]
    listed = b"".join(
        name.encode() + b"\0" + struct.pack("<iB3xii", code, 0, step, step) for name, (step, _) in sorted(planes.items()))
    width, height = WIDTH * chart.scale, HEIGHT * chart.scale
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    fields = [("channels", "chlist", listed + b"\0"), ("compression", "compression", b"\0"),
              ("dataWindow", "box2i", window), ("displayWindow", "box2i", window), ("lineOrder", "lineOrder", b"\0"),
              ("pixelAspectRatio", "float", struct.pack("<f", 1)), ("screenWindowCenter", "v2f", bytes(8)),
              ("screenWindowWidth", "float", struct.pack("<f", 1)), *chart.file.get("fields", [])]
    head = b"\x76\x2f\x31\x01\x02\0\0\0" + b"".join(
        name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
        for name, kind, value in fields) + b"\0"
    chunks = []
    for y in range(height):
        row = b"".join(
            values[y // step].astype(PIXELS[pixel]).tobytes() for _, (step, values) in sorted(planes.items()) if y % step == 0)
        chunks.append(struct.pack("<ii", y, len(row)) + row)
    at, offsets = len(head) + 8 * height, []
    for chunk in chunks:
        offsets.append(at if table else 0)
        at += len(chunk)
    with open(path, "wb") as file:
        file.write(head + struct.pack(f"<{len(offsets)}Q", *offsets) + b"".join(chunks))
