import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** One of the files that testing/b44/README.md describes. */
export const b44Path = (name: string): string => fileURLToPath(new URL(`./b44/${name}.exr`, import.meta.url))

export const b44File = (name: string): Uint8Array => Uint8Array.from(readFileSync(b44Path(name)))

/** One of the files that testing/dwa/README.md describes. */
export const dwaPath = (name: string): string => fileURLToPath(new URL(`./dwa/${name}.exr`, import.meta.url))

export const dwaFile = (name: string): Uint8Array => Uint8Array.from(readFileSync(dwaPath(name)))
