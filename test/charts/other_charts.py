"""Charts of formats that a setting opens, written by OpenImageIO."""
import numpy
import OpenImageIO as oiio

from chart import CODES, LIGHT, Chart, drawn, stored, varied
from oracle import REC709


def write(path, chart):
    picture = stored(drawn(chart), chart.orientation)
    height, width = picture.shape[:2]
    spec = oiio.ImageSpec(width, height, 3, chart.file.get("depth", oiio.UINT8))
    for name, value in chart.file.get("attributes", {}).items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create(path)
    pixels = numpy.ascontiguousarray(picture.astype(numpy.float32))
    if not (out and out.open(path, spec) and out.write_image(pixels) and out.close()):
        raise ValueError(f"{chart.name}: {out.geterror() if out else oiio.geterror()}")


# Codes of a finished picture; of these files nothing else is known to their readers than that they are sRGB.
FINISHED = Chart("finished.png", write, colours=CODES, space=None)
SHAPES = {
    "png_8.png": {},
    "png_16.png": {"depth": oiio.UINT16},
    "jpeg.jpg": {"attributes": {"Compression": "jpeg:100", "jpeg:subsampling": "4:4:4"}},
    "jpeg_halved.jpeg": {"attributes": {"Compression": "jpeg:100", "jpeg:subsampling": "4:2:0"}},
    "tga.tga": {},
    "tga_rle.tga": {"attributes": {"compression": "rle"}},
    "webp.webp": {"attributes": {"compression": "lossless"}},
}


def finished():
    for name, file in SHAPES.items():
        yield varied(FINISHED, f"other_{name}", file=file, storage=0.03)
    for orientation in range(2, 9):
        yield varied(FINISHED, f"other_jpeg_turned_{orientation}.jpg", orientation=orientation, storage=0.03, reads=None,
                     file={**SHAPES["jpeg.jpg"], "attributes": {**SHAPES["jpeg.jpg"]["attributes"], "Orientation": orientation}})


def light():
    yield varied(FINISHED, "other_radiance.hdr", colours=LIGHT, space=REC709, storage=0.02, file={"depth": oiio.FLOAT})


def charts():
    for table in (finished, light):
        yield from table()
