import { join } from "node:path"
import { decodeJpeg, type EngineFixture, pixel, type Triple } from "../engines/testing/engine-fixture.ts"
import { SETTINGS } from "../engines/testing/readings.ts"
import type { Reading, Rendered } from "../model.ts"

/** Linear light of the four quadrants: top left, top right, bottom left, bottom right. */
export const PATTERN_LIGHT = [
  [0.8, 0.05, 0.05],
  [0.05, 0.6, 0.1],
  [0.1, 0.1, 0.9],
  [0.18, 0.18, 0.18],
] as const

/** The same as sRGB codes in a thumbnail. */
export const PATTERN_CODES: readonly Triple[] = [
  [231, 63, 63],
  [63, 203, 89],
  [89, 89, 243],
  [118, 118, 118],
]

/** Code values of the pattern in files that are shown as they are, and what a thumbnail shows of them. */
const DISPLAY = [
  [0.9, 0.1, 0.1],
  [0.1, 0.7, 0.1],
  [0.1, 0.1, 0.9],
  [0.5, 0.5, 0.5],
] as const
export const DISPLAY_CODES: readonly Triple[] = [
  [230, 26, 26],
  [26, 178, 26],
  [26, 26, 230],
  [128, 128, 128],
]

/** Arguments that draw the pattern, 64x64: as linear light, or as codes. */
export const patternArgs = (kind: "light" | "display" = "light"): readonly string[] => {
  const [first, ...rest] = kind === "light" ? PATTERN_LIGHT : DISPLAY
  const at = ["32x32+32+0", "32x32+0+32", "32x32+32+32"]
  return [
    ...["--pattern", `constant:color=${first.join()}`, "64x64", "3"],
    ...rest.flatMap((colour, index) => [`--fill:color=${colour.join()}`, at[index] ?? ""]),
  ]
}

export type ShownPattern = { readonly reading: Reading; readonly made: Rendered; readonly codes: readonly Triple[] }

/** Reads and renders a file of the fixture, or one with an absolute path; the codes in the middle of the four quadrants. */
export async function shownPattern(fixture: EngineFixture, file: string): Promise<ShownPattern> {
  const sourceFile = file.startsWith("/") ? file : join(fixture.folder, file)
  const read = await fixture.engine.read({ sourceFile, key: file, statedSpace: null, colour: SETTINGS.colour })
  if (!read.ok) throw new Error(`${file}: ${read.failure.code}: ${read.failure.says}`)
  const made = await fixture.render(sourceFile, read.value)
  const thumbnail = await decodeJpeg(made.files.thumbnail.path)
  const codes = [64, 192].flatMap((y) => [64, 192].map((x) => pixel(thumbnail, x, y)))
  return { reading: read.value, made, codes }
}

/** The largest difference of any channel of any quadrant, codes. */
export const worst = (codes: readonly Triple[], expected: readonly Triple[]): number =>
  Math.max(...codes.flatMap((code, at) => code.map((value, c) => Math.abs(value - (expected[at]?.[c] ?? 0)))))
