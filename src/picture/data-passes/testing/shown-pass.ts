import { join } from "node:path"
import { expect } from "vitest"
import { decodeJpeg, distance, type EngineFixture, pixel, type Triple } from "../../engines/testing/engine-fixture.ts"
import { SETTINGS } from "../../engines/testing/readings.ts"
import type { ColourSettings, PictureChoice, Rendered } from "../../model.ts"

const SMALL = { proxyPreset: "ultrafast", proxyWidthPx: 320, proxyHeightPx: 180 }

export type ShownPass = {
  readonly made: Rendered
  readonly says: string
  readonly at: (x: number, y: number) => Triple
}

type PassOptions = { readonly choice?: PictureChoice; readonly colour?: Partial<ColourSettings> }

/** Reads and renders a file; `at` is a pixel of the thumbnail's picture, from 0 to 1 across and down. */
export async function shownPass(fixture: EngineFixture, file: string, asked: PassOptions = {}): Promise<ShownPass> {
  const sourceFile = join(fixture.folder, file)
  const { choice = {} } = asked
  const colour = { ...SETTINGS.colour, ...asked.colour }
  const read = await fixture.engine.read({ sourceFile, key: file, statedSpace: null, colour, choice })
  if (!read.ok) throw new Error(`${file}: ${read.failure.code}: ${read.failure.says}`)
  const made = await fixture.render(file, read.value, { choice, colour, ...SMALL })
  const thumbnail = await decodeJpeg(made.files.thumbnail.path)
  const { picture } = made.files.thumbnail
  const place = (start: number, size: number, share: number): number =>
    Math.min(start + size - 1, Math.floor(start + share * size))
  const says = [read.value.selection.reason, read.value.colorspace.evidence, ...made.warnings].join(" ")
  return {
    made,
    says,
    at: (x, y) => pixel(thumbnail, place(picture.x, picture.width, x), place(picture.y, picture.height, y)),
  }
}

export const grey = (share: number): Triple => [share * 255, share * 255, share * 255]
export const near = (a: Triple, b: Triple, most = 3): void => expect(distance(a, b)).toBeLessThanOrEqual(most)
