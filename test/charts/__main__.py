"""Makes the charts, and compares what a run made of them with what was wanted.

make FOLDER: writes the charts; prints what it made.
compare FOLDER FFMPEG: reads {name: {"thumbnail": path, "proxy": path}} on stdin; prints every difference.
"""
import json
import os
import sys

import exr_charts
from compare import compare
from oracle import wanted

TABLES = (exr_charts,)


def all_charts():
    charts = [chart for table in TABLES for chart in table.charts()]
    stems = [chart.name.rsplit(".", 1)[0] for chart in charts]
    twice = {stem for stem in stems if stems.count(stem) > 1}
    if twice:
        raise ValueError(f"two charts are called {', '.join(sorted(twice))}")
    return charts


def make(folder):
    os.makedirs(folder)
    for chart in all_charts():
        chart.write(os.path.join(folder, chart.name), chart)
    return [chart.name for chart in all_charts()]


def look(folder, ffmpeg):
    charts = all_charts()
    codes = {chart.name: wanted(os.path.join(folder, chart.name), chart) for chart in charts}
    return compare(charts, codes, json.load(sys.stdin), ffmpeg)


VERBS = {"make": make, "compare": look}
json.dump(VERBS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
