import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { convert, openedWith, viewed } from "../engines/oiiotool/oiiotool-args.ts"
import { arriveAt, layOutLook, lookArgs } from "../looks/apply.ts"
import { apply, type Matrix, type Vector } from "../read/colour/matrix.ts"
import { spaceNamed } from "../read/colour/spaces.ts"
import { onScratch } from "../scratch.ts"
import { type Guards, type Limits, runTool } from "../tools/run-tool.ts"
import { decoder } from "./curve.ts"
import { type InputTransform, isMatrix, KNOWN_SPACES } from "./known-spaces.ts"
import { floatsOf, floatTiff } from "./plain-tiff.ts"
import type { BakedLook, BakeRequest } from "./plan.ts"

export type LutBaker = {
  readonly oiiotool: { readonly program: string; readonly version: { readonly major: number } }
  readonly limits: Limits
  readonly guards: Guards
  /** Folder in which a folder for the run is made and removed again. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** What oiiotool makes of colours. */
type Conversion = Pick<BakeRequest, "configPath" | "from" | "to" | "look">

export type Colours = Float32Array<ArrayBuffer>

/**
 * Sends colours (red, green, blue, one after the other) through a config, by running oiiotool on a picture of them.
 * Fails: tool/*, scratch/full, stopped.
 */
export function converted(colours: Colours, conversion: Conversion, baker: LutBaker): Promise<Result<Colours>> {
  return onScratch(async () => {
    const folder = await mkdtemp(join(baker.folder, "look-"))
    try {
      return await convertIn(folder, colours, { conversion, baker })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

type ConversionJob = { readonly conversion: Conversion; readonly baker: LutBaker }

async function convertIn(
  folder: string,
  colours: Colours,
  { conversion, baker }: ConversionJob,
): Promise<Result<Colours>> {
  const picture = { width: colours.length / 3 / ROWS, height: ROWS, samples: colours }
  await writeFile(join(folder, "colours.tif"), floatTiff(picture))
  const laidOut = conversion.look === undefined ? done(undefined) : await layOutLook(folder, conversion.look)
  if (!laidOut.ok) return laidOut
  const { oiiotool, limits, guards, signal } = baker
  const args = convertArgs(conversion, oiiotool.version.major)
  const ran = await runTool({ tool: "oiiotool", program: oiiotool.program, args, folder, limits, guards, signal })
  if (!ran.ok) return ran
  const written = floatsOf(await readFile(join(folder, "shown.tif")).catch(() => Buffer.alloc(0)))
  if (written?.width !== picture.width || written.height !== ROWS) return failed(NOT_WRITTEN)
  return done(Float32Array.from(written.samples))
}

const NOT_WRITTEN = failure("tool/failed", "oiiotool did not write the colours of a look as it was asked to.")

function convertArgs(conversion: Conversion, major: number): readonly string[] {
  const { configPath, from, to, look } = conversion
  const end = (at: string): readonly string[] => ("space" in to ? convert(at, to.space) : viewed(at, to, major))
  return [
    ...openedWith(configPath),
    "colours.tif",
    ...(look === undefined ? end(from) : [...convert(from, look.linearSpace), ...throughLook(look, conversion, end)]),
    ...["-d", "float", "--compression", "none", "--scanline", "-o", "shown.tif"],
  ]
}

function throughLook(
  look: BakedLook,
  { configPath }: Conversion,
  end: (at: string) => readonly string[],
): readonly string[] {
  const { codes, linearSpace } = look
  return [...lookArgs(look), ...(codes === null ? ["--colorconfig", configPath, ...end(linearSpace)] : arriveAt(codes))]
}

/** Colour samples are laid out in 65 rows because oiiotool limits the width of a picture. */
export const ROWS = 65

/** A space of a facility's own config, and linear Rec.709 as that config names it. */
type OwnSpace = { readonly configPath: string; readonly space: string; readonly linearSpace: string }

/**
 * Finds out whether the pixel path can make a facility's own space linear by itself: it sends colours through the
 * facility's config and looks whether a matrix explains them all, or the formula that is known under the space's name.
 * Null where neither does; then oiiotool converts each file first. Fails: tool/*, scratch/full, stopped.
 */
export async function probeInput(own: OwnSpace, baker: LutBaker): Promise<Result<InputTransform | null>> {
  const colours = probes()
  const light = await converted(colours, { ...own, from: own.space, to: { space: own.linearSpace } }, baker)
  if (!light.ok) return light
  const known = KNOWN_SPACES.get(spaceNamed(own.space)?.configSpace ?? own.space)
  const candidates = [{ curve: null, matrix: matrixFrom(light.value) }, ...(known === undefined ? [] : [known])]
  return done(candidates.find((transform) => explains(transform, colours, light.value)) ?? null)
}

/** Full red, green and blue, then others: below black, above white, dark. */
function probes(): Colours {
  const colours = Float32Array.from({ length: ROWS * 4 * 3 }, (_, at) => Math.fround(((at * 37) % 101) / 60 - 0.3))
  colours.set([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 2, 9, -1, 3, 0.5])
  return colours
}

/** What the three full colours become are the matrix's columns. */
const matrixFrom = (light: Colours): Matrix =>
  [0, 3, 6, 1, 4, 7, 2, 5, 8].map((at) => light[at] ?? 0) as unknown as Matrix

/** Rounding of single precision, and OpenColorIO's fast powers. */
const TOLERANCE = 1e-4

function explains({ curve, matrix }: InputTransform, colours: Colours, light: Colours): boolean {
  const decode = curve === null ? (value: number) => value : decoder(curve)
  for (let at = 0; at < colours.length; at += 3) {
    const [r = 0, g = 0, b = 0] = colours.subarray(at, at + 3)
    const decoded: Vector = [decode(r), decode(g), decode(b)]
    const ours = isMatrix(matrix) ? apply(matrix, decoded) : decoded
    const size = 0.01 + Math.max(...decoded.map(Math.abs))
    if (!ours.every((value, channel) => Math.abs(value - (light[at + channel] ?? 0)) < TOLERANCE * size)) return false
  }
  return true
}
