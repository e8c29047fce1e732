import { inspectFile } from "../src/picture/inspect/testing/inspect-file.ts"
import { DEFAULT_LIMITS } from "../src/picture/read/header/limits.ts"
import { corpusNames, corpusPath } from "../src/picture/read/header/testing/corpus.ts"

const FOLDER = "openexr-images/Damaged"

export type Damaged = {
  readonly files: number
  readonly slowestMs: number
  /** Most that the process has resident after a file, beyond what it had before the first. */
  readonly extraMegabytes: number
}

const residentMegabytes = (): number => process.memoryUsage().rss / 1e6
const before = residentMegabytes()
const times: number[] = []
const resident: number[] = []
for (const name of corpusNames(FOLDER)) {
  const begunMs = performance.now()
  // They have no extension; under that of an EXR they are read as far as they go.
  await inspectFile(corpusPath(`${FOLDER}/${name}`), { key: `${name}.exr`, limits: DEFAULT_LIMITS })
  times.push(performance.now() - begunMs)
  resident.push(residentMegabytes())
}
const measured: Damaged = {
  files: times.length,
  slowestMs: Math.max(...times),
  extraMegabytes: Math.max(...resident) - before,
}
process.stdout.write(JSON.stringify(measured))
