import { describe, expect, it } from "vitest"
import type { PassKind } from "../../model.ts"
import { failureOf, outcomeOf, readingOf } from "../../testing/readings.ts"
import {
  exrFile,
  ints,
  layer,
  type MadeAttribute,
  type MadeExr,
  type MadePart,
  string,
  texts,
} from "../header/testing/exr-file.ts"

const shown = (made: MadeExr) => readingOf(exrFile(made), "a.exr").selection
const single = (channels: MadePart["channels"], ...attributes: readonly MadeAttribute[]) =>
  shown({ parts: [{ channels, attributes }] })
const refused = (channels: MadePart["channels"], ...attributes: readonly MadeAttribute[]) =>
  failureOf(exrFile({ parts: [{ channels, attributes }] }), "a.exr")

describe("the channels of an EXR that are shown", () => {
  it.each<readonly [string, readonly string[], readonly string[], string | null]>([
    [
      "R, G, B before everything else",
      ["A", "B", "G", "R", "Y", "Z", ...layer("diffuse", "RGB")],
      ["R", "G", "B"],
      null,
    ],
    ["RED, GREEN, BLUE", ["BLUE", "GREEN", "RED", "Y"], ["RED", "GREEN", "BLUE"], null],
    ["X, Y, Z as colour rather than Y as grey", ["X", "Y", "Z"], ["X", "Y", "Z"], null],
    ["lower-case components", ["b", "g", "r"], ["r", "g", "b"], null],
    [
      "the beauty layer before an earlier one",
      [...layer("albedo", "RGB"), ...layer("beauty", "RGB")],
      layer("beauty", "RGB"),
      "beauty",
    ],
    [
      "Blender's combined layer",
      [...layer("ViewLayer.Combined", "ABGR"), "ViewLayer.Depth.Z"],
      layer("ViewLayer.Combined", "RGB"),
      "ViewLayer.Combined",
    ],
    [
      "any colour layer where none is called beauty",
      [...layer("N", "XYZ"), ...layer("diffuse", "RGB")],
      layer("diffuse", "RGB"),
      "diffuse",
    ],
    ["Y as grey", ["Y", "A"], ["Y", "Y", "Y"], null],
    ["the Y of a layer", ["lum.Y"], ["lum.Y", "lum.Y", "lum.Y"], "lum"],
    ["the one channel that is left beside data and alpha", ["G", "Z", "A", "id"], ["G", "G", "G"], null],
    ["alpha where there is nothing else", ["A", "Z"], ["A", "A", "A"], null],
  ])("are %s", (_, channels, expected, expectedLayer) => {
    const selection = single(channels)
    expect(selection.channels).toEqual(expected)
    expect(selection.layer).toBe(expectedLayer)
    expect(selection.reason).toContain(expected[0])
  })

  it.each([
    ["R and G without B", ["R", "G"]],
    ["several channels whose names say nothing", ["foo", "bar"]],
  ])("are none in a file with %s", (_, channels) => {
    expect(refused(channels)).toMatchObject({
      code: "picture/no-displayable-channels",
      says: expect.stringContaining("The setting channels shows any of them."),
    })
  })

  it.each<readonly [PassKind, MadePart["channels"], readonly string[]]>([
    ["depth", ["Z"], ["Z"]],
    ["depth", ["depth.Z", "depth.Zback", "id"], ["depth.Z"]],
    ["normals", layer("N", "XYZ"), layer("N", "XYZ")],
    ["position", layer("P", "XYZ"), layer("P", "XYZ")],
    ["motion", ["forward.u", "forward.v", "backward.u", "backward.v"], ["forward.u", "forward.v"]],
    ["motion", layer("ViewLayer.Vector", "WXYZ"), ["ViewLayer.Vector.X", "ViewLayer.Vector.Y"]],
    ["uv", ["UV.U", "UV.V"], ["UV.U", "UV.V"]],
    ["ids", [{ name: "things", pixelType: 0 }], ["things"]],
    ["ids", ["id"], ["id"]],
    [
      "cryptomatte",
      [...layer("CryptoObject00", "ABGR"), ...layer("CryptoObject01", "ABGR"), ...layer("CryptoObject", "RG")],
      [...layer("CryptoObject00", "RGBA"), ...layer("CryptoObject01", "RGBA")],
    ],
  ])("are a pass of data, %s, where there is no picture: %j", (kind, channels, expected) => {
    const { pass, colorspace, warnings, selection } = readingOf(exrFile({ parts: [{ channels }] }), "a.exr")
    expect(pass).toEqual({ kind, channels: expected })
    expect(colorspace).toMatchObject({ name: "data", configSpace: "data", encoding: "display", rule: "data-pass" })
    expect(warnings).toEqual([expect.stringContaining("The file holds no picture that can be shown; shown instead: ")])
    expect(selection.reason).toContain(expected.join(", "))
  })

  it("are a cryptomatte where the file's own manifest says so", () => {
    const manifest = string("cryptomatte/ab12/name", "hero")
    const channels = [...layer("hero00", "ABGR"), ...layer("hero01", "ABGR")]
    expect(readingOf(exrFile({ parts: [{ channels, attributes: [manifest] }] }), "a.exr").pass).toEqual({
      kind: "cryptomatte",
      channels: [...layer("hero00", "RGBA"), ...layer("hero01", "RGBA")],
    })
  })

  it("are refused as unsupported where chroma is subsampled, or is chroma at all", () => {
    const subsampled = refused(["Y", { name: "RY", sampling: 2 }, { name: "BY", sampling: 2 }])
    expect(subsampled).toMatchObject({ code: "picture/unsupported", says: expect.stringContaining("subsampled 2x2") })
    expect(refused(["BY", "RY", "Y"])).toMatchObject({ code: "picture/unsupported" })
  })

  it("are luminance and chroma where the engine reads them itself", () => {
    const chroma = (sampling: number) => ["RY", "BY"].map((name) => ({ name, sampling }))
    const read = (channels: MadePart["channels"], compression = 4) =>
      outcomeOf(exrFile({ parts: [{ channels, compression }] }), "a.exr", { ownReaders: true })
    const selection = { channels: ["Y", "RY", "BY"], reason: expect.stringContaining("luminance and chroma") }
    const depth = { name: "Z", sampling: 2 }
    // PIZ, B44, B44A, DWAA and DWAB.
    for (const compression of [4, 6, 7, 8, 9]) {
      for (const sampling of [1, 2])
        expect(read(["Y", "A", ...chroma(sampling)], compression)).toMatchObject({ kind: "read", value: { selection } })
      expect(read(["R", "G", "B", depth], compression)).toMatchObject({
        value: { selection: { channels: ["R", "G", "B"] } },
      })
    }
    const refusal = { kind: "failed", failure: { code: "picture/unsupported" } }
    expect(read(["Y", ...chroma(4)])).toMatchObject(refusal)
    // PXR24: nobody here reads it with subsampled channels, OpenImageIO neither.
    const says = expect.stringMatching(/\bpxr24\b.*chroma|chroma.*\bpxr24\b/)
    expect(read(["Y", ...chroma(2)], 5)).toMatchObject({ failure: { code: "picture/unsupported", says } })
    expect(read(["R", "G", "B", depth], 5)).toMatchObject(refusal)
  })

  it.each(["a,b.", "a=b.", "a:b.", "ümläut\u0007.", "-x\n.", "5.", "Infra.", ".", " ", '"a b".', "{x}."])(
    "are shown whatever they are called (%j)",
    (prefix) => {
      const expected = ["R", "G", "B"].map((name) => prefix + name)
      expect(single(expected.toReversed()).channels).toEqual(expected)
    },
  )

  it("are refused where their compression is unknown, and named where it is only new", () => {
    const parts = (compression: number) => ({ parts: [{ channels: ["R", "G", "B"], compression }] })
    expect(failureOf(exrFile(parts(99)), "a.exr").says).toBe("Unsupported compression: unknown (99).")
    expect(shown(parts(10)).compression).toBe("htj2k256")
    expect(shown(parts(12)).compression).toBe("lj2k")
    expect(shown(parts(13)).compression).toBe("zstd")
  })
})

const part = (name: string, channels: readonly string[], view?: string): MadePart => ({
  channels,
  attributes: [
    string("name", name),
    string("type", "scanlineimage"),
    ...(view === undefined ? [] : [string("view", view)]),
  ],
})
const multi = (...parts: readonly MadePart[]) => shown({ flags: 0x1000, parts })
const RGB = ["B", "G", "R"]

describe("the part of an EXR that is shown", () => {
  it("is the first with colour that is not data", () => {
    expect(multi(part("normals", RGB), part("depth", ["Z"]), part("rgba", RGB))).toMatchObject({
      part: 2,
      partName: "rgba",
    })
  })

  it("is the one called beauty where several hold plain colour", () => {
    expect(multi(part("diffuse", RGB), part("beauty", RGB))).toMatchObject({ part: 1 })
  })

  it("is flat rather than deep where both would do", () => {
    const deep: MadePart = { channels: RGB, attributes: [string("name", "deep"), string("type", "deepscanline")] }
    expect(multi(deep, part("flat", RGB))).toMatchObject({ part: 1, deep: false })
    expect(multi(deep)).toMatchObject({ part: 0, deep: true })
  })
})

describe("the view of a stereo EXR that is shown", () => {
  const views = (...names: readonly string[]): MadeAttribute => ["multiView", "stringvector", texts(...names)]

  it("is the first of multiView, whose channels carry no view name", () => {
    expect(single([...RGB, ...layer("left", "RGB")], views("right", "left"))).toMatchObject({
      view: "right",
      channels: ["R", "G", "B"],
    })
  })

  it("is recognised behind a layer's name", () => {
    const channels = [...layer("beauty.left", "RGB"), ...layer("beauty.right", "RGB")]
    expect(single(channels, views("right", "left"))).toMatchObject({
      view: "right",
      layer: "beauty",
      channels: layer("beauty.right", "RGB"),
    })
  })

  it("is that of the first part with colour where no list says otherwise", () => {
    const depthFirst = multi(
      part("depth_left", ["Z"], "left"),
      part("rgba_right", RGB, "right"),
      part("rgba_left", RGB, "left"),
    )
    expect(depthFirst).toMatchObject({ part: 1, view: "right" })
  })

  it("is the other one where the hero view has no colour", () => {
    expect(single([...layer("left", "RGB"), "Z"], views("right", "left"))).toMatchObject({ view: "left" })
  })
})

describe("an EXR that would hurt its decoder", () => {
  const box = (width: number, height: number) => ({ xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 })

  it.each<readonly [string, MadePart, string]>([
    [
      "far more data than display",
      { channels: RGB, dataWindow: box(8000, 8000), displayWindow: box(64, 64) },
      "picture/over-limit",
    ],
    [
      "channels beyond the memory limit",
      { channels: [...RGB, ...Array.from({ length: 4000 }, (_, n) => `c${n}`)], dataWindow: box(4096, 2160) },
      "picture/over-limit",
    ],
    [
      "an absurd count of deep samples",
      { channels: RGB, attributes: [["maxSamplesPerPixel", "int", ints(2e9)], string("type", "deepscanline")] },
      "picture/over-limit",
    ],
    ["a pixel aspect of NaN", { channels: RGB, pixelAspect: Number.NaN }, "picture/damaged"],
    ["a pixel aspect of 0", { channels: RGB, pixelAspect: 0 }, "picture/damaged"],
    ["a pixel aspect of 50", { channels: RGB, pixelAspect: 50 }, "picture/over-limit"],
  ])("with %s is refused before it starts", (_, made, code) => {
    const flags = made.attributes === undefined ? 0 : 0x800
    expect(failureOf(exrFile({ flags, parts: [made], tailBytes: 200_000 }), "a.exr").code).toBe(code)
  })

  it("with overscan or a small crop window is shown", () => {
    const parts = [{ channels: RGB, dataWindow: box(4000, 2000), displayWindow: box(10, 10) }]
    expect(shown({ parts, tailBytes: 20_000 }).part).toBe(0)
  })
})
