import { readFile } from "node:fs/promises"
import type { Selection } from "../../../events/records.generated.ts"
import type { PicturePlan } from "../../engines/plan.ts"
import { planOf } from "../../engines/testing/readings.ts"
import type { ColourSettings } from "../../index.ts"
import { readingOf } from "../../testing/readings.ts"

export type CorpusPlan = {
  readonly colour?: Partial<ColourSettings>
  /** What the header is to have said instead. */
  readonly selection?: Partial<Selection>
}

/** The plan of a file, as the header readers decide it, with plain settings unless `colour` says otherwise. */
export async function corpusPlan(source: string, { colour = {}, selection }: CorpusPlan = {}): Promise<PicturePlan> {
  const reading = readingOf(await readFile(source), source, { colour })
  return planOf({ selection: { ...reading.selection, ...selection }, colorspace: reading.colorspace })
}
