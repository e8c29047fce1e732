"""Prints how like one frame's movies are, as PSNR of the luma codes of their middle: peers-likeness.py OURS PEERS

The borders are left out because the peer rounds the picture's size down, which is a column of black against one of light.
"""
import sys

import av
import numpy as np


def codes(path):
    with av.open(path) as movie:
        frame = next(movie.decode(video=0))
    luma = frame.to_ndarray(format="yuv420p")[: frame.height].astype(np.float64)
    return luma[frame.height // 5 : -frame.height // 5, frame.width // 5 : -frame.width // 5]


ours, theirs = codes(sys.argv[1]), codes(sys.argv[2])
if ours.shape != theirs.shape:
    raise SystemExit(f"{sys.argv[1]} is of {ours.shape}, {sys.argv[2]} of {theirs.shape}")
print(10 * np.log10(255**2 / max(np.mean((ours - theirs) ** 2), 1e-9)))
