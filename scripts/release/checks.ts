/** What is held against a release before anything is built, and against bytes that were not tested. */

import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { promisify } from "node:util"

const exec = promisify(execFile)

/** Folders of what is published, in the order in which it is. */
export const PACKAGES = ["packages/events", "."] as const

/** One of the tarballs that were tried as installed. */
export type Tested = {
  readonly name: string
  readonly file: string
  /** As npm and the registry write it: sha512, base64. */
  readonly integrity: string
  /** Releases of Node. */
  readonly triedUnder: readonly string[]
}

export type Receipt = { readonly version: string; readonly commit: string; readonly tarballs: readonly Tested[] }

/** Lies beside the tarballs. */
export const RECEIPT = "tested.json"

type Manifest = { readonly name: string; readonly version: string }

export const manifestOf = (root: string, folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest

export const git = async (root: string, ...args: readonly string[]): Promise<string> =>
  (await exec("git", ["-C", root, ...args])).stdout.trim()

/** Why this commit is none to release, as sentences; none where it is. */
export async function refusals(root: string): Promise<readonly string[]> {
  const { version } = manifestOf(root, ".")
  return [
    ...dirt(await git(root, "status", "--porcelain")),
    ...(await releasedBefore(root, version)),
    ...versionsThatDiffer(root, version),
    ...changelogFaults(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version),
  ]
}

const dirt = (status: string): readonly string[] =>
  status === ""
    ? []
    : [`The tree holds what no commit does, so that nobody could build the same again: commit or remove\n${status}`]

async function releasedBefore(root: string, version: string): Promise<readonly string[]> {
  const tags = await git(root, "tag", "--list", `v${version}`)
  return tags === ""
    ? []
    : [`${version} has a tag already: what was published once is never another. Raise the version.`]
}

function versionsThatDiffer(root: string, version: string): readonly string[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, Partial<Manifest>>>
  }
  const found = PACKAGES.flatMap((folder) => [
    { file: join(folder, "package.json"), is: manifestOf(root, folder).version },
    { file: `package-lock.json (${folder})`, is: packages[folder === "." ? "" : folder]?.version ?? "no version" },
  ])
  return found
    .filter(({ is }) => is !== version)
    .map(({ file, is }) => `${file} says ${is}, package.json ${version}: all have one version.`)
}

/** Headings of the second rank, each with the entries below it. */
function changelogFaults(changelog: string, version: string): readonly string[] {
  const parts = changelog.split(/^## /m).slice(1)
  const entriesOf = (title: string): number | null => {
    const part = parts.find((text) => /^\S+/.exec(text)?.[0] === title)
    return part === undefined ? null : part.split("\n").filter((line) => line.startsWith("- ")).length
  }
  const faults: string[] = []
  if (!entriesOf(version))
    faults.push(
      `CHANGELOG.md says nothing of ${version}: give what stands under Unreleased the heading "## ${version}".`,
    )
  if (entriesOf("Unreleased")) faults.push("CHANGELOG.md has entries under Unreleased: do they belong to this version?")
  return faults
}

export const integrityOf = (file: string): string =>
  `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`

/** Why these bytes are not to be published; null where they are those that were tried. */
export function refusalOf(tarball: string): string | null {
  const receipt = join(dirname(tarball), RECEIPT)
  if (!existsSync(tarball)) return `There is no ${tarball}.`
  if (!existsSync(receipt))
    return `${tarball} was never tried as installed: npm run release makes and tries what is published.`
  const { tarballs } = JSON.parse(readFileSync(receipt, "utf8")) as Receipt
  const tested = tarballs.find(({ file }) => file === basename(tarball))
  if (tested === undefined)
    return `${tarball} is none of those that were tried: ${tarballs.map(({ file }) => file).join(", ")}.`
  return tested.integrity === integrityOf(tarball)
    ? null
    : `${tarball} is not what was tried: its sha512 is another. Run npm run release again.`
}
