import { createHash } from "node:crypto"
import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { unwrap } from "../../../events/testing/results.ts"
import { pictureEngineContract } from "../../contract.ts"
import type { PictureEngine } from "../../index.ts"
import type { Rendered } from "../../model.ts"
import { CHART } from "../testing/chart.ts"
import { decodeJpeg, type EngineFixture, openEngineFixture, psnr, SMALL } from "../testing/engine-fixture.ts"
import { openInProcessEngine } from "./engine.ts"

pictureEngineContract("in-process", {
  truncated: { code: "picture/damaged", says: /chunk of scan line \d+ cannot be found/ },
  showsLuminanceChroma: true,
  tells: ["in-process/exr-zip", ["libjpeg-turbo", "openexr", "x264"], ["decode", "h264", "jpeg", "pixels"]],
})

let fixture: EngineFixture
/** On one thread, and on four. */
let one: PictureEngine
let four: PictureEngine
/** Without the native library. */
let without: PictureEngine
beforeAll(async () => {
  fixture = await openEngineFixture("in-process")
  one = unwrap(await openInProcessEngine({ processes: 1 }))
  four = unwrap(await openInProcessEngine({ processes: 4 }))
  without = unwrap(await openInProcessEngine({ processes: 1, nativeLibrary: null }))
  await fixture.oiiotool(...CHART, "-d", "half", "--compression", "piz", "-o", "own.exr")
  await fixture.oiiotool(...CHART, "-d", "half", "--compression", "dwaa", "-o", "foreign.exr")
})
afterAll(() => fixture.close())

async function render(engine: PictureEngine, file: string): Promise<Rendered> {
  const sourceFile = join(fixture.folder, file)
  const request = { sourceFile, key: file, statedSpace: null, colour: SMALL.colour }
  const rendered = await engine.render({
    sourceFile,
    reading: unwrap(await engine.read(request)),
    settings: SMALL,
    folder: await mkdtemp(join(fixture.folder, "job-")),
    signal: new AbortController().signal,
  })
  return unwrap(rendered)
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
      const alone = await digest(await render(one, file))
      const together = await Promise.all(Array.from({ length: 4 }, async () => digest(await render(four, file))))
      expect(new Set([alone, await digest(await render(one, file)), ...together]).size).toBe(1)
    },
  )

  it("tells which way a file went, and what was used on it", async () => {
    expect(await render(one, "own.exr")).toMatchObject({ route: "in-process/exr-piz", nonFiniteCount: 0 })
    expect(await render(one, "foreign.exr")).toMatchObject({ route: "in-process/exr-dwaa", nonFiniteCount: 0 })
    const foreign = await render(without, "foreign.exr")
    expect(foreign.route).toBe("converted/exr-dwaa")
    expect(foreign.toolVersions.oiiotool).toMatch(/^\d+\.\d+/)
  })

  it("makes the same thumbnail, and a movie by ffmpeg, where there is no native library", async () => {
    const nativeLibrary = join(fixture.folder, "libpictures.so")
    const without = unwrap(await openInProcessEngine({ processes: 1, nativeLibrary }))
    expect(await without.nativeParts?.()).toMatchObject({ ok: false, failure: { code: "tool/missing" } })
    expect(await one.nativeParts?.()).toMatchObject({ ok: true, value: { versions: { x264: expect.any(String) } } })
    expect(await without.missing()).toEqual([])
    const [made, usual] = [await render(without, "own.exr"), await render(one, "own.exr")]
    expect([made, usual].map(({ toolVersions }) => Object.keys(toolVersions).sort())).toEqual([
      ["ffmpeg", "libvips"],
      ["libjpeg-turbo", "openexr", "x264"],
    ])
    const thumbnail = await decodeJpeg(made.files.thumbnail.path)
    expect(psnr(thumbnail, await decodeJpeg(usual.files.thumbnail.path))).toBeGreaterThan(50)
  })

  it("makes by oiiotool what only the native library reads, where it is there and cannot be loaded", async () => {
    const nativeLibrary = join(fixture.folder, "libpictures.so")
    await writeFile(nativeLibrary, "no library at all")
    const engine = unwrap(await openInProcessEngine({ processes: 1, nativeLibrary }))
    await fixture.oiiotool(...CHART, "-d", "uint16", "--compression", "lzw", "-o", "codes.tif")
    expect((await render(engine, "codes.tif")).route).toBe("converted/tiff-lzw")
    expect((await render(one, "codes.tif")).route).toBe("in-process/tiff-lzw")
    await fixture.oiiotool(...CHART, "-d", "half", "--compression", "dwaa", "-o", "light.exr")
    expect((await render(engine, "light.exr")).route).toBe("converted/exr-dwaa")
    expect((await render(one, "light.exr")).route).toBe("in-process/exr-dwaa")
  })

  it.each([
    ["one pixel", "1x1", { width: 360, height: 360 }],
    ["a column", "1x3000", { width: 2, height: 360 }],
    ["a narrow strip", "3x2000", { width: 2, height: 360 }],
    ["a flat strip", "2000x3", { width: 640, height: 2 }],
  ])("shows %s", async (name, size, picture) => {
    await fixture.oiiotool("--pattern", "constant:color=1,0.2,0.1", size, "3", "-d", "half", "-o", `${name}.exr`)
    const made = await render(one, `${name}.exr`)
    expect(made.files.proxy.picture).toMatchObject(picture)
    expect(made.allBlack).toBe(false)
  })
})
