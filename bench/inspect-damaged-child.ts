import { DEFAULT_LIMITS } from "../src/picture/header/limits.ts"
import { corpusNames, corpusPath } from "../src/picture/header/testing/corpus.ts"
import { inspectFile } from "../src/picture/inspect/local.ts"

const FOLDER = "openexr-images/Damaged"

export type Damaged = {
  readonly files: number
  readonly slowestMs: number
  /** Of the whole process, Node included, and how much of that was there before. */
  readonly peakMegabytes: number
  readonly beforeMegabytes: number
}

const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024
const beforeMegabytes = peakMegabytes()
const times: number[] = []
for (const name of corpusNames(FOLDER)) {
  const begunMs = performance.now()
  // They have no extension; under that of an EXR they are read as far as they go.
  await inspectFile(corpusPath(`${FOLDER}/${name}`), { key: `${name}.exr`, limits: DEFAULT_LIMITS })
  times.push(performance.now() - begunMs)
}
const measured: Damaged = {
  files: times.length,
  slowestMs: Math.max(...times),
  peakMegabytes: peakMegabytes(),
  beforeMegabytes,
}
process.stdout.write(JSON.stringify(measured))
