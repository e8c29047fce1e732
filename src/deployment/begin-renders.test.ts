import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { framesToBegin } from "./begin-renders.ts"
import { findInstallation } from "./deployment-target.ts"
import { rememberFolder } from "./state-folder.ts"

const place = mkdtempSync(join(tmpdir(), "begin-renders-"))
afterAll(() => rmSync(place, { recursive: true }))

const MANY = Array.from({ length: 300 }, (_, n) => `${n}.txt`)

/** How many renders are begun for a folder of these files. */
function begunFor(files: readonly string[], flags: Readonly<Record<string, string>> = {}, hasRun = false): number {
  const root = mkdtempSync(join(place, "frames-"))
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), "")
  }
  const query = { env: {}, cwd: place, flags: { rendersInFlight: "2", ...flags } }
  const installation = unwrap(findInstallation(query, root))
  const { config, bucket } = installation
  if (hasRun) {
    mkdirSync(config.stateDir)
    rememberFolder(config.stateDir, { root, bucket, outputs: null })
  }
  return framesToBegin(installation)
}

describe("before log, tables and engine of a folder are opened", () => {
  it("as many renders are begun as it shows frames, and as there are at once", () => {
    expect(begunFor(["a.1.exr", "notes.txt"])).toBe(1)
    expect(begunFor(["a.1.exr", "a.2.dpx", "a.3.tif"])).toBe(2)
  })

  it("frames in folders of it count, too", () => {
    expect(begunFor(["shot/v1/a.1.exr", "shot/v2/a.1.exr"])).toBe(2)
  })

  it.each([
    ["it shows no frames", ["notes.txt", ".hidden/a.1.exr", ".a.1.exr"], {}, false],
    ["a run has been here: what is left to do, its listing tells", ["a.1.exr"], {}, true],
    ["outputs are there, though nothing is known of them", ["a.1.exr", ".proxies/a.1_proxy.mp4"], {}, false],
    ["outputs lie elsewhere, where nobody has looked", ["a.1.exr"], { outputs: "elsewhere" }, false],
    ["oiiotool renders, in processes of its own", ["a.1.exr"], { engine: "oiiotool" }, false],
    ["it has too many other files to look at", [...MANY, "shot/a.1.exr"], {}, false],
  ])("none is begun where %s", (_, files, flags, hasRun) => {
    expect(begunFor(files, flags, hasRun)).toBe(0)
  })
})
