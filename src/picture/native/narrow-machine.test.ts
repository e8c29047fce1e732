import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import koffi from "koffi"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { libraryPath, loadNativeLibrary, type NativeLibrary } from "./library.ts"
import { renderNatively } from "./pixels.ts"
import { madeLight, madeReader, pixelPlans } from "./testing/pixel-plans.ts"

const root = await packageFolder()
const wide = unwrap(loadNativeLibrary(libraryPath(root)))
const folder = mkdtempSync(join(tmpdir(), "narrow-machine-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SOURCES = "pixels output resize holes weighted-sums decode exp-log look highlights turn canvas"

/** The pixels of the library without the loops that only newer machines run. */
function compileNarrow(): NativeLibrary {
  const path = join(folder, "narrow.so")
  const flags = ["-std=gnu17", "-O2", "-ffp-contract=off", "-fPIC", "-shared", "-DNARROW", `-I${join(root, "native")}`]
  const sources = SOURCES.split(" ").map((name) => join(root, `native/${name}.c`))
  execFileSync("gcc", [...flags, ...sources, "-o", path, "-lm"])
  const handle = koffi.load(path)
  return { ...wide, declared: (declaration) => handle.func(declaration) }
}

describe("pixels of the library on a machine without wide registers", () => {
  let narrow: NativeLibrary
  beforeAll(() => {
    narrow = compileNarrow()
  }, 120_000)

  it("are the same bytes", () => {
    fc.assert(
      fc.property(pixelPlans, madeLight, (plan, light) => {
        expect(renderNatively(narrow, madeReader(plan, light), plan)).toMatchObject(
          withoutTime(renderNatively(wide, madeReader(plan, light), plan)),
        )
      }),
      { numRuns: 300 },
    )
  })
})

const withoutTime = (made: ReturnType<typeof renderNatively>) =>
  made.ok ? { ok: true, value: { ...made.value, pixelsMs: expect.any(Number) } } : made
