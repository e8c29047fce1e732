/** What the product is made of, and under which licences: docs/licences.md is written of this. */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import stated from "./components.json" with { type: "json" }

const ROOT = join(import.meta.dirname, "../..")

export const readText = (path: string): string => readFileSync(join(ROOT, path), "utf8")

/** How a part comes to a machine: in the npm package, as a wheel, compiled from source by the set-up, or of the system. */
type Reach = "package" | "wheel" | "compiled" | "system"

/** What no lock file names: it is stated in components.json. */
export type Component = {
  readonly name: string
  /** Null where it is whatever the system or an enclosing part has. */
  readonly version: string | null
  /** An SPDX expression. */
  readonly licence: string
  readonly purl: string
  readonly use: string
  readonly reach: Reach
  /** The system's packages that it stands for. */
  readonly packages?: readonly string[]
}

export const COMPONENTS = stated.components as readonly Component[]

export type NpmPackage = { readonly name: string; readonly version: string; readonly licence: string | null }

type Locked = { readonly version?: string; readonly license?: string; readonly dev?: boolean }

/** Licences of packages whose own package.json states none; each was read in the package's licence file. */
const NPM_LICENCES: Readonly<Record<string, string>> = stated.npmLicences

/** Every npm package that a user installs, for whatever platform, once; sorted by name. */
export function npmPackages(lock: string = readText("package-lock.json")): readonly NpmPackage[] {
  const { packages } = JSON.parse(lock) as { packages: Readonly<Record<string, Locked>> }
  const found = Object.entries(packages).flatMap(([path, { version, license, dev }]) => {
    // What lies elsewhere is ours: the project itself and the packages that are made of its sources.
    if (!path.includes("node_modules/") || dev === true || version === undefined) return []
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
    return [{ name, version, licence: license ?? NPM_LICENCES[name] ?? null }]
  })
  const once = new Map(found.map((found) => [`${found.name}@${found.version}`, found]))
  return [...once.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** What may be installed without a look at it: anything else needs somebody to say what follows of it. */
export const PERMISSIVE: readonly string[] = [
  ...["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0", "ISC", "MIT", "Python-2.0"],
  ...["IJG AND BSD-3-Clause AND Zlib", "Zlib", "libtiff"],
]

/** Licences that oblige whoever hands the part on; what follows of each stands in docs/licences.md. */
export const OBLIGING: readonly string[] = [
  ...["GPL-2.0-or-later", "GPL-3.0-or-later", "GPL-3.0-or-later WITH GCC-exception-3.1"],
  ...["LGPL-2.1-or-later", "LGPL-3.0-or-later", "OFL-1.1"],
  ...["Apache-2.0 AND LGPL-3.0-or-later", "Apache-2.0 AND LGPL-3.0-or-later AND MIT"],
]
