"""Makes the charts, and compares what a run made of them with what was wanted.

make FOLDER [PART]: writes the charts whose names hold PART; prints their names.
compare FOLDER FFMPEG [PART]: reads {name: {"thumbnail": path, "proxy": path}} on stdin; prints every difference.
"""
import json
import os
import sys

import colour_charts
import dpx_charts
import exr_charts
import other_charts
import tiff_charts
from compare import compare
from oracle import wanted

TABLES = (exr_charts, colour_charts, dpx_charts, tiff_charts, other_charts)


def all_charts(part):
    charts = [chart for table in TABLES for chart in table.charts()]
    stems = [chart.name.rsplit(".", 1)[0] for chart in charts]
    twice = {stem for stem in stems if stems.count(stem) > 1}
    if twice:
        raise ValueError(f"two charts are called {', '.join(sorted(twice))}")
    return [chart for chart in charts if part in chart.name]


def make(folder, part=""):
    os.makedirs(folder)
    charts = all_charts(part)
    for chart in charts:
        chart.write(os.path.join(folder, chart.name), chart)
    return [chart.name for chart in charts]


def look(folder, ffmpeg, part=""):
    charts = all_charts(part)
    codes = {chart.name: wanted(os.path.join(folder, chart.name), chart) for chart in charts}
    return compare(charts, codes, json.load(sys.stdin), ffmpeg)


VERBS = {"make": make, "compare": look}
json.dump(VERBS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
