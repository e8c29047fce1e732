import { describe, expect, it } from "vitest"
import { firstBytes, type HeaderOutcome } from "./bytes.ts"
import { DEFAULT_LIMITS } from "./limits.ts"
import { attributeNamed, type PictureHeader } from "./model.ts"
import { readHeader } from "./read.ts"
import { corpusBytes, corpusNames, hasCorpus } from "./testing/corpus.ts"
import {
  doubles,
  exrFile,
  floats,
  ints,
  joined,
  type MadeAttribute,
  type MadeExr,
  string,
  texts,
} from "./testing/exr-file.ts"

const read = (made: MadeExr): HeaderOutcome<PictureHeader> => {
  const bytes = exrFile(made)
  return readHeader(firstBytes(bytes, bytes.length), "shot/a.exr")
}

const header = (made: MadeExr): PictureHeader => {
  const outcome = read(made)
  if (outcome.kind !== "read") throw new Error(JSON.stringify(outcome))
  return outcome.value
}

const failureCode = (outcome: HeaderOutcome<PictureHeader>): string =>
  outcome.kind === "failed" ? outcome.failure.code : outcome.kind

const RGB = ["B", "G", "R"]
const withAttribute = (...attributes: readonly MadeAttribute[]): MadeExr => ({ parts: [{ channels: RGB, attributes }] })
const decoded = (...attribute: MadeAttribute): unknown => {
  const part = header(withAttribute(attribute)).parts[0]
  return part && attributeNamed(part, attribute[0])?.value
}

describe("the attributes of an EXR header", () => {
  it.each<readonly [string, MadeAttribute, unknown]>([
    ["a box of floats", ["b", "box2f", floats(0, 1, 2, 3)], { xMin: 0, yMin: 1, xMax: 2, yMax: 3 }],
    ["a rational", ["r", "rational", ints(24000, 1001)], { num: 24000, den: 1001 }],
    ["a time code", ["t", "timecode", ints(0x01000603, 7)], { timeAndFlags: 0x01000603, userData: 7 }],
    ["a 3x3 matrix", ["m", "m33d", doubles(1, 0, 0, 0, 1, 0, 0, 0, 1)], [1, 0, 0, 0, 1, 0, 0, 0, 1]],
    ["a 2-vector", ["v", "v2i", ints(-3, 4)], [-3, 4]],
    ["a 3-vector", ["v", "v3d", doubles(1.5, 2.5, -3.5)], [1.5, 2.5, -3.5]],
    ["a list of texts", ["l", "stringvector", texts("right", "left")], ["right", "left"]],
    ["a preview, its size only", ["p", "preview", joined([ints(2, 1), ints(0, 0)])], { width: 2, height: 1 }],
    ["an environment map", ["e", "envmap", Uint8Array.of(1)], "cube"],
    ["text in Latin-1", ["s", "string", Uint8Array.of(0xe9, 0x74, 0xe9)], "été"],
    ["an unknown type as hex", ["u", "studioThing", Uint8Array.of(1, 0xab)], { hex: "01ab" }],
    ["a known type of a wrong size as hex", ["w", "v2f", Uint8Array.of(9)], { hex: "09" }],
  ])("hold %s", (_, attribute, value) => {
    expect(decoded(...attribute)).toEqual(value)
  })

  it("hold a key code with its seven numbers by name", () => {
    expect(decoded("k", "keycode", ints(1, 2, 3, 4, 5, 6, 7))).toMatchObject({ filmMfcCode: 1, perfsPerCount: 7 })
  })

  it("say where a value lies, and that a long one was cut", () => {
    const part = header(withAttribute(["u", "studioThing", new Uint8Array(5000)])).parts[0]
    const found = part && attributeNamed(part, "u")
    expect(found).toMatchObject({ truncated: true, span: { lengthBytes: 5000 } })
    expect(JSON.stringify(found?.value).length).toBeLessThan(600)
  })
})

describe("the parts of an EXR", () => {
  it("are read from a multi-part file with their names, views and chunk counts", () => {
    const part = (name: string, view: string): MadeExr["parts"][number] => ({
      channels: RGB,
      compression: 3,
      attributes: [string("name", name), string("type", "scanlineimage"), string("view", view)],
    })
    const { parts } = header({ flags: 0x1000, parts: [part("rgba_right", "right"), part("rgba_left", "left")] })
    expect(parts.map(({ name, view, kind, chunkCount }) => [name, view, kind, chunkCount])).toEqual([
      ["rgba_right", "right", "scanlineimage", 3],
      ["rgba_left", "left", "scanlineimage", 3],
    ])
  })

  it("are tiled with the mode and the number of tiles of all levels", () => {
    const tiles: MadeAttribute = ["tiles", "tiledesc", joined([ints(32, 32), Uint8Array.of(1)])]
    const [part] = header({ flags: 0x200, parts: [{ channels: RGB, attributes: [tiles] }] }).parts
    expect(part?.tiles).toEqual({ width: 32, height: 32, levelMode: "mipmap", roundingMode: "down" })
    // 64x48, 32x24, 16x12, 8x6, 4x3, 2x1, 1x1
    expect(part?.chunkCount).toBe(4 + 1 + 1 + 1 + 1 + 1 + 1)
  })

  it("are deep where the type says so", () => {
    const [part] = header({
      flags: 0x800,
      parts: [{ channels: RGB, attributes: [string("type", "deepscanline")] }],
    }).parts
    expect(part).toMatchObject({ deep: true, kind: "deepscanline", tiles: null })
  })

  it("may have names of up to 255 bytes only where the file says so", () => {
    const made = withAttribute([`x${"y".repeat(100)}`, "int", ints(1)])
    expect(failureCode(read(made))).toBe("picture/damaged")
    expect(failureCode(read({ ...made, flags: 0x400 }))).toBe("read")
  })

  it("count as over the limit from 1,025 on", () => {
    const part = { channels: ["R"], attributes: [string("type", "scanlineimage")] }
    const parts = Array.from({ length: 1025 }, () => part)
    expect(failureCode(read({ flags: 0x1000, parts, tailBytes: 1_000_000 }))).toBe("picture/over-limit")
  })
})

const box = (xMin: number, yMin: number, xMax: number, yMax: number) => ({ xMin, yMin, xMax, yMax })

describe("a hostile EXR header", () => {
  it.each<readonly [string, MadeExr, string]>([
    ["an inverted data window", { parts: [{ channels: RGB, dataWindow: box(10, 0, 0, 10) }] }, "picture/damaged"],
    [
      "a side of 100 million",
      { parts: [{ channels: RGB, dataWindow: box(0, 0, 99_999_999, 1) }] },
      "picture/over-limit",
    ],
    ["a huge area", { parts: [{ channels: RGB, displayWindow: box(0, 0, 60_000, 60_000) }] }, "picture/over-limit"],
    [
      "far coordinates",
      { parts: [{ channels: RGB, dataWindow: box(2 ** 31 - 9, 0, 2 ** 31 - 1, 9) }] },
      "picture/over-limit",
    ],
    [
      "tiles of size 0",
      { flags: 0x200, parts: [{ channels: RGB, attributes: [["tiles", "tiledesc", new Uint8Array(9)]] }] },
      "picture/damaged",
    ],
    [
      "an offset table beyond the file",
      { parts: [{ channels: RGB, dataWindow: box(0, 0, 9, 9999) }], tailBytes: 100 },
      "picture/damaged",
    ],
    ["no channel list", { parts: [{ channels: RGB, without: ["channels"] }] }, "picture/damaged"],
    ["one channel twice", { parts: [{ channels: ["R", "R"] }] }, "picture/damaged"],
    ["a sampling of 0", { parts: [{ channels: [{ name: "R", sampling: 0 }] }] }, "picture/damaged"],
    ["a pixel type of 9", { parts: [{ channels: [{ name: "R", pixelType: 9 }] }] }, "picture/damaged"],
    ["flags of the future", { flags: 0x8000, parts: [{ channels: RGB }] }, "picture/unsupported"],
    ["no parts in a multi-part file", { flags: 0x1000, parts: [] }, "picture/damaged"],
    [
      "a part type that nobody knows",
      { flags: 0x800, parts: [{ channels: RGB, attributes: [string("type", "holo")] }] },
      "picture/unsupported",
    ],
    ["an attribute twice", withAttribute(["a", "int", ints(1)], ["a", "int", ints(2)]), "picture/damaged"],
    [
      "4,097 channels",
      { parts: [{ channels: Array.from({ length: 4097 }, (_, n) => `c${n}`) }], tailBytes: 100_000 },
      "picture/over-limit",
    ],
  ])("with %s ends as %s", (_, made, code) => {
    expect(failureCode(read(made))).toBe(code)
  })

  it("whose attribute claims two gigabytes ends without asking for them", () => {
    const bytes = exrFile(withAttribute(["big", "string", Uint8Array.of(1)]))
    const at = Buffer.from(bytes).indexOf("big\0string\0") + 11
    new DataView(bytes.buffer).setInt32(at, 0x7fffffff, true)
    expect(failureCode(readHeader(firstBytes(bytes, bytes.length), "a.exr"))).toBe("picture/damaged")
    expect(failureCode(readHeader(firstBytes(bytes, 2 ** 40), "a.exr"))).toBe("picture/over-limit")
  })

  it("with a name that never ends stops after its 255 bytes", () => {
    const bytes = joined([Uint8Array.of(0x76, 0x2f, 0x31, 0x01), ints(0x402), new Uint8Array(10_000_000).fill(65)])
    expect(failureCode(readHeader(firstBytes(bytes, bytes.length), "a.exr"))).toBe("picture/damaged")
  })

  it("that lies at a version of 3 is not read as version 2", () => {
    const bytes = exrFile({ parts: [{ channels: RGB }] })
    bytes[4] = 3
    expect(failureCode(readHeader(firstBytes(bytes, bytes.length), "a.exr"))).toBe("picture/unsupported")
  })
})

describe("an EXR header of which only the beginning is there", () => {
  it("asks for more until it is complete, and then reads the same", () => {
    const bytes = exrFile(withAttribute(string("comment", "x".repeat(3000))))
    let have = 16
    let outcome = readHeader(firstBytes(bytes.subarray(0, have), bytes.length), "a.exr")
    while (outcome.kind === "needMoreBytes") {
      const end = outcome.need.offset + outcome.need.lengthBytes
      expect(end).toBeGreaterThan(have)
      have = end
      outcome = readHeader(firstBytes(bytes.subarray(0, have), bytes.length), "a.exr")
    }
    expect(outcome).toEqual(readHeader(firstBytes(bytes, bytes.length), "a.exr"))
    expect(have).toBeLessThan(bytes.length)
  })

  it("is damaged when the file has no more to give", () => {
    const bytes = exrFile({ parts: [{ channels: RGB }] }).subarray(0, 150)
    expect(failureCode(readHeader(firstBytes(bytes, bytes.length), "a.exr"))).toBe("picture/damaged")
  })
})

describe.skipIf(!hasCorpus)("the damaged EXRs of the corpus (skipped where the corpus is absent)", () => {
  it.each(corpusNames("openexr-images/Damaged"))("%s ends as a header or a typed failure", (name) => {
    const bytes = corpusBytes(`openexr-images/Damaged/${name}`)
    const outcome = readHeader(firstBytes(bytes, bytes.length), `${name}.exr`, DEFAULT_LIMITS)
    expect(outcome.kind).not.toBe("needMoreBytes")
    if (outcome.kind === "failed") expect(outcome.failure.code).toMatch(/^picture\//)
  })
})
