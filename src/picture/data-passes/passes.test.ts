import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { type EngineFixture, eachEngine } from "../engines/testing/engine-fixture.ts"
import type { ColourSettings, PictureChoice } from "../model.ts"
import { grey, near, shownPass } from "./testing/shown-pass.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const shown = (file: string, choice: PictureChoice = {}, colour: Partial<ColourSettings> = {}) =>
  shownPass(fixture, file, { choice, colour })

const RAMP = ["--pattern", "fill:left=10:right=110", "128x64", "1"]
describeEach("depth alone", () => {
  it.each<readonly [string, readonly string[]]>([
    ["zip", ["--compression", "zip"]],
    ["dwaa", ["-d", "half", "--compression", "dwaa:10"]],
    ["tiles", ["-d", "half", "--tile", "32", "32"]],
  ])("is grey from its smallest to its largest value, stored as %s", async (name, stored) => {
    await fixture.oiiotool(...RAMP, "--chnames", "Z", ...stored, "-o", "depth.exr")
    const { at, says, made } = await shown("depth.exr")
    for (const share of [0.25, 0.5, 0.75]) near(at(share, 0.5), grey(share))
    expect(says).toContain("Shows depth (Z) of part 0, in grey, from the smallest value (black, near)")
    expect(says).toContain("Z is data, not colour: no view is applied.")
    expect(says).toMatch(/Depth is shown from 10 \(black\) to 110 \(white\), the range of this frame\./)
    expect(made.route).toMatch(/^(oiiotool|in-process|converted)\/pass-depth$/)
    expect([made.files.thumbnail.colorspace, made.files.proxy.colorspace]).toEqual(["sRGB", "Rec709"])
    expect(name !== "dwaa" || made.toolVersions.oiiotool !== undefined).toBe(true)
  })

  it("keeps a range that was set, turned round where black is the larger value", async () => {
    await fixture.oiiotool(...RAMP, "--chnames", "depth.Z", "-o", "range.exr")
    const { at, says } = await shown("range.exr", { dataRange: [210, 10] })
    for (const share of [0.25, 0.75]) near(at(share, 0.5), grey(1 - share / 2))
    expect(says).toContain("Depth is shown from 210 (black) to 10 (white), as set; this frame has 10 to 110.")
  })

  it("leaves what holds no depth out of the range, and shows it as far away", async () => {
    await fixture.oiiotool(
      ...RAMP,
      "--fill:color=inf",
      "16x16+0+0",
      "--fill:color=1e10",
      "16x16+56+24",
      "--chnames",
      "Z",
      "-o",
      "sky.exr",
    )
    const { at, says, made } = await shown("sky.exr")
    near(at(0.25, 0.75), grey(0.25))
    for (const x of [0.05, 0.5]) near(at(x, x), grey(1))
    expect(says).toContain("512 pixels hold no depth")
    expect(made.nonFiniteCount).toBe(0)
  })

  it("is in the middle where all is equally far, and keeps the windows", async () => {
    const window = [
      "--pattern",
      "constant:color=7",
      "64x64",
      "1",
      "--chnames",
      "Z",
      "--origin",
      "+32+0",
      "--fullsize",
      "128x64+0+0",
    ]
    await fixture.oiiotool(...window, "-o", "flat.exr")
    const { at, made, says } = await shown("flat.exr")
    near(at(0.5, 0.5), grey(0.5))
    near(at(0.1, 0.5), grey(0))
    expect(made.allBlack).toBe(false)
    expect(says).toContain("Depth is 7 wherever this frame has any, and shown as grey.")
  })

  it("is found in a DPX, in its orientation", async () => {
    await fixture.oiiotool("--pattern", "fill:left=0.2:right=0.6", "128x64", "1", "-d", "uint16", "-o", "plain.dpx")
    const path = join(fixture.folder, "plain.dpx")
    const bytes = await readFile(path)
    // Lines from right to left, in either byte order, and an image element of depth.
    if (bytes.toString("latin1", 0, 4) === "SDPX") bytes.writeUInt16BE(1, 768)
    else bytes.writeUInt16LE(1, 768)
    bytes[800] = 8
    await writeFile(path, bytes)
    const { at, says } = await shown("plain.dpx")
    for (const share of [0.25, 0.75]) near(at(share, 0.5), grey(1 - share))
    expect(says).toContain("Depth is shown from 0.2 (black) to 0.6 (white)")
  })

  it("is painted whatever is wrong with a look file, since no look corrects data", async () => {
    await fixture.oiiotool(...RAMP, "--chnames", "Z", "-o", "look.exr")
    const lookFile = { name: "a.cdl", sha256: "0", steps: [], problem: "is none" }
    near((await shown("look.exr", {}, { lookFile })).at(0.5, 0.5), grey(0.5))
  })

  it("is found in a deep part", async () => {
    await fixture.oiiotool(
      "--pattern",
      "fill:left=10:right=110",
      "128x64",
      "1",
      "--chnames",
      "Z",
      "--deepen",
      "-o",
      "deep.exr",
    )
    near((await shown("deep.exr")).at(0.5, 0.5), grey(0.5))
  })
})

describeEach("vectors alone", () => {
  it("are 0.5 + 0.5 n as normals", async () => {
    const corners = "topleft=-1,1,0:topright=1,1,0:bottomleft=-1,-1,1:bottomright=1,-1,1"
    await fixture.oiiotool(
      "--pattern",
      `fill:${corners}`,
      "128x64",
      "3",
      "--chnames",
      "N.X,N.Y,N.Z",
      "-o",
      "normals.exr",
    )
    const { at, says } = await shown("normals.exr")
    near(at(0.25, 0.25), [64, 191, 159], 4)
    near(at(0.75, 0.75), [191, 64, 223], 4)
    expect(says).toContain('Shows normals (N.X, N.Y, N.Z) of layer "N" of part 0, as colour, 0.5 + 0.5 n of each axis.')
  })

  it("are shown around grey as motion, full at the longest", async () => {
    const halves = ["--pattern", "constant:color=3,4", "128x64", "2", "--fill:color=0,0", "64x64+64+0"]
    await fixture.oiiotool(...halves, "--chnames", "forward.u,forward.v", "-o", "motion.exr")
    const { at, says } = await shown("motion.exr")
    near(at(0.25, 0.5), [0.8 * 255, 0.9 * 255, 127.5])
    near(at(0.75, 0.5), grey(0.5))
    expect(says).toContain("The longest motion vector of this frame, 5 long, is shown as full colour.")
    near((await shown("motion.exr", { dataRange: [0, 20] })).at(0.25, 0.5), [0.575 * 255, 0.6 * 255, 127.5])
  })

  it("are spread over their own range as positions", async () => {
    await fixture.oiiotool(
      "--pattern",
      "fill:left=-100,0,5:right=100,0,25",
      "128x64",
      "3",
      "--chnames",
      "P.X,P.Y,P.Z",
      "-o",
      "places.exr",
    )
    const { at, says } = await shown("places.exr")
    near(at(0.25, 0.5), [64, 127.5, 64])
    expect(says).toContain("x -100 to 100, y 0 to 0, z 5 to 25")
  })
})

describeEach("data that was chosen", () => {
  it("is shown as its kind is, beside a picture, in another part too", async () => {
    const beauty = ["--pattern", "constant:color=1,0,0", "64x64", "3", "--sattrib", "oiio:subimagename", "rgba"]
    const vectors = ["--pattern", "constant:color=1,0,-1", "64x64", "3", "--sattrib", "oiio:subimagename", "normals"]
    await fixture.oiiotool(...beauty, ...vectors, "--siappend", "-o", "both.exr")
    near((await shown("both.exr")).at(0.5, 0.5), [255, 0, 0])
    for (const choice of [{ layer: "normals" }, { part: 1 }, { part: "normals", channels: ["R", "G", "B"] }]) {
      const { at, says } = await shown("both.exr", choice)
      near(at(0.5, 0.5), [255, 127.5, 0])
      expect(says).toContain("Shows normals (R, G, B)")
      expect(says).not.toContain("holds no picture")
    }
    near((await shown("both.exr", { part: 1, channels: ["G"] })).at(0.5, 0.5), grey(0.5))
  })
})
