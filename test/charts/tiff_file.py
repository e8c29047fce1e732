"""Writes TIFF charts with tifffile, and reads them back with it where OpenImageIO may not be asked."""
import numpy
import tifffile

from chart import drawn, stored

SAMPLES = {8: numpy.uint8, 16: numpy.uint16, 32: numpy.uint32, "half": numpy.float16, "float": numpy.float32, "double": numpy.float64}


def samples(chart):
    """The drawing as a TIFF holds it: rows of pixels, or of one sample a pixel."""
    depth, count = chart.file.get("depth", 8), chart.file.get("count", 3)
    picture = stored(drawn(chart), chart.orientation)[..., : min(count, 3)]
    if chart.file.get("inverted"):
        picture = 1 - picture
    if count > 3:
        picture = numpy.concatenate([picture, numpy.full((*picture.shape[:2], count - 3), chart.file.get("extra", 1.0))], axis=2)
    bits = depth if isinstance(depth, int) else None
    values = picture if bits is None else numpy.round(picture * (2**bits - 1))
    kind = SAMPLES.get(depth, numpy.uint8 if bits is not None and bits <= 8 else numpy.uint16 if bits is not None and bits <= 16 else numpy.uint32)
    return values.astype(kind)


def shaped(chart, values):
    """One sample a pixel has no axis of its own; planes stand before rows."""
    if values.shape[2] == 1:
        return values[..., 0]
    return numpy.ascontiguousarray(values.transpose(2, 0, 1)) if chart.file.get("planes") else values


def options(chart):
    asked, depth = chart.file, chart.file.get("depth", 8)
    made = {"photometric": asked.get("photometric", "rgb"), "metadata": None, "software": False, **asked.get("options", {})}
    if isinstance(depth, int) and depth not in SAMPLES:
        made["bitspersample"] = depth
    if asked.get("count", 3) > 1:
        made["planarconfig"] = "separate" if asked.get("planes") else "contig"
    if chart.orientation != 1:
        made["extratags"] = [(274, 3, 1, chart.orientation, True), *made.get("extratags", [])]
    return made


def write(path, chart):
    """The drawing, and further pages after it: (rows, columns, options) each, all grey."""
    kinds = {"bigtiff": chart.file.get("big", False), "byteorder": chart.file.get("order", "<")}
    with tifffile.TiffWriter(path, **kinds) as file:
        file.write(shaped(chart, samples(chart)), **options(chart))
        for rows, columns, further in chart.file.get("pages", ()):
            file.write(numpy.full((rows, columns, 3), 77, numpy.uint8), metadata=None, photometric="rgb", **further)


def palette(path, chart):
    """Nine colours by number."""
    colours = numpy.array(chart.colours)
    picture = stored(drawn(chart), chart.orientation)
    numbers = numpy.abs(picture[:, :, None, :] - colours[None, None]).sum(axis=3).argmin(axis=2).astype(numpy.uint8)
    table = numpy.zeros((3, 256), numpy.uint16)
    table[:, : len(colours)] = numpy.round(colours.T * 65535)
    tifffile.imwrite(path, numbers, photometric="palette", colormap=table, metadata=None, software=False,
                     **chart.file.get("options", {}))
