import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** One of the files that testing/dwa/README.md describes. */
export const dwaPath = (name: string): string => fileURLToPath(new URL(`./dwa/${name}.exr`, import.meta.url))

export const dwaFile = (name: string): Uint8Array => Uint8Array.from(readFileSync(dwaPath(name)))
