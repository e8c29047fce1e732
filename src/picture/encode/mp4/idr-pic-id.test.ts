import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { payloadStart, withEmulationPrevention, withoutEmulationPrevention } from "./bits.ts"
import { idrPicIdRewriter } from "./idr-pic-id.ts"
import { movieHead, oneFrameMovie } from "./index.ts"
import { NAL, nalType, sampleOf, unitsBehindLengths } from "./nal-units.ts"
import { decodedPictures, ffmpeg, samplesIn } from "./testing/ffmpeg.ts"

const SIZE = { width: 96, height: 56 }
const RATE = { num: 24, den: 1 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "idr-"))
})
afterAll(() => rm(folder, { recursive: true }))

/** The same grainy picture twice, or different ones, in one run of x264, which numbers them itself. */
async function encoded(settings: string, options: { differing?: number; size?: string; codec?: string[] } = {}) {
  const path = join(folder, `${crypto.randomUUID()}.mp4`)
  const { differing = 1, size = "96x56", codec = [] } = options
  await ffmpeg(
    ...["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=24,noise=alls=30:allf=t`],
    ...["-vf", `format=yuv420p${differing === 1 ? ",loop=loop=1:size=1:start=0" : ""}`],
    ...["-frames:v", String(Math.max(2, differing)), "-threads", "1", "-c:v", "libx264", "-preset", "veryfast"],
    ...["-qp", "20", ...codec, "-x264-params", `keyint=1:${settings}`, path],
  )
  const { avcC, samples } = await samplesIn(path)
  const rewrite = idrPicIdRewriter(avcC)
  if (rewrite === null) throw new Error("Slices of x264 can be rewritten.")
  const pictures = samples.map((sample) => slicesOf(sample))
  return { avcC, path, pictures, rewrite }
}

/** A sample without what x264 says of itself in the first. */
const slicesOf = (sample: Buffer): Buffer =>
  sampleOf((unitsBehindLengths(sample) ?? []).filter((unit) => nalType(unit) === NAL.idr))

/** Without the bit of no meaning that x264 puts behind a CABAC slice and derives from the frame's number. */
function unmarked(sample: Buffer | null): readonly Buffer[] {
  const units = sample === null ? null : unitsBehindLengths(sample)
  return (units ?? []).map((unit) => Buffer.from([...unit.subarray(0, -1), (unit.at(-1) ?? 0) & 0xfe]))
}

const KINDS: readonly [name: string, settings: string][] = [
  ["as proxies have them", ""],
  ["in CAVLC, whose bits all move", "cabac=0"],
  ["in CAVLC, in several slices", "cabac=0:slices=3"],
  ["in several slices", "slices=4"],
  ["without deblocking", "no-deblock=1"],
  ["with offsets of deblocking", "deblock=-3,2"],
  ["with scaling lists", "cqm=jvt"],
]

describe("consecutive pictures", () => {
  it.each(KINDS)("are numbered as x264 itself numbers them: %s", async (_, settings) => {
    const { pictures, rewrite } = await encoded(settings)
    const [first, second] = pictures
    if (first === undefined || second === undefined) throw new Error("Two pictures were encoded.")
    expect(first.equals(second)).toBe(false)
    expect(unmarked(rewrite(first, 1))).toEqual(unmarked(second))
    expect(unmarked(rewrite(second, 0))).toEqual(unmarked(first))
    expect(rewrite(first, 0)?.equals(first)).toBe(true)
  })

  it("of 150 different contents come back bit by bit, and are decoded as before", async () => {
    const { avcC, path, pictures, rewrite } = await encoded("", { differing: 150 })
    const other = pictures.map((picture, index) => rewrite(picture, index % 2 === 0 ? 1 : 0) ?? Buffer.alloc(1))
    other.forEach((picture, index) => {
      const back = rewrite(picture, index % 2 === 0 ? 0 : 1)
      expect(back?.equals(pictures[index] ?? Buffer.alloc(0))).toBe(true)
    })
    const format = { ...SIZE, rate: RATE, timecode: null, avcC }
    const storedBytes = Uint32Array.from(other, ({ length }) => length)
    const head = movieHead(format, { storedBytes, shown: storedBytes.map((_, index) => index), sync: null })
    const renumbered = join(folder, "renumbered.mp4")
    await writeFile(renumbered, Buffer.concat([head, ...other]))
    const sums = async (file: string) => (await decodedPictures(file)).map(([, sum]) => sum)
    expect(await sums(renumbered)).toEqual(await sums(path))
  })

  it.each(["", "cabac=0"])("of a held still differ in their number and in nothing else: %s", async (settings) => {
    const { avcC, pictures } = await encoded(settings)
    const held = join(folder, `held${settings}.mp4`)
    const [still = Buffer.alloc(0)] = pictures
    await writeFile(held, oneFrameMovie({ ...SIZE, rate: RATE, timecode: null, avcC }, still, 5))
    expect(new Set((await decodedPictures(held)).map(([, sum]) => sum)).size).toBe(1)
    const { said } = await ffmpeg("-i", held, "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-")
    expect([...said.matchAll(/idr_pic_id .* = (\d+)/g)].map(([, id]) => Number(id))).toEqual([0, 1, 0, 1, 0])
  })
})

describe("what cannot be rewritten is said", () => {
  it("of fields, whose slices are told otherwise", async () => {
    const path = join(folder, "fields.mp4")
    const input = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=24", "-vf", "format=yuv420p", "-frames:v", "1"]
    await ffmpeg(...input, "-c:v", "libx264", "-x264-params", "keyint=1:tff=1:interlaced=1", path)
    expect(idrPicIdRewriter((await samplesIn(path)).avcC)).toBeNull()
  })

  it("of pictures that need others", async () => {
    const path = join(folder, "long.mp4")
    const input = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=24", "-vf", "format=yuv420p", "-frames:v", "3"]
    await ffmpeg(...input, "-c:v", "libx264", path)
    const { avcC, samples } = await samplesIn(path)
    expect(samples.map((sample) => idrPicIdRewriter(avcC)?.(sample, 1) === null)).toEqual([false, true, true])
  })

  it("of bytes that are no sample, and of configurations that are none, whatever they hold", async () => {
    const { avcC, pictures, rewrite } = await encoded("")
    const [picture = Buffer.alloc(0)] = pictures
    expect(rewrite(picture.subarray(0, 50), 1)).toBeNull()
    expect(idrPicIdRewriter(Buffer.alloc(0))).toBeNull()
    const places = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(places, places, (inConfiguration, inSample) => {
        const damaged = idrPicIdRewriter(withBytes(avcC, inConfiguration))
        const answer = damaged?.(withBytes(picture, inSample), 1) ?? null
        expect(answer === null || answer.length > 0).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

function withBytes(bytes: Buffer, places: readonly [place: number, value: number][]): Buffer {
  const changed = Buffer.from(bytes)
  for (const [place, value] of places) if (place < changed.length) changed[place] = value
  return changed
}

describe("emulation prevention", () => {
  /** A payload ends with a bit that is set. */
  const payloads = fc.uint8Array({ maxLength: 300, max: 4 }).map((bytes) => Buffer.from([...bytes, 128]))

  it("comes back as it was, and holds no start code", () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const unit = withEmulationPrevention(payload)
        expect(withoutEmulationPrevention(unit)).toEqual(payload)
        expect([0, 1, 2].some((last) => unit.includes(Buffer.of(0, 0, last)))).toBe(false)
        expect(unit.at(-1)).not.toBe(0)
      }),
    )
  })

  it("can be written again for a start, behind which all bytes stay", () => {
    fc.assert(
      fc.property(payloads, fc.nat(120), payloads, (payload, least, other) => {
        const start = payloadStart(withEmulationPrevention(payload), least)
        const kept = payload.subarray(start.payload.length)
        const changed = Buffer.concat([other, start.payload.subarray(-1)])
        const unit = Buffer.concat([withEmulationPrevention(changed), start.behind])
        expect(withoutEmulationPrevention(unit)).toEqual(Buffer.concat([changed, kept]))
        expect([0, 1, 2].some((last) => unit.includes(Buffer.of(0, 0, last)))).toBe(false)
      }),
    )
  })
})
