import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { done, type FailureCode, failed, failure } from "../../../events/result.ts"
import { failureOf, unwrap } from "../../../events/testing/results.ts"
import type { IllustrationOrder, MovieDrawing } from "../../index.ts"
import { illustrate } from "./illustrate.ts"
import type { SheetOrder } from "./order.ts"

const folder = mkdtempSync(join(tmpdir(), "illustrate-"))
afterAll(() => rmSync(folder, { recursive: true }))

const refused = (code: FailureCode) => failed(failure(code, "It is made to fail."))

const THUMBNAIL = { width: 256, height: 256, picture: { x: 0, y: 56, width: 256, height: 144 } }

/** Frames 1001 to 1005, without the third; what stands for a picture is its number. */
const order = (with_: Partial<IllustrationOrder> = {}): IllustrationOrder => ({
  ...{ found: Float64Array.of(1001, 1002, 1004, 1005), range: { first: 1001, last: 1005 }, gaps: "hold" },
  movie: {
    width: 1920,
    height: 1080,
    rate: { num: 24, den: 1 },
    timecode: "00:00:41:17",
    frames: 5,
    sound: null,
    warnings: [],
  },
  ...{ poster: "middle", folder, sheetName: "beauty_sprites.jpg", signal: new AbortController().signal },
  thumbnailOf: () => THUMBNAIL,
  readThumbnail: async (picture) => done(Buffer.from(`thumbnail ${picture}`)),
  readProxy: async (picture) => done(Buffer.from(`proxy ${picture}`)),
  ...with_,
})

/** Draws nothing, and remembers what it was told. */
function watched(with_: Partial<MovieDrawing> = {}) {
  const sheets: { readonly order: SheetOrder; readonly texts: readonly (string | null)[] }[] = []
  const posters: string[] = []
  const drawing: MovieDrawing = {
    black: () => Promise.reject(new Error("Nothing is encoded for what stands for a movie.")),
    async sheet(asked) {
      const bytes = readFileSync(asked.file)
      const texts = asked.cells.map((cell) =>
        cell === null ? null : bytes.toString("utf8", cell.offset, cell.offset + cell.sizeBytes),
      )
      sheets.push({ order: asked, texts })
      return done({
        jpeg: Buffer.from("sheet"),
        looks: texts.map((text) => (text === null ? null : { peak: 9, hash: text })),
      })
    },
    async poster({ movieFile, width, height }) {
      posters.push(`${readFileSync(movieFile, "utf8")} at ${width}x${height}`)
      return done(Buffer.from("poster"))
    },
    ...with_,
  }
  return { drawing, sheets, posters }
}

describe("what stands for a movie", () => {
  it("is drawn of the frames that it shows: a poster of its size, a sheet, and its cues", async () => {
    const { drawing, sheets, posters } = watched()
    const { files, warnings, looks } = unwrap(await illustrate(order(), drawing))
    expect(posters).toEqual(["proxy 2 at 1920x1080"])
    expect(sheets[0]?.texts).toEqual([0, 1, 2, 3].map((picture) => `thumbnail ${picture}`))
    expect([files.poster, files.sprites].map((path) => readFileSync(path ?? "", "utf8"))).toEqual(["poster", "sheet"])
    expect(readFileSync(files.sprites_vtt ?? "", "utf8")).toContain(
      "00:00:00.041 --> 00:00:00.125\nbeauty_sprites.jpg#",
    )
    expect(warnings).toEqual([])
    expect([...looks.keys()]).toEqual([0, 1, 2, 3])
  })

  it.each([
    ["first", 1002, 1004, 1],
    ["last", 1002, 1004, 2],
    [1003, 1001, 1005, 1],
    ["middle", 1004, 1005, 3],
  ] as const)("has the poster that is asked for: %s of %i to %i", async (poster, first, last, picture) => {
    const { drawing, posters } = watched()
    unwrap(await illustrate(order({ poster, range: { first, last } }), drawing))
    expect(posters).toEqual([`proxy ${picture} at 1920x1080`])
  })

  it.each(["tool/failed", "tool/missing", "tool/crashed"] as const)("is left out with a warning: %s", async (code) => {
    const { drawing } = watched({ sheet: async () => refused(code), poster: async () => refused(code) })
    const { files, warnings } = unwrap(await illustrate(order(), drawing))
    expect(files).toEqual({})
    expect(warnings).toEqual([`The poster could not be made: ${code}.`, `The scrub sheet could not be made: ${code}.`])
  })

  it("is drawn once more where a process was killed", async () => {
    let tries = 0
    const { drawing } = watched({
      poster: async () => (++tries === 1 ? refused("tool/crashed") : done(Buffer.from("poster"))),
    })
    expect(unwrap(await illustrate(order(), drawing))).toMatchObject({
      warnings: [],
      files: { poster: expect.anything() },
    })
  })

  it("names frames whose thumbnails are gone, and keeps the rest", async () => {
    const { drawing, sheets } = watched()
    const gone = new Set([0, 3])
    const { files, warnings } = unwrap(
      await illustrate(
        order({
          readThumbnail: async (picture) => (gone.has(picture) ? refused("store/missing") : done(Buffer.from("here"))),
        }),
        drawing,
      ),
    )
    expect(sheets[0]?.texts).toEqual([null, "here", "here", null])
    expect(files.sprites).toBeDefined()
    expect(warnings).toEqual(["Black on the scrub sheet, for want of a thumbnail: frames 1001,1005."])
  })

  it("has no sheet where no frame tells of its thumbnail", async () => {
    const { drawing, sheets } = watched()
    const { files, warnings } = unwrap(await illustrate(order({ thumbnailOf: () => null }), drawing))
    expect(Object.keys(files)).toEqual(["poster"])
    expect(warnings).toEqual(["The scrub sheet could not be made: no frame tells of its thumbnail."])
    expect(sheets).toEqual([])
  })

  it("waits for a store that is away, and stops when it is told to", async () => {
    const { drawing } = watched()
    const away = async () => refused("store/unreachable")
    expect(failureOf(await illustrate(order({ readThumbnail: away }), drawing)).code).toBe("store/unreachable")
    expect(failureOf(await illustrate(order({ readProxy: away }), drawing)).code).toBe("store/unreachable")
    const stopped = watched({ poster: async () => refused("stopped") })
    expect(failureOf(await illustrate(order(), stopped.drawing)).code).toBe("stopped")
  })
})
