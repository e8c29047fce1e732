"""Compares what was made of the charts with what was wanted: one line of JSON a difference."""
import subprocess
from concurrent.futures import ThreadPoolExecutor

import OpenImageIO as oiio
import numpy

from oracle import places

THUMBNAIL, PROXY = (256, 256), (480, 270)
# Codes that a patch may be off, and a point beside a corner, where JPEG and H.264 ring.
PATCH, CORNER = 4, 24
# Pixels on each side of a patch's middle that are averaged.
AROUND = 2


def thumbnail_of(path):
    pixels = oiio.ImageBuf(path).get_pixels(oiio.UINT8)
    if pixels.shape != (THUMBNAIL[1], THUMBNAIL[0], 3):
        raise ValueError(f"its size is {pixels.shape}")
    return pixels.astype(numpy.float64)


def proxy_of(path, ffmpeg):
    width, height = PROXY
    args = [ffmpeg, "-v", "error", "-nostdin", "-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"]
    data = numpy.frombuffer(subprocess.run(args, check=True, capture_output=True).stdout, numpy.uint8)
    if len(data) != width * height * 3 // 2:
        raise ValueError(f"it holds {len(data)} bytes")
    chroma = data[width * height :].reshape(2, height // 2, width // 2).repeat(2, axis=1).repeat(2, axis=2)
    luma = data[: width * height].reshape(1, height, width)
    return numpy.concatenate([luma, chroma]).transpose(1, 2, 0).astype(numpy.float64)


def differences(chart, picture, codes, size, output):
    for what, x, y, colour in places(chart, *size):
        is_patch = what.startswith("patch")
        around = AROUND if is_patch else 0
        column, row = int(x), int(y)
        area = picture[row - around : row + around + 1, column - around : column + around + 1]
        got, want = area.mean(axis=(0, 1)), codes[colour]
        if numpy.abs(got - want).max() > (PATCH if is_patch else CORNER):
            yield {"chart": chart.name, "where": f"{output}, {what}", "wanted": rounded(want), "got": rounded(got)}


def rounded(codes):
    return [round(float(code), 1) for code in codes]


def look_at(chart, codes, files, ffmpeg):
    """Every difference of one chart; a sentence where an output is not there or no picture."""
    kinds = (("thumbnail", THUMBNAIL, thumbnail_of), ("proxy", PROXY, lambda path: proxy_of(path, ffmpeg)))
    found = []
    for (output, size, opened), wanted_codes in zip(kinds, codes):
        try:
            picture = opened(files[output])
        except (KeyError, ValueError, subprocess.CalledProcessError) as error:
            found.append({"chart": chart.name, "where": output, "wanted": "a picture", "got": repr(error)})
            continue
        found.extend(differences(chart, picture, wanted_codes, size, output))
    return found


def compare(charts, wanted, outputs, ffmpeg):
    """`wanted` and `outputs` by the names of the charts."""
    def one(chart):
        return look_at(chart, wanted[chart.name], outputs.get(chart.name, {}), ffmpeg)

    with ThreadPoolExecutor(2) as pool:
        return [difference for found in pool.map(one, charts) for difference in found]
