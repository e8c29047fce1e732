import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../../../../../../shared/corpus/", import.meta.url))

/** Public test pictures beside the checkout; the tests that need them say so where they are absent. */
export const hasCorpus: boolean = existsSync(ROOT)

export const corpusPath = (path: string): string => `${ROOT}${path}`

export const corpusBytes = (path: string): Uint8Array => readFileSync(corpusPath(path))

/** Names of the files in one folder of the corpus; empty where there is none. */
export const corpusNames = (folder: string): readonly string[] =>
  hasCorpus ? readdirSync(corpusPath(folder)).sort() : []
