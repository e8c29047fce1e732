import { describe, expect, it } from "vitest"
import { sequenceRow } from "../../table/testing/rows.ts"
import { sequenceLine } from "./sequences.ts"
import { widthOf } from "./text-table.ts"

const long = "show/sequences/sh010/compositing/v002/"
const row = sequenceRow({
  folder: long,
  head: "sh010_beauty_right.",
  tail: ".exr",
  frames_made: "1001-1040",
  frames_missing: "1003",
  frames_failed: "",
  movie_key: `${long}.proxies/sh010_beauty_right_movie.mp4`,
})

describe("the line of a sequence", () => {
  it("is whole where nothing is drawn on a terminal", () => {
    expect(sequenceLine(row, null)).toBe(
      `${long}sh010_beauty_right.#.exr  1001-1040  missing 1003  ${long}.proxies/sh010_beauty_right_movie.mp4`,
    )
  })

  it.each([60, 80, 100, 132, 200])("fits %i columns by losing of both names' middles, never of its ranges", (width) => {
    const line = sequenceLine(row, width)
    expect(widthOf(line)).toBeLessThanOrEqual(width)
    expect(line).toContain("  1001-1040  missing 1003  ")
    expect(line).toMatch(/^show.*\.exr {2}.*mp4$/)
  })

  it("leaves what is short whole, for the other's good", () => {
    const line = sequenceLine({ ...row, folder: "", head: "a." }, 80)
    expect(line).toMatch(/^a\.#\.exr {2}/)
    expect(widthOf(line)).toBe(80)
  })

  it("keeps the whole sentence that says why there is no movie", () => {
    const failed = {
      movie_key: null,
      failure_code: "movie/held",
      failure_says: "A sentence that is as long as it has to be.",
    }
    expect(sequenceLine({ ...row, ...failed }, 60)).toContain(`no movie: movie/held: ${failed.failure_says}`)
  })

  it("shows no control characters of names", () => {
    expect(sequenceLine({ ...row, folder: "a\u001b[31m/" }, 80)).not.toContain("\u001b")
  })
})
