import { copyFile, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { ByProfile } from "../../../element/profiles.ts"
import { renderArgs } from "../../engines/oiiotool/oiiotool-args.ts"
import { type OutputPlan, type PicturePlan, sameBox } from "../../engines/plan.ts"
import type { EngineFixture } from "../../engines/testing/engine-fixture.ts"
import { boxHeight, boxWidth } from "../../read/header/model.ts"
import type { SampleReader } from "../../samples/index.ts"
import type { PixelPictures } from "../pictures.ts"
import { bytesOf, floatsOf, type PlainTiff, wordsOf } from "../plain-tiff.ts"
import { inputOf, pixelPlan, type ReadyLook } from "../plan.ts"
import { renderPixels } from "../render.ts"
import { plainLooks } from "./corpus-plans.ts"
import { interleavedReader } from "./interleaved.ts"

/** Name of the bundled config in a fixture's folder. */
export const CONFIG = "proxy.ocio"

export type OraclePictures = { readonly proxy: PlainTiff<Uint16Array>; readonly thumbnail: PlainTiff<Uint8Array> }

/** What the recipe makes of a file before anything is encoded: oiiotool with the recipe's own arguments. */
export async function byRecipe(fixture: EngineFixture, plan: PicturePlan, source: string): Promise<OraclePictures> {
  await layOutConfig(fixture)
  const args = renderArgs(plan, { source, of: ({ name }) => `oracle-${name}.tif` }, 3)
  const isJpeg = (arg: string): boolean => arg.startsWith("jpeg:")
  await fixture.oiiotool(...args.map((arg) => (isJpeg(arg) ? "none" : arg)))
  return {
    proxy: plain(wordsOf(await readFile(join(fixture.folder, "oracle-proxy.tif")))),
    thumbnail: plain(bytesOf(await readFile(join(fixture.folder, "oracle-thumbnail.tif")))),
  }
}

function plain<Samples>(picture: PlainTiff<Samples> | null): PlainTiff<Samples> {
  if (picture === null) throw new Error("oiiotool wrote another kind of TIFF.")
  return picture
}

export const layOutConfig = (fixture: EngineFixture): Promise<void> =>
  copyFile(new URL(`../../${CONFIG}`, import.meta.url), join(fixture.folder, CONFIG))

/** What the pixel path makes of the same plan. */
export function byPixelPath(reader: SampleReader, plan: PicturePlan, looks?: ByProfile<ReadyLook>): PixelPictures {
  const input = inputOf(plan, CONFIG)
  const pixels = pixelPlan(plan, { input, looks: looks ?? plainLooks(plan, input, CONFIG), keepsRgb16: true })
  if (pixels === null) throw new Error(`${plan.input.space} cannot be made linear here.`)
  const made = renderPixels(reader, pixels)
  if (!made.ok) throw new Error(made.failure.says)
  return made.value
}

/** A reader over samples that oiiotool has read: stands in for the readers of files. */
export async function dumpedReader(fixture: EngineFixture, plan: PicturePlan, source: string): Promise<SampleReader> {
  const { selection } = plan
  const [red, green, blue] = selection.channels
  const part = selection.part > 0 ? ["--subimage", String(selection.part)] : []
  const flat = selection.deep ? ["--flatten"] : []
  const origin = ["--origin", "+0+0", "--fullpixels", "-d", "float", "--scanline", "--compression", "none"]
  await layOutConfig(fixture)
  await fixture.oiiotool(
    ...["--colorconfig", CONFIG, source, ...part, ...flat, "--ch", `R=${red},G=${green},B=${blue}`],
    ...[...origin, "-o", "samples.tif"],
  )
  const { width, height, samples } = plain(floatsOf(await readFile(join(fixture.folder, "samples.tif"))))
  const { dataWindow } = selection
  if (!sameBox(dataWindow, { ...dataWindow, xMax: dataWindow.xMin + width - 1, yMax: dataWindow.yMin + height - 1 })) {
    throw new Error(
      `The data window is ${boxWidth(dataWindow)}x${boxHeight(dataWindow)}, oiiotool's ${width}x${height}.`,
    )
  }
  return interleavedReader({ width, height, samples })
}

/** Peak signal-to-noise ratio, dB; infinite for equal pictures. */
export function psnrOf(a: ArrayLike<number>, b: ArrayLike<number>, peak: number): number {
  if (a.length !== b.length) throw new Error(`${a.length} samples against ${b.length}.`)
  let squares = 0
  for (let at = 0; at < a.length; at++) squares += ((a[at] ?? 0) - (b[at] ?? 0)) ** 2
  return 10 * Math.log10(peak ** 2 / (squares / a.length))
}

/** Peak signal-to-noise ratios of the proxy's picture and of the thumbnail, dB. */
export type Compared = { readonly proxyDb: number; readonly thumbnailDb: number }

function thumbnailOf({ smaller }: PicturePlan): OutputPlan {
  const thumbnail = smaller.find(({ name }) => name === "thumbnail")
  if (thumbnail === undefined) throw new Error("No thumbnail is planned.")
  return thumbnail
}

/**
 * Compares the pictures themselves: where a size is no round multiple, oiiotool's resize may add a row or column to the
 * thumbnail, which then stands outside the picture.
 */
export function compare(made: PixelPictures, { proxy, thumbnail }: OraclePictures, plan: PicturePlan): Compared {
  const inside = (rgb: Uint8Array): number[] => {
    const { x, y, width, height } = thumbnailOf(plan).rectangle
    return Array.from({ length: height }, (_, row) => {
      const from = ((y + row) * thumbnail.width + x) * 3
      return [...rgb.subarray(from, from + width * 3)]
    }).flat()
  }
  return {
    proxyDb: psnrOf(made.mainRgb16 ?? [], proxy.samples, 65_535),
    thumbnailDb: psnrOf(inside(made.canvases.thumbnail), inside(thumbnail.samples), 255),
  }
}
