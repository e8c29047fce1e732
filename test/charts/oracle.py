"""What a chart has to look like: read back by OpenImageIO, brought to the screen by OpenColorIO. Nothing of the product."""
import OpenImageIO as oiio
import PyOpenColorIO as ocio
import numpy

from chart import cell, points

STUDIO = ocio.Config.CreateFromBuiltinConfig("studio-config-v4.0.0_aces-v2.0_ocio-v2.5")
SRGB, REC709 = "sRGB - Display", "lin_rec709_scene"
# Cineon's logarithm, which no config of OpenColorIO has: white and black of the negative at codes 685 and 95.
KODAK_LOG = "Kodak log"


def read_back(path, chart):
    """Colours of ground and patches as OpenImageIO finds them, upright; complains where they are not those drawn."""
    if chart.reads is None:
        return numpy.array(chart.colours)
    buffer = oiio.ImageBuf(path, chart.reads.get("subimage", 0), chart.reads.get("miplevel", 0))
    if chart.reads.get("deep"):
        buffer = oiio.ImageBufAlgo.flatten(buffer)
    if chart.orientation != 1:
        buffer.orientation = chart.orientation
        buffer = oiio.ImageBufAlgo.reorient(buffer)
    names = chart.reads.get("channels", ("R", "G", "B"))
    spec = buffer.spec()
    at = [spec.channelnames.index(name) if isinstance(name, str) else name for name in names]

    def pixel(x, y):
        across, down = (x + chart.origin[0]) * chart.scale, (y + chart.origin[1]) * chart.scale
        return buffer.getpixel(spec.full_x + across, spec.full_y + down)

    found = [pixel(1, 1)]
    for index in range(8):
        x, y = cell(index)
        found.append(pixel(x + 8, y + 12))
    if buffer.has_error:
        raise ValueError(f"{chart.name}: {buffer.geterror()}")
    found = numpy.array([[samples[c] for c in at] for samples in found], numpy.float64)
    off = numpy.abs(found - numpy.array(chart.colours)[:, : len(at)])
    if off.max() > chart.storage:
        raise ValueError(f"{chart.name}: the file does not hold what was drawn, but {found.round(4).tolist()}")
    return found if len(at) == 3 else numpy.repeat(found, 3, axis=1)


def camera_curve(light):
    """BT.709's curve, which the proxy of a scene has."""
    light = numpy.clip(light, 0, 1)
    return numpy.where(light < 0.018, 4.5 * light, 1.099 * light**0.45 - 0.099)


def cineon(codes):
    black = 10 ** ((95 - 685) * 0.002 / 0.6)
    return (10 ** ((codes * 1023 - 685) * 0.002 / 0.6) - black) / (1 - black)


def converted(colours, transform):
    processor = STUDIO.getProcessor(transform).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    return numpy.array([processor.applyRGB(list(map(float, colour))) for colour in colours])


def to_light(colours, space):
    if space == KODAK_LOG:
        return cineon(colours)
    return converted(colours, ocio.ColorSpaceTransform(src=space, dst=REC709))


def to_screen(colours, space):
    if space == KODAK_LOG:
        colours, space = cineon(colours), REC709
    if STUDIO.getColorSpace(space).getReferenceSpaceType() == ocio.REFERENCE_SPACE_DISPLAY:
        return converted(colours, ocio.ColorSpaceTransform(src=space, dst=SRGB))
    return converted(colours, ocio.DisplayViewTransform(src=space, display=SRGB, view="Un-tone-mapped"))


def wanted(path, chart):
    """Codes from 0 to 255 of ground and patches: of the thumbnail as RGB, of the proxy as Y, Cb, Cr of limited range."""
    colours = numpy.array(chart.file.get("shown", read_back(path, chart)))
    if chart.space is None:
        codes = numpy.clip(colours, 0, 1)
        return codes * 255, limited(codes)
    codes = numpy.clip(to_screen(colours, chart.space), 0, 1)
    # A finished picture has the same codes in both outputs, the light of a scene a camera's curve in the proxy.
    return codes * 255, limited(codes if chart.file.get("finished") else camera_curve(to_light(colours, chart.space)))


def limited(codes):
    red, green, blue = codes.T
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    cb, cr = (blue - luma) / 1.8556, (red - luma) / 1.5748
    return numpy.stack([16 + 219 * luma, 128 + 224 * cb, 128 + 224 * cr], axis=1)


def fitted(chart, width, height):
    """Where the picture stands in a canvas: (x, y, width, height) of what keeps its shape."""
    wide, high = chart.window[0] * chart.aspect, chart.window[1]
    scale = min(width / wide, height / high)
    return (width - wide * scale) / 2, (height - high * scale) / 2, wide * scale, high * scale


def places(chart, width, height):
    """The points of a chart in a canvas of this size: (what, x, y, index of the colour)."""
    left, top, wide, high = fitted(chart, width, height)
    for what, x, y, colour in points(chart):
        across, down = (x + chart.origin[0]) / chart.window[0], (y + chart.origin[1]) / chart.window[1]
        yield what, left + across * wide, top + down * high, colour
