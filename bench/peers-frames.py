"""Makes the frames of a row of bench/peers.ts: peers-frames.py FOLDER COUNT ROW-AS-JSON

Every frame is another picture: light falling off, texture of four octaves, hard edges, highlights far above 1, and grain
that grows with light, as a scan or a noisy render has it. A plain gradient would flatter the compressions, noise alone
would shame them.
"""
import json, multiprocessing, os, sys

import cv2
import numpy as np

cv2.setNumThreads(1)


def texture(random, rows, columns, cell):
    """Noise of a cell size, smooth between the cells."""
    cells = random.random((rows // cell + 2, columns // cell + 2), np.float32)
    return cv2.resize(cells, (columns, rows), interpolation=cv2.INTER_CUBIC)


def light(number, rows, columns):
    """Scene-linear RGB, float32."""
    random = np.random.default_rng(number)
    y, x = np.mgrid[0:1:rows * 1j, 0:1:columns * 1j].astype(np.float32)
    corners = random.random((4, 3), np.float32) * np.array([[0.3], [1.4], [0.5], [4]], np.float32)
    octaves = ((16, 0.5), (64, 0.3), (256, 0.2), (1024, 0.1))
    detail = sum(texture(random, rows, columns, max(2, columns // cells)) * weight for cells, weight in octaves)
    edge, shift = columns // 16, int(random.integers(columns // 16))
    edges = 0.75 + 0.25 * (((np.arange(rows)[:, None] + shift) // edge + (np.arange(columns)[None] + shift) // edge) % 2)
    picture = np.empty((rows, columns, 3), np.float32)
    for band in range(3):
        a, b, c, d = corners[:, band]
        fall = (a * (1 - x) + b * x) * (1 - y) + (c * (1 - x) + d * x) * y
        picture[..., band] = (fall + 0.02) * (0.75 + 0.25 * detail) * edges
    for _ in range(24):
        top, left, size = int(random.integers(rows)), int(random.integers(columns)), int(random.integers(columns // 1000, columns // 70))
        picture[top : top + size, left : left + size] *= 12
    # A lens leaves no edge harder than this; the two pipelines shrink with unlike filters, which show only there.
    picture = np.maximum(cv2.GaussianBlur(picture, (0, 0), columns / 2700), 0)
    picture += random.standard_normal(picture.shape, np.float32) * (0.003 + 0.015 * np.sqrt(picture))
    return np.maximum(picture, 0)


def layers(picture, dtype):
    """Thirty channels as a renderer leaves them: beauty with alpha, light by layer, and data without grain."""
    rows, columns = picture.shape[:2]
    y, x = np.mgrid[0:1:rows * 1j, 0:1:columns * 1j].astype(np.float32)
    bands = {"RGBA": np.dstack([picture, np.minimum(1, picture[..., 1] * 50)])}
    for at, name in enumerate(("diffuse", "specular", "emission", "transmission", "volume", "indirect")):
        bands[f"{name}.RGB"] = np.roll(picture, at * 97, axis=1) * np.float32(0.7**at) * (x[..., None] > at / 12)
    bands["N"] = np.dstack([np.sin(9 * x), np.cos(7 * y), np.sin(5 * x * y)])
    bands["P"] = np.dstack([40 * x, 25 * y, 100 * x * y])
    bands["Z"], bands["id"] = 10 + 90 * y * x, np.floor(8 * x) + 8 * np.floor(6 * y)
    names = {"N": "XYZ", "P": "XYZ"}
    channels = {}
    for name, values in bands.items():
        values = values.astype(dtype)
        if values.ndim == 2:
            channels[name] = values
        elif name in names:
            channels |= {f"{name}.{letter}": np.ascontiguousarray(values[..., i]) for i, letter in enumerate(names[name])}
        else:
            channels[name] = values
    return channels


def write_exr(path, picture, row):
    import OpenEXR
    dtype = {"half": np.float16, "float": np.float32}[row["samples"]]
    header = {"compression": getattr(OpenEXR, f"{row['compression']}_COMPRESSION"), "type": OpenEXR.scanlineimage}
    if row["layers"] == "none":
        return OpenEXR.File(header, {"RGB": picture.astype(dtype)}).write(path)
    channels = layers(picture, dtype)
    if row["layers"] == "one part":
        return OpenEXR.File(header, channels).write(path)
    parts = {}
    for name, values in channels.items():
        parts.setdefault("beauty" if name == "RGBA" else name.split(".")[0], {})[name] = values
    OpenEXR.File([OpenEXR.Part(dict(header), part, name=name) for name, part in parts.items()]).write(path)


def write_still(path, picture, row):
    """Codes of a display curve, as these formats hold them; both pipelines are told to take them for light."""
    import OpenImageIO as oiio
    oiio.attribute("threads", 1)
    codes = np.clip(np.power(np.minimum(picture, 1), 1 / 2.2), 0, 1)
    rows, columns = picture.shape[:2]
    spec = oiio.ImageSpec(columns, rows, 3, oiio.UINT16)
    for name, value in row["written"].items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create(path)
    if not (out.open(path, spec) and out.write_image(codes) and out.close()):
        raise SystemExit(f"{path}: {out.geterror()}")


def make(job):
    path, number, row = job
    picture = light(number, row["rows"], row["columns"])
    part = f"{os.path.dirname(path)}/part-{os.path.basename(path)}"
    (write_exr if path.endswith(".exr") else write_still)(part, picture, row)
    os.rename(part, path)


if __name__ == "__main__":
    folder, count, row = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    paths = [os.path.join(folder, f"frame.{number:04}.{row['ending']}") for number in range(1, count + 1)]
    jobs = [(path, number, row) for number, path in enumerate(paths, 1) if not os.path.exists(path)]
    with multiprocessing.get_context("spawn").Pool(max(1, min(len(jobs), os.cpu_count(), 4))) as pool:
        pool.map(make, jobs, chunksize=1)
