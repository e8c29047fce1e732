import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { convert, openedWith, viewed } from "../engines/oiiotool/oiiotool-args.ts"
import { arriveAt, layOutLook, lookArgs } from "../looks/apply.ts"
import { onScratch } from "../scratch-failure.ts"
import type { Guards, Limits } from "../tools/guards.ts"
import { runTool } from "../tools/run-tool.ts"
import type { BakedLook, BakeRequest } from "./looks.ts"
import { floatsOf, floatTiff } from "./plain-tiff.ts"

export type Bakery = {
  readonly oiiotool: { readonly program: string; readonly version: { readonly major: number } }
  readonly limits: Limits
  readonly guards: Guards
  /** Folder in which a folder for the run is made and removed again. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** What oiiotool makes of colours. */
export type Conversion = Pick<BakeRequest, "configPath" | "from" | "to" | "look">

export type Colours = Float32Array<ArrayBuffer>

/**
 * Sends colours (red, green, blue, one after the other) through a config, by running oiiotool on a picture of them.
 * Fails: tool/*, scratch/full, stopped.
 */
export function converted(colours: Colours, conversion: Conversion, bakery: Bakery): Promise<Result<Colours>> {
  return onScratch(async () => {
    const folder = await mkdtemp(join(bakery.folder, "look-"))
    try {
      return await convertIn(folder, colours, { conversion, bakery })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

type Work = { readonly conversion: Conversion; readonly bakery: Bakery }

async function convertIn(folder: string, colours: Colours, { conversion, bakery }: Work): Promise<Result<Colours>> {
  const picture = { width: colours.length / 3 / ROWS, height: ROWS, samples: colours }
  await writeFile(join(folder, "colours.tif"), floatTiff(picture))
  const laidOut = conversion.look === undefined ? done(undefined) : await layOutLook(folder, conversion.look)
  if (!laidOut.ok) return laidOut
  const { oiiotool, limits, guards, signal } = bakery
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

/** Rows of the picture of colours: a picture's side has a limit. */
export const ROWS = 65
