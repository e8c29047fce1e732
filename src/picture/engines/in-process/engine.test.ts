import { createHash } from "node:crypto"
import { mkdtemp, readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { PictureEngine, Rendered } from "../../index.ts"
import { CHART } from "../testing/chart.ts"
import { type EngineFixture, openEngineFixture } from "../testing/engine-fixture.ts"
import { SETTINGS } from "../testing/readings.ts"
import { openInProcessEngine } from "./engine.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture("in-process")
  await fixture.oiiotool(...CHART, "-d", "half", "--compression", "piz", "-o", "own.exr")
  await fixture.oiiotool(...CHART, "-d", "half", "--compression", "dwaa", "-o", "foreign.exr")
})
afterAll(() => fixture.close())

async function open(threads: number): Promise<PictureEngine> {
  const opened = await openInProcessEngine({ threads })
  if (!opened.ok) throw new Error(opened.failure.says)
  return opened.value
}

async function render(engine: PictureEngine, file: string): Promise<Rendered> {
  const sourceFile = join(fixture.folder, file)
  const reading = await engine.read({ sourceFile, key: file, statedSpace: null, colour: SETTINGS.colour })
  if (!reading.ok) throw new Error(reading.failure.says)
  const rendered = await engine.render({
    sourceFile,
    reading: reading.value,
    settings: { ...SETTINGS, proxyPreset: "veryfast" },
    folder: await mkdtemp(join(fixture.folder, "job-")),
    signal: new AbortController().signal,
  })
  if (!rendered.ok) throw new Error(`${file}: ${rendered.failure.says}`)
  return rendered.value
}

const digest = async ({ files: { thumbnail, proxy } }: Rendered): Promise<string> =>
  createHash("sha256")
    .update(await readFile(thumbnail.path))
    .update(await readFile(proxy.path))
    .digest("hex")

describe("the in-process engine", () => {
  it.each(["own.exr", "foreign.exr"])(
    "makes the same bytes of %s on one thread and on four, and again",
    async (file) => {
      const [one, four] = [await open(1), await open(4)]
      const alone = await digest(await render(one, file))
      const together = await Promise.all(Array.from({ length: 6 }, async () => digest(await render(four, file))))
      expect(new Set([alone, await digest(await render(one, file)), ...together]).size).toBe(1)
    },
  )

  it("tells which way a file went, and what was used on it", async () => {
    const engine = await open(1)
    expect(await render(engine, "own.exr")).toMatchObject({ route: "in-process/exr-piz", nonFiniteCount: 0 })
    const foreign = await render(engine, "foreign.exr")
    expect(foreign.route).toBe("converted/exr-dwaa")
    expect(foreign.toolVersions.oiiotool).toMatch(/^\d+\.\d+/)
  })

  it.each([
    ["one pixel", "1x1", { width: 1080, height: 1080 }],
    ["a column", "1x3000", { width: 2, height: 1080 }],
    ["a narrow strip", "3x2000", { width: 2, height: 1080 }],
    ["a flat strip", "2000x3", { width: 1920, height: 2 }],
  ])("shows %s", async (name, size, picture) => {
    await fixture.oiiotool("--pattern", "constant:color=1,0.2,0.1", size, "3", "-d", "half", "-o", `${name}.exr`)
    const made = await render(await open(1), `${name}.exr`)
    expect(made.files.proxy.picture).toMatchObject(picture)
    expect(made.allBlack).toBe(false)
  })
})
