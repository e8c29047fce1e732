import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { readLocalHeader, readLocalPicture } from "./decide-reading.ts"
import { bytesInMemory } from "./header/bytes.ts"
import { DEFAULT_LIMITS } from "./header/limits.ts"
import { readHeader } from "./header/read.ts"
import { exrFile, string } from "./header/testing/exr-file.ts"
import { type MadeTag, tiffFile } from "./header/testing/tiff-file.ts"

const folder = mkdtempSync(join(tmpdir(), "read-"))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const written = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const read = (sourceFile: string, key: string) =>
  readLocalPicture(
    { sourceFile, key, statedSpace: null, colour: { inputSpace: null, look: "un-tone-mapped", cameraTokens: false } },
    "fedcba9876543210",
  )

describe("the header of a local file", () => {
  it("is read under the object's key, whatever the file is called", async () => {
    const path = written("a.tif", exrFile({ parts: [{ channels: ["R", "G", "B"] }] }))
    expect(await read(path, "renders/a b #1%.exr")).toMatchObject({
      ok: true,
      value: { selection: { format: "exr" }, colorspace: { configHash: "fedcba9876543210" } },
    })
  })

  it("is read to its end where it is longer than the first bytes", async () => {
    const attributes = Array.from({ length: 40 }, (_, n) => string(`comment${n}`, "x".repeat(60_000)))
    const path = written("a.exr", exrFile({ parts: [{ channels: ["R", "G", "B"], attributes }] }))
    expect(await read(path, "a.exr")).toMatchObject({ ok: true })
  })

  it("is given up where it is longer than the limit", async () => {
    const attributes = Array.from({ length: 40 }, (_, n) => string(`comment${n}`, "x".repeat(60_000)))
    const path = written("a.exr", exrFile({ parts: [{ channels: ["R", "G", "B"], attributes }] }))
    const limits = { ...DEFAULT_LIMITS, headerBytes: 500_000 }
    const outcome = await readLocalHeader(path, (file) => readHeader(file, "a.exr", limits), limits)
    expect(outcome).toMatchObject({ ok: false, failure: { code: "picture/over-limit", kind: "permanent" } })
  })

  it("at the end of a large file is found without reading what lies before it", async () => {
    const tags: readonly MadeTag[] = [
      [256, 4, [4096]],
      [257, 4, [2160]],
      [258, 3, [8, 8, 8]],
      [262, 3, [2]],
      [277, 3, [3]],
      [305, 2, "a writer that puts its tags last"],
    ]
    const path = written("a.tif", tiffFile({ directories: [{ tags, pixels: new Uint8Array(4096 * 2160 * 3) }] }))
    let held = 0
    const outcome = await readLocalHeader(path, (file) => {
      held = bytesInMemory(file)
      return readHeader(file, "a.tif")
    })
    expect(outcome).toMatchObject({ ok: true, value: { parts: [{ displayWindow: { xMax: 4095, yMax: 2159 } }] } })
    expect(held).toBeLessThanOrEqual(128 * 1024)
  })

  it("of an empty file is a failure of its own", async () => {
    expect(await read(written("a.exr", new Uint8Array(0)), "a.exr")).toMatchObject({
      ok: false,
      failure: { code: "picture/empty" },
    })
  })

  it("of a missing file or a folder is a value, not a rejection", async () => {
    expect(await read(join(folder, "gone.exr"), "gone.exr")).toMatchObject({
      ok: false,
      failure: { code: "source/gone" },
    })
    expect(await read(folder, "folder.exr")).toMatchObject({ ok: false, failure: { code: "picture/not-a-picture" } })
  })

  it("of a file that shrinks while it is read is a change of the source", async () => {
    const attributes = [string("comment", "x".repeat(200_000))]
    const path = written("a.exr", exrFile({ parts: [{ channels: ["R", "G", "B"], attributes }] }))
    const outcome = await readLocalHeader(path, (file) => {
      truncateSync(path, 70_000)
      return readHeader(file, "a.exr")
    })
    expect(outcome).toMatchObject({ ok: false, failure: { code: "source/changed", kind: "transient" } })
  })
})
