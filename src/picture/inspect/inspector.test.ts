import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Attribute, SourceInspected } from "../../events/records.generated.ts"
import type { Inspected } from "../model.ts"
import { firstBytes } from "../read/header/bytes.ts"
import { DEFAULT_LIMITS } from "../read/header/limits.ts"
import { dpxFile } from "../read/header/testing/dpx-file.ts"
import { exrFile, floats, ints, type MadeAttribute, string, texts } from "../read/header/testing/exr-file.ts"
import { tiffFile } from "../read/header/testing/tiff-file.ts"
import { headerInspectorContract } from "./contract.ts"
import { frameNumberOf, inspectHeader, openHeaderInspector } from "./inspector.ts"

headerInspectorContract("The inspector of this process", openHeaderInspector)

const inspect = (bytes: Uint8Array, key = "sh010/beauty.0101.exr"): Inspected => {
  const outcome = inspectHeader(firstBytes(bytes, bytes.length), { key, limits: DEFAULT_LIMITS })
  if (outcome.kind !== "read") throw new Error(JSON.stringify(outcome))
  return outcome.value
}

const withAttributes = (...attributes: readonly MadeAttribute[]): Uint8Array =>
  exrFile({ parts: [{ channels: ["B", "G", "R"], attributes }] })

const attribute = (told: Inspected, name: string): Attribute => {
  const found = told.parts[0]?.attributes.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no attribute ${name}`)
  return found
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

describe("the values of an inspected header", () => {
  it("keep their type, and say in text and numbers what they mean", () => {
    const told = inspect(
      withAttributes(
        ["framesPerSecond", "rational", ints(24_000, 1001)],
        ["timeCode", "timecode", ints(0x01020304, 0)],
        ["xDensity", "float", floats(72.5)],
        ["shots", "int", ints(-7)],
        ["multiView", "stringvector", texts("left", "right")],
        string("owner", "été"),
      ),
    )
    expect(attribute(told, "framesPerSecond")).toMatchObject({
      type: "rational",
      valueJson: '{"num":24000,"den":1001}',
      valueText: "24000/1001",
      valueInt: null,
      valueFloat: 24_000 / 1001,
    })
    expect(attribute(told, "timeCode")).toMatchObject({ valueText: "01:02:03:04", valueFloat: null })
    expect(attribute(told, "xDensity")).toMatchObject({ valueJson: "72.5", valueInt: null, valueFloat: 72.5 })
    expect(attribute(told, "shots")).toMatchObject({ valueJson: "-7", valueInt: -7, valueFloat: -7, valueText: null })
    expect(attribute(told, "multiView")).toMatchObject({ valueJson: '["left","right"]', sizeBytes: 17 })
    expect(attribute(told, "owner")).toMatchObject({ valueText: "été", sizeBytes: 5, truncated: false, sha256: null })
    expect(attribute(told, "compression")).toMatchObject({ valueText: "none" })
  })

  it("name NaN and infinities as text, since neither JSON nor every database has them", () => {
    const told = inspect(withAttributes(["bad", "v3f", floats(Number.NaN, Infinity, 1)], ["x", "float", floats(NaN)]))
    expect(attribute(told, "bad").valueJson).toBe('["NaN","Infinity",1]')
    expect(attribute(told, "x")).toMatchObject({ valueJson: '"NaN"', valueFloat: null, valueInt: null })
  })

  it("hold no NUL in text columns, while the JSON tells of it", () => {
    const owner = attribute(inspect(withAttributes(string("owner", "a\0b"))), "owner")
    expect(owner).toMatchObject({ valueText: "a\uFFFDb", valueJson: '"a\\u0000b"' })
  })

  it("are hex digits where the type is not known", () => {
    expect(attribute(inspect(withAttributes(["odd", "ourtype", ints(1)])), "odd").valueJson).toBe('{"hex":"01000000"}')
  })

  it("are cut where they are long, with length and hash of the whole", () => {
    const manifest = `{${'"a name":"0a1b2c3d",'.repeat(4000)}}`
    const told = attribute(
      inspect(withAttributes(string("cryptomatte/1/manifest", manifest))),
      "cryptomatte/1/manifest",
    )
    expect(told).toMatchObject({ truncated: true, sizeBytes: manifest.length })
    expect(told.sha256).toBe(sha256(new TextEncoder().encode(manifest)))
    expect(told.valueText?.length).toBeGreaterThan(10_000)
    expect(manifest.startsWith(told.valueText ?? "-")).toBe(true)
    expect(JSON.parse(told.valueJson)).toBe(told.valueText)
    expect(told.valueJson.length).toBeLessThanOrEqual(16 * 1024)
  })

  it("of a preview are its size, not its pixels", () => {
    const preview = new Uint8Array(8 + 4 * 100 * 50)
    preview.set(ints(100, 50))
    const told = attribute(inspect(withAttributes(["preview", "preview", preview])), "preview")
    expect(told).toMatchObject({ valueJson: '{"width":100,"height":50}', truncated: true, sizeBytes: 20_008 })
    expect(told.sha256).toBe(sha256(preview))
  })
})

describe("an inspected header", () => {
  it("has the frame number of its file name, by exr-inspector's rule", () => {
    const names = [
      "a.0101.exr",
      "a_00012.DPX",
      "a.12.exr",
      "a0101.exr",
      "d.0101/a.exr",
      "a.123456789.exr",
      "a.1001.x.exr",
    ]
    expect(names.map(frameNumberOf)).toEqual([101, 12, null, null, null, null, null])
  })

  it("has a hash that changes with any byte of the header and with none of the pixels", () => {
    const one = withAttributes(string("owner", "one"))
    const two = withAttributes(string("owner", "two"))
    const pixels = one.slice()
    pixels[one.length - 1] = 7
    expect(inspect(one).headerHash).toBe(sha256(one.subarray(0, inspect(one).headerBytes)))
    expect(inspect(pixels).headerHash).toBe(inspect(one).headerHash)
    expect(inspect(two).headerHash).not.toBe(inspect(one).headerHash)
  })

  it("says the colour space that stands there, else the one that the colour rules find", () => {
    const colour = (...attributes: readonly MadeAttribute[]) =>
      inspect(withAttributes(...attributes)).parts[0]?.colorSpace
    expect(colour()).toBe("lin_rec709")
    expect(colour(string("colorInteropID", "lin_ap1_scene"))).toBe("ACEScg")
    expect(colour(string("oiio:ColorSpace", "ACES - ACEScg"))).toBe("ACES - ACEScg")
    const depth = exrFile({ parts: [{ channels: ["Z.depth"], attributes: [string("oiio:ColorSpace", "Linear")] }] })
    expect(inspect(depth).parts[0]?.colorSpace).toBeNull()
  })

  it("of a DPX has the fields of its header, of a TIFF its tags", () => {
    const dpx = inspect(dpxFile({ width: 8, height: 8, fields: [[1724, "f32", 24]] }), "a.dpx")
    expect(dpx).toMatchObject({ format: "dpx", parts: [{ kind: "element", colorSpace: "rec709_video" }] })
    expect(attribute(dpx, "width")).toMatchObject({ type: "u32", valueInt: 8 })
    expect(attribute(dpx, "filmFrameRate")).toMatchObject({ type: "f32", valueFloat: 24 })
    const tags = [
      [256, 4, [4]],
      [257, 4, [4]],
      [258, 3, [8, 8, 8]],
      [262, 3, [2]],
      [277, 3, [3]],
      [305, 2, "a writer of files"],
    ] as const
    const tiff = (text: string) =>
      inspect(
        tiffFile({
          directories: [{ tags: [...tags.slice(0, 5), [305, 2, text]], pixels: new Uint8Array(48) }],
        }),
        "a.tif",
      )
    expect(attribute(tiff("a writer of files"), "Software")).toMatchObject({ valueText: "a writer of files" })
    expect(attribute(tiff("a writer of files"), "BitsPerSample")).toMatchObject({ valueJson: "[8,8,8]" })
    expect(tiff("a writer of files").headerHash).not.toBe(tiff("another of files!").headerHash)
  })
})

describe("an inspected header that is too long for a fact", () => {
  const bytesOf = (told: Partial<SourceInspected>): number => Buffer.byteLength(JSON.stringify(told.parts))

  it("has all its values cut shorter, but none left out", () => {
    const long = Array.from({ length: 40 }, (_, index) => string(`note${index}`, "x".repeat(12_000)))
    const told = inspect(withAttributes(...long))
    expect(told.parts[0]?.attributes).toHaveLength(48)
    expect(told).toMatchObject({ attributesDropped: 0, warnings: [] })
    expect(attribute(told, "note39")).toMatchObject({ truncated: true, sizeBytes: 12_000 })
    expect(bytesOf(told)).toBeLessThan(126_000)
  })

  it("loses attributes, then channels, then parts, says so, and keeps what comes first", () => {
    const names = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => `${String(index).padStart(length, "n")}.R`)
    const many = inspect(withAttributes(...names(4000, 20).map((name) => string(name, "x"))))
    expect(many.parts[0]?.channels).toHaveLength(3)
    expect(many.attributesDropped).toBeGreaterThan(2000)
    expect(attribute(many, "channels")).toMatchObject({ valueJson: "null", truncated: true, sizeBytes: 55 })
    const wide = inspect(exrFile({ flags: 0x400, parts: [{ channels: names(4000, 100) }] }))
    expect(wide.channelsDropped).toBeGreaterThan(2000)
    expect(wide.warnings.join()).toMatch(/\d+ channels are left out/)
    const parts = Array.from({ length: 1024 }, (_, index) => ({
      channels: ["Y"],
      attributes: [string("name", `${index} ${"n".repeat(240)}`), string("type", "scanlineimage")],
    }))
    const deep = inspect(exrFile({ flags: 0x1000, parts, tailBytes: 1_000_000 }))
    expect(deep.partsDropped).toBeGreaterThan(300)
    expect(deep.partsDropped + deep.parts.length).toBe(1024)
    for (const told of [many, wide, deep]) expect(bytesOf(told)).toBeLessThan(400_000)
  })
})
