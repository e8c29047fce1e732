/**
 * Makes what is published, and says how, once it was tried as installed.
 *   npm run release                     checks, packs, installs, tries; prints the commands that publish just those bytes
 *   npm run release -- check            says whether this commit may be released
 *   npm run release -- verify TARBALL   says whether these bytes are those that were tried
 */

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, relative } from "node:path"
import { isDeepStrictEqual } from "node:util"
import {
  git,
  integrityOf,
  manifestOf,
  PACKAGES,
  RECEIPT,
  type Receipt,
  refusalOf,
  refusals,
  type Tested,
} from "./checks.ts"
import { nodeRelease, npm, OLDEST_FOR_ALL, OLDEST_FOR_EVENTS } from "./npm.ts"
import { projectWith, readEvents, readWell, runDemo, versionOf } from "./trials.ts"

const ROOT = join(import.meta.dirname, "../..")

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** A copy that holds what is committed and nothing else. */
async function cloneOf(work: string): Promise<string> {
  const clone = join(work, "clone")
  await git(ROOT, "clone", "--quiet", "--no-hardlinks", ROOT, clone)
  await git(clone, "checkout", "--quiet", "--detach", await git(ROOT, "rev-parse", "HEAD"))
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"))
  return clone
}

async function packed(clone: string, out: string): Promise<readonly string[]> {
  const tarballs: string[] = []
  for (const folder of PACKAGES) {
    say(`Packing ${manifestOf(clone, folder).name}`)
    const file = await npm(join(clone, folder), ["pack", "--silent"])
    cpSync(join(clone, folder, file), join(out, file))
    tarballs.push(join(out, file))
  }
  return tarballs
}

async function tryReading(project: string, name: string, nodeFolder: string): Promise<void> {
  const node = join(nodeFolder, "node")
  const read = await readEvents(project, name, node)
  if (!isDeepStrictEqual(read, readWell(await versionOf(node))))
    throw new Error(`What a consumer reads with ${name} as installed is wrong: ${JSON.stringify(read)}`)
}

/** Each tarball in empty projects, under the oldest Node that it names and under ours. */
async function tried(tarballs: readonly string[], clone: string, work: string): Promise<readonly Tested[]> {
  const tested: Tested[] = []
  for (const [at, folder] of PACKAGES.entries()) {
    const tarball = tarballs[at] ?? ""
    const { name } = manifestOf(clone, folder)
    const isEvents = folder !== "."
    const releases = [await foundRelease(isEvents ? OLDEST_FOR_EVENTS : OLDEST_FOR_ALL), dirname(process.execPath)]
    const triedUnder: string[] = []
    for (const nodeFolder of releases) {
      const version = await versionOf(join(nodeFolder, "node"))
      say(`Installing ${name} into an empty project, under Node ${version}`)
      const project = await projectWith(join(work, `${basename(tarball)}-${version}`), tarball, nodeFolder)
      await tryReading(project, isEvents ? name : `${name}/events`, nodeFolder)
      if (!isEvents) await runDemo({ project, nodeFolder }, clone, say)
      triedUnder.push(version)
    }
    tested.push({ name, file: basename(tarball), integrity: integrityOf(tarball), triedUnder })
  }
  return tested
}

async function foundRelease(version: string): Promise<string> {
  const release = await nodeRelease(version)
  if ("missing" in release) throw new Error(release.missing)
  return release.folder
}

/** The commands that publish what was tried; a pre-release does not become what `npm install` takes unasked. */
function commandsFor({ version, commit, tarballs }: Receipt, out: string): string {
  const tag = version.includes("-") ? " --tag next" : ""
  const lines = tarballs.flatMap(({ file, integrity, triedUnder }) => {
    const path = relative(ROOT, join(out, file))
    return [
      `# ${integrity}, tried as installed under Node ${triedUnder.join(" and ")}`,
      `npm run --silent release -- verify ${path} && npm publish ./${path} --access public${tag}`,
    ]
  })
  return [...lines, `git tag -a v${version} -m ${version} ${commit}`, ""].join("\n")
}

async function release(): Promise<number> {
  const faults = await refusals(ROOT)
  if (faults.length > 0) return refuse(faults)
  const { version } = manifestOf(ROOT, ".")
  const out = join(ROOT, "out/release", version)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const work = mkdtempSync(join(tmpdir(), "release-"))
  try {
    const clone = await cloneOf(work)
    const tarballs = await tried(await packed(clone, out), clone, work)
    const receipt: Receipt = { version, commit: await git(ROOT, "rev-parse", "HEAD"), tarballs }
    writeFileSync(join(out, RECEIPT), `${JSON.stringify(receipt, null, 2)}\n`)
    process.stdout.write(commandsFor(receipt, out))
    return 0
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function refuse(faults: readonly string[]): number {
  for (const fault of faults) say(`refused: ${fault}`)
  return 1
}

const [what = "", tarball = ""] = process.argv.slice(2)
if (what === "") process.exitCode = await release()
else if (what === "check") process.exitCode = refuse(await refusals(ROOT))
else if (what === "verify") {
  const fault = refusalOf(tarball)
  process.exitCode = fault === null ? 0 : refuse([fault])
} else process.exitCode = refuse([`there is no ${what}: check, verify TARBALL, or nothing for all of it.`])
