import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { DISPLAY_CODES, PATTERN_CODES } from "../src/picture/testing/pattern.ts"
import { factsOf, failuresOf, rowsOf } from "./machine/answers.ts"
import { FULL_PROXIES } from "./machine/frames.ts"
import { run } from "./machine/process.ts"

const CASES = fileURLToPath(new URL("../../shared/cases/", import.meta.url))
const hasCases = existsSync(CASES)
if (!hasCases) process.stderr.write("The shared cases are not on this machine: their pictures are left out here.\n")

type Codes = readonly (readonly number[])[]
const grey = (...codes: readonly number[]): Codes => codes.map((code) => [code, code, code])

/** What their README says that the middles of the four quadrants show, within 4 codes; null where it names no colour. */
const RIGHT: Readonly<Record<string, Codes | null>> = {
  "d01_y10_unpadded.dpx": grey(230, 26, 76, 153),
  "d03_elem_offset_0.dpx": DISPLAY_CODES,
  "e14_renderman_ci.exr": PATTERN_CODES,
  "e42_part_name_data_word.exr": PATTERN_CODES,
  "long8_2p53m1.tif": DISPLAY_CODES,
  "t01b_reduced_second.tif": DISPLAY_CODES,
  "t07_tag_beyond.tif": DISPLAY_CODES,
  "t_adobe_rgb.tif": [[255, 19, 19], [0, 180, 0], [19, 19, 235], ...grey(129)],
  "t_many_pages.tif": null,
  "x_mip.exr": PATTERN_CODES,
}

describe.skipIf(!hasCases)("one run over the reported pictures", () => {
  const home = mkdtempSync(join(tmpdir(), "cases-"))
  const dir = join(home, "cases")
  const pictures = hasCases ? readdirSync(CASES).filter((name) => /\.(dpx|exr|tif)$/.test(name)) : []

  beforeAll(async () => {
    mkdirSync(dir)
    for (const name of pictures) copyFileSync(join(CASES, name), join(dir, name))
    await run(["run", dir, "--scratch", join(home, "scratch"), "--proxy-preset", "ultrafast"], { env: FULL_PROXIES })
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it("makes all of them, each of which has its right result here", async () => {
    expect(await failuresOf({ dir })).toEqual([])
    expect((await rowsOf({ dir })).map(({ s3_key }) => s3_key).sort()).toEqual([...pictures].sort())
    expect(Object.keys(RIGHT).sort()).toEqual([...pictures].sort())
  })

  it("shows in each quadrant what it is to show", async () => {
    const off: string[] = []
    for (const { s3_key, thumbnail_s3_key } of await rowsOf({ dir })) {
      const right = RIGHT[s3_key] ?? []
      const { data } = await sharp(join(dir, thumbnail_s3_key)).raw().toBuffer({ resolveWithObject: true })
      const found = [64, 192].flatMap((y) =>
        [64, 192].map((x) => [...data.subarray((y * 256 + x) * 3, (y * 256 + x) * 3 + 3)]),
      )
      const worst = Math.max(
        0,
        ...right.flatMap((codes, at) => codes.map((code, c) => Math.abs(code - (found[at]?.[c] ?? 0)))),
      )
      if (worst > 4) off.push(`${s3_key}: ${found.join(" | ")}`)
    }
    expect(off).toEqual([])
  })

  it("warns of the tag that points beyond the end", async () => {
    const facts = await factsOf({ dir }, "proxy-made")
    expect(facts.find(({ element }) => element.key === "t07_tag_beyond.tif")?.warnings.length).toBeGreaterThan(0)
  })
})
