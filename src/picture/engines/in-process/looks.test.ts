import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { SETTINGS } from "../testing/readings.ts"
import { checkLooks, type LookReport } from "./check-looks.ts"
import { keepLook, keptLook, type MeasuredLook } from "./lut-cache.ts"

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "looks-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function check(looks: readonly string[], looksFolder: string | null): Promise<readonly LookReport[]> {
  const reports = await checkLooks({ setup: {}, settings: SETTINGS, looks, looksFolder })
  if (!reports.ok) throw new Error(reports.failure.says)
  return reports.value
}

describe("looks check", () => {
  it("knows the plain conversion for exact, and measures every other look against OCIO", async () => {
    const [plainThumb, plainProxy, thumb, proxy] = await check(["un-tone-mapped", "aces-sdr"], folder)
    expect([plainThumb, plainProxy]).toMatchObject([
      { look: "un-tone-mapped", output: "thumbnail", way: "exact", error: null },
      { look: "un-tone-mapped", output: "proxy", way: "exact", error: null },
    ])
    for (const report of [thumb, proxy]) {
      expect(report).toMatchObject({ look: "aces-sdr", way: "table" })
      expect(report?.error?.mean).toBeLessThan(1 / 255)
      expect(report?.error?.mean).toBeGreaterThan(0)
    }
  })

  it("finds a look again that an earlier process measured", async () => {
    const first = await check(["aces-sdr"], folder)
    const files = await readdir(folder)
    expect(files).toHaveLength(2)
    expect(await check(["aces-sdr"], folder)).toEqual(first)
    expect(await readdir(folder)).toEqual(files)
  })

  it("names a look that the config does not have", async () => {
    const reports = await checkLooks({ setup: {}, settings: SETTINGS, looks: ["Technicolor"], looksFolder: null })
    expect(reports).toMatchObject({ ok: false, failure: { code: "config/invalid" } })
  })
})

describe("a kept look", () => {
  const values = Float32Array.from({ length: 24 }, (_, at) => at / 7)
  const error = { largest: 0.01, mean: 0.001, samples: 3 }
  const table: MeasuredLook = {
    look: {
      kind: "lut",
      fromRec709: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      lut: { edge: 2, shaper: { knee: 0.1, max: 8 }, values },
    },
    error,
  }

  it("comes back as it was", async () => {
    await keepLook(folder, "table", table)
    expect(await keptLook(folder, "table")).toEqual(table)
    const curve: MeasuredLook = { look: { kind: "curve", curve: { kind: "power", gamma: 2.2 } }, error }
    await keepLook(folder, "curve", curve)
    expect(await keptLook(folder, "curve")).toEqual(curve)
  })

  it("is not believed when it is cut off, altered, or nothing of the kind", async () => {
    await keepLook(folder, "whole", table)
    const [name = ""] = (await readdir(folder)).filter((found) => found.startsWith("whole"))
    const bytes = await readFile(join(folder, name))
    const altered = Buffer.from(bytes)
    altered[bytes.length - 1] = 1 + (bytes.at(-1) ?? 0)
    for (const broken of [
      bytes.subarray(0, -4),
      altered,
      Buffer.from("{}\n"),
      Buffer.from("no look\n"),
      Buffer.alloc(0),
    ]) {
      await writeFile(join(folder, name), broken)
      expect(await keptLook(folder, "whole")).toBeNull()
    }
    expect(await keptLook(join(folder, "nowhere"), "whole")).toBeNull()
  })

  it("that cannot be kept costs nothing but time", async () => {
    await writeFile(join(folder, "file"), "")
    await keepLook(join(folder, "file"), "table", table)
    expect(await keptLook(join(folder, "file"), "table")).toBeNull()
  })
})
