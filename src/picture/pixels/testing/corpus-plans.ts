import { readFile } from "node:fs/promises"
import type { PicturePlan } from "../../engine/plan.ts"
import { planOf } from "../../engine/testing/plans.ts"
import type { ColourSettings } from "../../index.ts"
import { readingOf } from "../../testing/readings.ts"

/** The plan of a file, as the header readers decide it, with plain settings unless `colour` says otherwise. */
export async function planPictureOf(source: string, colour: Partial<ColourSettings> = {}): Promise<PicturePlan> {
  const { selection, colorspace } = readingOf(await readFile(source), source, { colour })
  return planOf({ selection, colorspace })
}
