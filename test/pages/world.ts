import { execFileSync } from "node:child_process"
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Sample, samplePath } from "../machine/frames.ts"
import { CHECKOUT } from "../machine/npm.ts"
import { run } from "../machine/process.ts"
import { shotExr, shotFrame } from "../machine/shot-frames.ts"

/** Folders of the checkout that pages name: they are only read. */
const OF_THE_CHECKOUT = [
  "bin",
  "samples",
  "examples",
  "schemas",
  "scripts",
  "Makefile",
  "docs",
  "docker-compose.yml",
  "deploy",
  "vendor",
]

const COPIES: Readonly<Record<string, Sample>> = {
  "a.exr": "window",
  "sh010/slate.0001.exr": "damaged",
  "old/scan.0001.exr": "damaged",
}

/** Where a facility has what the pages name by its whole path: below the folder of the test. */
const PLACES = {
  "/mnt/plates": "mnt/plates/show",
  "/srv/proxies": "srv/proxies",
  "/backup": "backup",
  "/etc/bash_completion.d": "etc/bash_completion.d",
} as const

/** A command whose whole paths lie below the folder of the test. */
export const placed = (command: string, root: string): string =>
  Object.keys(PLACES).reduce((text, place) => text.replaceAll(place, `${root}${place}`), command)

/** A folder that looks like a checkout with the frames that the pages speak of, rendered once; each page gets a copy. */
export type World = {
  readonly home: string
  /** A fresh copy, for one page. */
  readonly copy: () => string
  readonly remove: () => void
}

export async function openWorld(): Promise<World> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "pages-")))
  const first = join(home, "first")
  drawFrames(join(first, "shots"))
  const rendered = await run(["run", join(first, "shots")])
  if (rendered.code !== 1) throw new Error(`the frames of the pages: ${rendered.stderr}`)
  for (const place of Object.values(PLACES)) mkdirSync(join(first, place), { recursive: true })
  copyFileSync(samplePath("window"), join(first, PLACES["/mnt/plates"], "a.exr"))
  for (const name of OF_THE_CHECKOUT) symlinkSync(join(CHECKOUT, name), join(first, name))
  let copies = 0
  return {
    home,
    copy: () => {
      const copy = join(home, `copy-${copies++}`)
      // Links, for a file that is copied is another version of its source; but each has its own state.
      execFileSync("cp", ["-al", first, copy])
      const state = ".oiio-proxy-generator"
      rmSync(join(copy, "shots", state), { recursive: true })
      execFileSync("cp", ["-a", join(first, "shots", state), join(copy, "shots", state)])
      return copy
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

/** A shot with a gap, a picture of two layers, single frames, and two that are damaged. */
function drawFrames(shots: string): void {
  const put = (key: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(shots, key)), { recursive: true })
    writeFileSync(join(shots, key), bytes)
  }
  for (const frame of [1001, 1002, 1004]) put(`sh010/beauty.${frame}.exr`, shotExr(shotFrame(frame)))
  const layers = ["B", "G", "R", "diffuse.B", "diffuse.G", "diffuse.R"]
  put("beauty.0101.exr", shotExr(shotFrame(101, { channels: layers })))
  for (const [key, sample] of Object.entries(COPIES)) {
    mkdirSync(dirname(join(shots, key)), { recursive: true })
    cpSync(samplePath(sample), join(shots, key))
  }
}
