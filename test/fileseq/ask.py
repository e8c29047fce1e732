"""Says what fileseq makes of names and texts: reads {"names": [...], "ranges": [...]}, writes the answers in their order."""

import json
import sys

import fileseq


def name(text):
    [sequence] = fileseq.findSequencesInList([text])
    frames = sequence.frameSet()
    return [text, sequence.basename(), str(frames) if frames else None, sequence.extension()]


asked = json.load(sys.stdin)
json.dump(
    {
        "names": [name(text) for text in asked["names"]],
        "ranges": [[text, sorted(int(frame) for frame in fileseq.FrameSet(text))] for text in asked["ranges"]],
    },
    sys.stdout,
)
