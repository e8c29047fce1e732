import { describe, expect, it } from "vitest"
import type { PictureChoice } from "../../model.ts"
import { failureOf, readingOf } from "../../testing/readings.ts"
import { exrFile, layer, type MadeExr, texts, viewPart } from "../header/testing/exr-file.ts"
import { tiffFile } from "../header/testing/tiff-file.ts"

const LAYERS: MadeExr = { parts: [{ channels: ["A", "B", "G", "R", "Z", ...layer("diffuse"), ...layer("N", "XYZ")] }] }

const PARTS: MadeExr = {
  flags: 0x1000,
  parts: [
    viewPart("rgba.left", "left", ["R", "G", "B"]),
    viewPart("rgba.right", "right", ["R", "G", "B"]),
    viewPart("diffuse.left", "left", ["R", "G", "B"]),
    viewPart("diffuse.right", "right", ["R", "G", "B"]),
    viewPart("depth.left", "left", ["Z"]),
  ],
}

const VIEWS: MadeExr = {
  parts: [
    {
      channels: [...layer("right"), "R", "G", "B", ...layer("diffuse.left"), ...layer("diffuse.right")],
      attributes: [["multiView", "stringvector", texts("left", "right")]],
    },
  ],
}

const shown = (made: MadeExr, choice: PictureChoice) => readingOf(exrFile(made), "a.exr", { choice })
const missing = (made: MadeExr, choice: PictureChoice): string => {
  const { code, kind, says } = failureOf(exrFile(made), "a.exr", { choice })
  expect([code, kind]).toEqual(["picture/choice-missing", "permanent"])
  return says
}

describe("what was chosen of an EXR", () => {
  it.each<readonly [string, MadeExr, PictureChoice, object]>([
    ["a layer", LAYERS, { layer: "diffuse" }, { channels: layer("diffuse"), layer: "diffuse" }],
    ["channels by their full names", LAYERS, { channels: ["diffuse.G"] }, { channels: Array(3).fill("diffuse.G") }],
    [
      "channels of a layer",
      LAYERS,
      { layer: "diffuse", channels: ["B", "G", "R"] },
      { channels: layer("diffuse", "BGR") },
    ],
    ["channels of several layers", LAYERS, { channels: ["diffuse.R", "A", "G"] }, { layer: null }],
    ["a part by its number", PARTS, { part: 2 }, { part: 2, view: "left" }],
    ["a part by its name", PARTS, { part: "diffuse.right" }, { part: 3, view: "right" }],
    ["a layer that is a part", PARTS, { layer: "diffuse" }, { part: 2, view: "left" }],
    ["a view of parts", PARTS, { view: "right" }, { part: 1, view: "right" }],
    ["a layer in a view of parts", PARTS, { layer: "diffuse", view: "right" }, { part: 3 }],
    [
      "channels of the hero view's picture",
      PARTS,
      { channels: ["B", "B", "R"] },
      { part: 0, channels: ["B", "B", "R"] },
    ],
    ["a view of channels", VIEWS, { view: "right" }, { channels: layer("right"), view: "right" }],
    ["the hero view of a layer", VIEWS, { layer: "diffuse" }, { channels: layer("diffuse.left"), view: "left" }],
    ["a view of a layer", VIEWS, { layer: "diffuse", view: "right" }, { channels: layer("diffuse.right") }],
  ])("is shown: %s", (_, made, choice, expected) => {
    const { selection, warnings } = shown(made, choice)
    expect(selection).toMatchObject(expected)
    expect(selection.reason).toContain("as the settings choose (")
    expect(warnings).toEqual([])
  })

  it.each<readonly [MadeExr, PictureChoice, string]>([
    [LAYERS, { layer: "specular" }, 'layer "specular", which the file has not; it has: diffuse, N.'],
    [LAYERS, { layer: "Diffuse" }, 'did you mean "diffuse"?'],
    [LAYERS, { view: "right" }, "it names no view there"],
    [LAYERS, { part: 1 }, "part 1, which the file has not; it has: 0."],
    [PARTS, { part: "beauty" }, 'it has: 0 ("rgba.left"), 1 ("rgba.right")'],
    [PARTS, { view: "left", layer: "specular" }, "it has: rgba, diffuse, depth."],
    [LAYERS, { channels: ["r", "G", "B"] }, 'did you mean "R"?'],
    [PARTS, { channels: ["R", "G", "Z"] }, "channels R, G, Z"],
  ])("fails with what there is where the file lacks it: %#", (made, choice, says) => {
    expect(missing(made, choice)).toContain(says)
  })

  it("leaves a file that is shown without a choice as it is", () => {
    const bytes = exrFile(LAYERS)
    expect(readingOf(bytes, "a.exr", { choice: {} })).toEqual(readingOf(bytes, "a.exr"))
    expect(readingOf(bytes, "a.exr").selection.reason).toBe("Shows R, G, B (the colour channels) of part 0.")
  })
})

describe("a cryptomatte", () => {
  const ranks = ["crypto_object00", "crypto_object01", "crypto_material00"].flatMap((name) => layer(name, "ABGR"))
  const made: MadeExr = { parts: [{ channels: ["B", "G", "R", ...ranks, ...layer("crypto_object", "BGR")] }] }

  it("is chosen by its own name, with all its ranks", () => {
    const { pass } = shown(made, { layer: "crypto_object" })
    expect(pass).toEqual({
      kind: "cryptomatte",
      channels: [...layer("crypto_object00", "RGBA"), ...layer("crypto_object01", "RGBA")],
    })
    expect(shown(made, { layer: "crypto_material" }).pass?.channels).toEqual(layer("crypto_material00", "RGBA"))
    expect(missing(made, { layer: "crypto_asset" })).toContain("it has: crypto_object, crypto_material")
  })

  it("is chosen by pairs of channels, or one of its ids", () => {
    const pair = ["crypto_object00.R", "crypto_object00.G"]
    expect(shown(made, { channels: pair }).pass).toEqual({ kind: "cryptomatte", channels: pair })
    expect(shown(made, { channels: ["crypto_object00.B"] }).pass?.kind).toBe("ids")
    expect(shown(made, { channels: ["crypto_object00.A"] }).pass).toBeUndefined()
    expect(shown(made, { channels: layer("crypto_object") }).pass).toBeUndefined()
  })
})

describe("what was chosen of a TIFF", () => {
  const directory = (kind: number) => ({
    tags: [
      [254, 4, [kind]],
      [256, 3, [4]],
      [257, 3, [4]],
      [258, 3, [8, 8, 8, 8]],
      [262, 3, [2]],
      [277, 3, [4]],
      [338, 3, [2]],
    ] as const,
    pixels: new Uint8Array(64),
  })
  const bytes = tiffFile({ directories: [directory(0), directory(1), directory(0)] })

  it.each<readonly [PictureChoice, object]>([
    [{ part: 2 }, { part: 2, channels: ["R", "G", "B"] }],
    [{ part: 1 }, { part: 1 }],
    [{ channels: ["A"] }, { part: 0, channels: ["A", "A", "A"] }],
  ])("is shown: %j", (choice, expected) => {
    expect(readingOf(bytes, "a.tif", { choice }).selection).toMatchObject(expected)
  })

  it.each<readonly [PictureChoice, string]>([
    [{ part: 3 }, "directory 3, which the file has not; it has: 0, 1, 2."],
    [{ layer: "diffuse" }, "a TIFF has none, but the channels R, G, B, A"],
    [{ channels: ["Z"] }, "channel Z"],
  ])("fails where it is not there: %j", (choice, says) => {
    expect(failureOf(bytes, "a.tif", { choice })).toMatchObject({ code: "picture/choice-missing" })
    expect(failureOf(bytes, "a.tif", { choice }).says).toContain(says)
  })
})
