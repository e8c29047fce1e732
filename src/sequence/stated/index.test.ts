import { describe, expect, it } from "vitest"
import { besides, framesAgreedOn, otioStatement, type StatedSequence } from "./index.ts"

const SEQUENCE = { folder: "show/sh010/", head: "beauty.", tail: ".exr" }

describe("what others state of a sequence", () => {
  it("is what a rule says, else .ready, else an OpenTimelineIO file, else a hash list", () => {
    const said = [
      { by: "mhl", frames: "1-4" },
      { by: "otio", frames: "1-3" },
      { by: "ready", frames: "1-2" },
      { by: "rule", frames: "1" },
    ] as const
    for (const at of said.keys()) expect(framesAgreedOn(said.slice(0, at + 1))?.length).toBe(said.length - at)
    expect(framesAgreedOn([])).toBeNull()
  })

  it("is left out where it is no frames", () => {
    expect(
      framesAgreedOn([
        { by: "rule", frames: "" },
        { by: "mhl", frames: "2,1" },
      ]),
    ).toEqual(Float64Array.of(1, 2))
  })

  it("by clips is the frames of all that are cut from it", () => {
    const clip = (frames: string, with_: Partial<StatedSequence> = {}): StatedSequence => ({
      ...{ ...SEQUENCE, clip: "a", frames, shown: null, rate: null, gaps: null },
      ...with_,
    })
    const clips = [clip("1001-1040"), clip("1031-1050"), clip("7", { head: "depth." }), clip("8", { folder: "show/" })]
    expect(otioStatement(clips, SEQUENCE)).toEqual({ by: "otio", frames: "1001-1050" })
    expect(otioStatement(clips, { ...SEQUENCE, tail: ".dpx" })).toBeNull()
  })
})

describe("objects beside a sequence", () => {
  it("that state something of it are found by their names", () => {
    const keys = [
      ...["show/sh010/beauty.1001.exr", "show/sh010/.ready", "show/sh010/depth.ready", "show/sh010/beauty.ready"],
      ...["show/.ready", "show/sh010/edit.otio", "show/edit.otio", "show/sh010/below/edit.otio"],
      ...["show/sh010/ascmhl/0001_sh010_2026-01-31_120000Z.mhl", "show/sh010/ascmhl/0010_sh010_2026-02-01_120000Z.mhl"],
      ...["show/sh010/ascmhl/0009_sh010_2026-03-01_120000Z.mhl", "show/sh010/ascmhl/ascmhl_chain.xml"],
      ...["show/sh010/ascmhl/99_x.mhl", "show/ascmhl/0099_show_2026-03-01_120000Z.mhl", "show/sh010/0098_x.mhl"],
    ]
    expect(besides(keys, SEQUENCE)).toEqual({
      ready: ["show/sh010/.ready", "show/sh010/beauty.ready"],
      otio: ["show/sh010/edit.otio"],
      list: "show/sh010/ascmhl/0010_sh010_2026-02-01_120000Z.mhl",
    })
    expect(besides([], SEQUENCE)).toEqual({ ready: [], otio: [], list: null })
  })
})
