import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { DEFAULT_LIMITS } from "../read/header/limits.ts"
import { exrFile, type MadeAttribute, type MadePart, string, texts } from "../read/header/testing/exr-file.ts"
import type { FrameFacts, FrameMetadata } from "./index.ts"
import { openMetadataWriter } from "./write.ts"

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const CORPUS = "../shared/corpus/openexr-images"
const hasCorpus = existsSync(at(CORPUS))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "metadata-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const facts = (key: string, format: string): FrameFacts => ({
  element: { bucket: "show", key },
  source: { sizeBytes: 1234, mtime: "2026-04-01T00:00:00+00:00" },
  selection: { timecode: "01:02:03:04", frameRate: { num: 24000, den: 1001 }, format },
  colorspace: { name: "ACEScg", evidence: "the header says so", rule: "metadata" },
  generatedAtUs: Date.UTC(2026, 3, 1) * 1000,
  generatorVersion: "3.0.0",
})

async function metadataOf(sourceFile: string, key = sourceFile.replace(/^.*\//, "sh010/")): Promise<FrameMetadata> {
  const toFile = join(folder, "metadata.json")
  const order = { sourceFile, toFile, facts: facts(key, /\.(.*?)$/.exec(key)?.[1] ?? "") }
  const { sizeBytes } = unwrap(await openMetadataWriter(DEFAULT_LIMITS).write(order))
  const text = readFileSync(toFile, "utf8")
  expect(Buffer.byteLength(text)).toBe(sizeBytes)
  return JSON.parse(text) as FrameMetadata
}

/** Flag of a file that holds deep samples. */
const DEEP = 0x800

const ofMade = (part: MadePart, flags = 0): Promise<FrameMetadata> => {
  const file = join(folder, "made.0042.exr")
  writeFileSync(file, exrFile({ flags, parts: [part] }))
  return metadataOf(file)
}

/** The contract's keys, in its order, and the types of their values; `?` where a header may say nothing. */
const FILE = {
  ...{ path: "string", format: "string", s3_bucket: "string", s3_key: "string", size_bytes: "number" },
  ...{ mtime: "string", frame_number: "number|null", multipart_count: "number", is_deep: "boolean" },
}
const PART = {
  ...{ part_index: "number", width: "number", height: "number", display_width: "number", display_height: "number" },
  ...{ data_x_offset: "number", data_y_offset: "number", part_name: "string?", view_name: "string?" },
  ...{ data_window: "object", display_window: "object", pixel_aspect_ratio: "number?", line_order: "string?" },
  ...{ compression: "string", color_space: "string?", render_software: "string?", is_tiled: "boolean" },
  ...{ tile_width: "number|null", tile_height: "number|null", tile_depth: "number|null", is_deep: "boolean" },
}
const CHANNEL = {
  ...{ part_index: "number", name: "string", layer_name: "string", component_name: "string", type: "string" },
  ...{ x_sampling: "number", y_sampling: "number" },
}
const AOV = {
  ...{ name: "string", part_index: "number", view: "string|null", components: "array", channel_group: "string" },
  ...{ channel_count: "number", data_type: "string", bit_depth: "number", depth_label: "string", category: "string" },
  ...{ is_beauty: "boolean", is_data: "boolean", color_space: "string", light_group: "string|null" },
  ...{ synthetic: "boolean", uncompressed_bytes: "number", pct_of_frame_logical: "number", ranks: "number?" },
}
const BLOCKS = {
  color: { color_space: "string?", transfer_function: "string?", primaries: "array?" },
  timecode: { value: "string?", rate: "number?" },
  sequence: { frame_number: "number?" },
  camera: {
    ...{ make: "string?", model: "string?", lens: "string?", exposure: "number?", fnumber: "number?", iso: "number?" },
  },
  production: { creator: "string?", copyright: "string?", description: "string?", software: "string?" },
  extraction: { tool: "string", tool_version: "string", timestamp: "string", warnings: "array" },
}
const KEYS = [
  ...["schema_version", "file", "parts", "channels", "aovs", "attributes", "color", "timecode", "sequence"],
  ...["camera", "production", "extraction", "errors"],
]

const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : (typeof value as string)

/** What of an object is not as these fields have it: its keys, their order, their types. */
function strayIn(value: object, fields: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.keys(value)
  const wanted = Object.keys(fields).filter((name) => !fields[name]?.endsWith("?") || name in value)
  const wrong = Object.entries(value).filter(([name, one]) => !fields[name]?.split(/[|?]/).includes(typeOf(one)))
  return [...(names.join() === wanted.join() ? [] : [names.join()]), ...wrong.map(([name]) => name)]
}

function expectContract(metadata: FrameMetadata): void {
  expect(Object.keys(metadata)).toEqual(KEYS)
  const { file, parts, channels, aovs, attributes, errors } = metadata
  const blocks = Object.entries(BLOCKS).map(([name, fields]) => [metadata[name as "color"], fields] as const)
  const rows = [
    [file, FILE] as const,
    ...parts.map((part) => [part, PART] as const),
    ...channels.map((channel) => [channel, CHANNEL] as const),
    ...aovs.map((aov) => [aov, AOV] as const),
    ...blocks,
  ]
  expect(rows.flatMap(([value, fields]) => strayIn(value, fields))).toEqual([])
  expect(attributes.parts.length).toBe(parts.length)
  for (const one of attributes.parts.flat()) expect(Object.keys(one)).toEqual(["name", "type", "value"])
  expect(metadata.schema_version).toBe(1)
  expect(errors).toEqual([])
  const share = aovs.reduce((sum, { pct_of_frame_logical }) => sum + pct_of_frame_logical, 0)
  expect(share).toBeCloseTo(100, 1)
}

describe("the metadata file of a real frame has the contract's keys, their order and types", () => {
  it.each([
    ["samples/openexr-images/Beachball/singlepart.0001.exr", "openexr", 1],
    ["samples/OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx", "dpx", null],
    ["samples/OpenImageIO-images/tiff/flower-rgb-contig-16.tif", "tiff", null],
  ])("%s", async (path, format, frame) => {
    const metadata = await metadataOf(at(path))
    expectContract(metadata)
    expect(metadata.file).toMatchObject({ format, frame_number: frame, s3_bucket: "show", size_bytes: 1234 })
    expect(metadata.timecode).toEqual({ value: "01:02:03:04", rate: 23.976 })
    expect(metadata.color).toMatchObject({ color_space: "ACEScg" })
    expect(metadata.extraction.warnings[0]).toBe("Colour space ACEScg: the header says so (metadata)")
  })

  it.skipIf(!hasCorpus)("one of several parts (skipped where ../shared/corpus is absent)", async () => {
    const metadata = await metadataOf(at(`${CORPUS}/Beachball/multipart.0001.exr`))
    expectContract(metadata)
    expect(metadata.aovs[0]).toMatchObject({ name: "rgba_right", view: "right", category: "beauty" })
    expect(metadata.aovs.map(({ part_index }) => part_index).toSorted()).toEqual([...Array(10).keys()])
  })

  it("one of a format without layers is one beauty that is made up", async () => {
    const { aovs } = await metadataOf(at("samples/OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx"))
    expect(aovs).toEqual([
      {
        ...{ name: "beauty", part_index: 0, view: null, components: ["R", "G", "B"], channel_group: "RGB" },
        ...{ channel_count: 3, data_type: "UINT16", bit_depth: 16, depth_label: "16u", category: "beauty" },
        ...{ is_beauty: true, is_data: false, color_space: "rec709_video", light_group: null, synthetic: true },
        ...{ uncompressed_bytes: 512 * 512 * 6, pct_of_frame_logical: 100 },
      },
    ])
  })
})

describe("AOVs", () => {
  const kindsOf = ({ aovs }: FrameMetadata) => aovs.map(({ name, category }) => `${name} ${category}`)

  it("are layers, lone channels by what they hold, and lights by their names", async () => {
    const layers = ["diffuse_key", "N", "denoise_albedo", "roto_mask", "custom"]
    const names = layers.flatMap((layer) => ["B", "G", "R"].map((component) => `${layer}.${component}`))
    const metadata = await ofMade({ channels: ["A", "B", "G", "R", "Z", ...names].toSorted() })
    expectContract(metadata)
    expect(kindsOf(metadata).toSorted()).toEqual([
      ...["N data", "beauty beauty", "custom utility", "denoise_albedo denoise"],
      ...["depth data", "diffuse_key light_group", "roto_mask matte"],
    ])
    expect(metadata.aovs.find(({ name }) => name === "diffuse_key")).toMatchObject({ light_group: "key" })
    expect(metadata.aovs.find(({ name }) => name === "N")).toMatchObject({ is_data: true, color_space: "raw" })
  })

  it("hold the ranks of a cryptomatte as one", async () => {
    const ranks = ["uCryptoObject00", "uCryptoObject01", "uCryptoObject02"]
    const channels = ranks.flatMap((rank) =>
      ["A", "B", "G", "R"].map((one) => ({ name: `${rank}.${one}`, pixelType: 2 })),
    )
    const metadata = await ofMade({ channels })
    expectContract(metadata)
    expect(metadata.aovs).toMatchObject([
      { name: "uCryptoObject", category: "crypto", components: ["R", "G", "B", "A"], channel_count: 12, ranks: 3 },
    ])
  })

  it("of a deep part are deep, and of both eyes two", async () => {
    const deep: MadeAttribute = string("type", "deepscanline")
    const made = await ofMade({ channels: ["diffuse.R", "Z"].toSorted(), attributes: [deep] }, DEEP)
    expect(made.file).toMatchObject({ is_deep: true })
    expect(kindsOf(made)).toContain("diffuse deep")
    const views: MadeAttribute = ["multiView", "stringvector", texts("right", "left")]
    const stereo = await ofMade({ channels: ["B", "G", "R", "left.B", "left.G", "left.R"], attributes: [views] })
    expect(stereo.aovs).toMatchObject([
      { name: "beauty", view: "right" },
      { name: "beauty", view: "left" },
    ])
  })
})

describe("a metadata file", () => {
  it("tells camera and production where the header does, and bytes of unknown types as base64", async () => {
    const attributes: readonly MadeAttribute[] = [
      ...[string("cameraModel", "ALEXA"), string("owner", "artist"), string("comments", "v012")],
      ["secret", "whatever", Uint8Array.of(1, 2, 255)],
    ]
    const metadata = await ofMade({ channels: ["B", "G", "R"], attributes })
    expectContract(metadata)
    expect(metadata.camera).toEqual({ model: "ALEXA" })
    expect(metadata.production).toEqual({ creator: "artist", description: "v012" })
    expect(metadata.attributes.parts[0]).toContainEqual({
      ...{ name: "secret", type: "WHATEVER", value: { encoding: "base64", data: "AQL/" } },
    })
  })

  it("says why there is no more where the header cannot be read", async () => {
    const file = join(folder, "a.exr")
    writeFileSync(file, "no picture")
    const metadata = await metadataOf(file)
    expect(Object.keys(metadata)).toEqual(KEYS)
    expect(metadata).toMatchObject({ parts: [], channels: [], aovs: [], errors: [expect.stringMatching(/./)] })
  })
})
