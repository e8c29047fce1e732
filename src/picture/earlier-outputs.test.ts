import { describe, expect, it } from "vitest"
import { done, failed, failure } from "../events/result.ts"
import { changesSince, type EarlierOutputs, openEarlierOutputsCheck, type Today } from "./earlier-outputs.ts"
import { DEFAULT_LIMITS } from "./read/header/limits.ts"
import { exrFile, type MadeExr, type MadePart, string } from "./read/header/testing/exr-file.ts"
import { BUNDLED_BEFORE, CHANGES, RECIPES } from "./recipes.ts"
import { readingOf } from "./testing/readings.ts"

const NOW = "fedcba9876543210"
const [BEFORE = ""] = BUNDLED_BEFORE
const TODAY: Today = {
  recipe: RECIPES.inProcess,
  configHash: NOW,
  isBundled: true,
  limits: DEFAULT_LIMITS,
  ownReaders: true,
}
const COLOUR = { inputSpace: null, look: "un-tone-mapped", cameraTokens: false }
const PLAIN: MadeExr = { parts: [{ channels: ["R", "G", "B"] }] }

/** Outputs of the recipe before, which read the file as today's does. */
function earlierOf(file: MadeExr, said: Partial<EarlierOutputs> = {}): EarlierOutputs {
  const { selection, colorspace } = readingOf(exrFile(file), "a.exr", { configHash: BEFORE })
  return { recipe: 2, selection, colorspace, allBlack: false, ...said }
}

function ask(file: MadeExr, earlier: EarlierOutputs, today: Partial<Today> = {}) {
  const bytes = exrFile(file)
  const spans: number[] = []
  const readSpan = ({ offset, lengthBytes }: { readonly offset: number; readonly lengthBytes: number }) => {
    spans.push(lengthBytes)
    return Promise.resolve(done(bytes.subarray(offset, offset + lengthBytes)))
  }
  const source = { sizeBytes: bytes.length, readSpan }
  const request = { key: "a.exr", statedSpace: null, colour: COLOUR }
  const answer = openEarlierOutputsCheck({ ...TODAY, ...today })({ source, request, earlier })
  return { answer, spans }
}

const isKept = async (...asked: Parameters<typeof ask>): Promise<boolean> => {
  const answer = await ask(...asked).answer
  if (!answer.ok) throw new Error(answer.failure.says)
  return answer.value
}

const attributed = (...attributes: NonNullable<MadePart["attributes"]>): MadeExr => ({
  parts: [{ channels: ["R", "G", "B"], attributes }],
})

describe("outputs of an earlier recipe", () => {
  it("stay where the header says that the same is shown in the same colours", async () => {
    expect(await isKept(PLAIN, earlierOf(PLAIN))).toBe(true)
  })

  it("stay where only the heads of movies were written otherwise, of finished pictures, too", async () => {
    const finished = attributed(string("colorInteropID", "srgb_rec709_scene"))
    expect(await isKept(finished, earlierOf(finished, { recipe: 4 }))).toBe(true)
  })

  it("are made again where another picture of the file is shown today", async () => {
    const earlier = earlierOf(PLAIN)
    const other = { ...earlier, selection: { ...earlier.selection, channels: ["Albedo.R", "Albedo.G", "Albedo.B"] } }
    expect(await isKept(PLAIN, other)).toBe(false)
    const slow = { ...earlier, selection: { ...earlier.selection, frameRate: { num: 1, den: 1 } } }
    expect(await isKept(PLAIN, slow)).toBe(false)
  })

  it("are made again where the colours mean something else today", async () => {
    const stated: MadeExr = {
      parts: [{ channels: ["R", "G", "B"], attributes: [string("colorInteropID", "lin_adobergb_scene")] }],
    }
    expect(await isKept(stated, earlierOf(PLAIN))).toBe(false)
    expect(await isKept(stated, earlierOf(stated))).toBe(true)
  })

  it.each<readonly [string, MadeExr]>([
    ["a finished picture", attributed(string("colorInteropID", "srgb_rec709_scene"))],
    ["a name with signs in it", { parts: [{ channels: ["a,b.R", "a,b.G", "a,b.B"] }] }],
  ])("are made again where a change since then touches %s", async (_, file) => {
    expect(await isKept(file, earlierOf(file))).toBe(false)
  })

  it("are made again where they are black: that was believed too easily", async () => {
    expect(await isKept(PLAIN, earlierOf(PLAIN, { allBlack: true }))).toBe(false)
  })

  it("are made again where nothing is known of the recipe or the config, and no header is read for it", async () => {
    const foreign = { ...earlierOf(PLAIN).colorspace, configHash: "0000000000000000" }
    for (const { answer, spans } of [
      ask(PLAIN, earlierOf(PLAIN, { recipe: 1 })),
      ask(PLAIN, earlierOf(PLAIN, { recipe: 99 })),
      ask(PLAIN, earlierOf(PLAIN, { colorspace: foreign })),
      ask(PLAIN, earlierOf(PLAIN), { isBundled: false }),
    ]) {
      expect(await answer).toEqual(done(false))
      expect(spans).toEqual([])
    }
  })

  it("cost 64 KiB of the source", async () => {
    const { answer, spans } = ask({ ...PLAIN, tailBytes: 200_000 }, earlierOf({ ...PLAIN, tailBytes: 200_000 }))
    expect(await answer).toEqual(done(true))
    expect(spans).toEqual([64 * 1024])
  })

  it("wait where the store is away, and are made anew where the header cannot be read", async () => {
    const earlier = earlierOf(PLAIN)
    const request = { key: "a.exr", statedSpace: null, colour: COLOUR }
    const away = failed(failure("store/unreachable", "The store does not answer."))
    const source = { sizeBytes: 100, readSpan: () => Promise.resolve(away) }
    expect(await openEarlierOutputsCheck(TODAY)({ source, request, earlier })).toEqual(away)
    const nothing = { sizeBytes: 3, readSpan: () => Promise.resolve(done(new Uint8Array(3))) }
    expect(await openEarlierOutputsCheck(TODAY)({ source: nothing, request, earlier })).toEqual(done(false))
  })
})

describe("the changes of the recipes", () => {
  it("lead from the recipes of earlier releases to today's", () => {
    expect(changesSince(1, RECIPES.oiiotool)?.map(({ after }) => after)).toEqual([3, RECIPES.oiiotool])
    expect(changesSince(2, RECIPES.inProcess)?.map(({ after }) => after)).toEqual([4, RECIPES.inProcess])
    expect(changesSince(RECIPES.inProcess, RECIPES.inProcess)).toEqual([])
  })

  it("never lead from one engine to the other", () => {
    expect([changesSince(1, RECIPES.inProcess), changesSince(2, RECIPES.oiiotool)]).toEqual([null, null])
  })

  it("add up over several releases", () => {
    const later = [...CHANGES, { before: RECIPES.inProcess, after: 99, differs: () => false }]
    expect(changesSince(4, 99, later)?.map(({ after }) => after)).toEqual([RECIPES.inProcess, 99])
  })
})
