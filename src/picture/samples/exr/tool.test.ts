import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { writtenExrs } from "./testing/arbitrary-exr.ts"
import { headerOf } from "./testing/opened.ts"
import { differences, planesOf, toolPlanes } from "./testing/tool-planes.ts"
import { writtenExr } from "./testing/written-exr.ts"

const folder = mkdtempSync(join(tmpdir(), "exr-tool-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("an EXR of any type, compression, order, tiling and part", () => {
  it("gives the numbers that oiiotool reads", () => {
    const whole = writtenExrs.filter(({ parts }) =>
      parts.every(({ channels }) => channels.every(({ xSampling, ySampling }) => xSampling * ySampling === 1)),
    )
    const path = join(folder, "made.exr")
    fc.assert(
      fc.property(whole, (written) => {
        const file = writtenExr(written)
        writeFileSync(path, file)
        const header = headerOf(file) ?? expect.fail("the header is refused")
        const part = written.parts.length - 1
        const asked = { part, channels: written.parts[part]?.channels.map(({ name }) => name) ?? [] }
        const differing = differences(planesOf(file, header, asked), toolPlanes(path, asked))
        expect(differing).toEqual(asked.channels.map(() => 0))
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })
})
