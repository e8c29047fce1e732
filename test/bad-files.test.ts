import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, expect, it } from "vitest"
import { elementOf } from "../src/events/testing/sequence-facts.ts"
import { exrFile } from "../src/picture/read/header/testing/exr-file.ts"
import { call, failuresOf, recordsOf, rowsOf } from "./machine/answers.ts"
import { type Frames, openFrames, type Sample, samplePath } from "./machine/frames.ts"

let frames: Frames
beforeEach(() => {
  frames = openFrames({ "good.exr": "window", "good.tif": "flower" })
})
afterEach(() => frames.remove())

const half = (sample: Sample): Buffer => {
  const bytes = readFileSync(samplePath(sample))
  return bytes.subarray(0, bytes.length / 2)
}

const header = (dataWindow: { xMax: number; yMax: number }): Uint8Array =>
  exrFile({ parts: [{ channels: ["B", "G", "R"], dataWindow: { xMin: 0, yMin: 0, ...dataWindow } }] })

/** What is wrong with each, and what that is called. */
const BAD: Readonly<Record<string, { readonly bytes: Uint8Array; readonly code: string | RegExp }>> = {
  "empty.exr": { bytes: Buffer.alloc(0), code: "picture/empty" },
  "empty.dpx": { bytes: Buffer.alloc(0), code: "picture/empty" },
  "cut.exr": { bytes: half("window"), code: "picture/damaged" },
  "cut.tif": { bytes: half("quad"), code: "picture/damaged" },
  "cut.dpx": { bytes: half("film"), code: "picture/damaged" },
  "one-byte.exr": { bytes: Buffer.from("v"), code: /^picture\/(damaged|not-a-picture)$/ },
  "text.exr": { bytes: Buffer.from("Dear diary, today nothing was rendered.\n"), code: "picture/not-a-picture" },
  "text.tiff": { bytes: Buffer.from("II, said the file, am no picture.\n"), code: "picture/not-a-picture" },
  "exr.dpx": { bytes: readFileSync(samplePath("window")), code: "picture/not-a-picture" },
  "tiff.exr": { bytes: readFileSync(samplePath("flower")), code: "picture/not-a-picture" },
  "nothing.exr": { bytes: header({ xMax: -1, yMax: -1 }), code: "picture/damaged" },
  "wide.exr": { bytes: header({ xMax: 99_999_999, yMax: 0 }), code: "picture/over-limit" },
  "huge.exr": { bytes: header({ xMax: 60_000, yMax: 60_000 }), code: "picture/over-limit" },
  "noise.exr": { bytes: Buffer.alloc(50_000, 0xa5), code: "picture/not-a-picture" },
}

it("every bad file ends as a failure with its code and a sentence, and none stops the good ones", async () => {
  for (const [name, { bytes }] of Object.entries(BAD)) writeFileSync(frames.path(name), bytes)
  const { code, stderr } = await call(["run", frames.dir])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^2 frames rendered in .*, 0 up to date, 14 failed\.$/m)
  const failures = await failuresOf(frames)
  expect(failures.map(({ key }) => key).sort()).toEqual(Object.keys(BAD).sort())
  for (const { key, code: said, kind, says } of failures) {
    expect(`${key}: ${said}`).toMatch(new RegExp(`^${key}: ${source(BAD[key]?.code)}$`))
    expect(`${key}: ${says}`).toMatch(/^\S+: \S+ .{10,}$/)
    expect(`${key}: ${says}`).not.toContain("/tmp/")
    expect(kind).toBe("permanent")
  }
  expect((await rowsOf(frames)).map(({ s3_key }) => s3_key)).toEqual(["good.exr", "good.tif"])
  expect((await call(["run", frames.dir])).stderr).toMatch(/^Nothing to do: 2 frames up to date\.$/m)
})

const source = (code: string | RegExp | undefined): string =>
  code instanceof RegExp ? code.source.replace(/^\^|\$$/g, "") : (code ?? "")

it("sources that share a stem all get outputs, and none covers another's", async () => {
  frames.add("good.dpx", "film")
  frames.add("good.tif.exr", "stretched")
  expect((await call(["run", frames.dir])).code).toBe(0)
  const rows = await rowsOf(frames)
  expect(rows.length).toBe(4)
  const names = rows.flatMap((row) => [row.thumbnail_s3_key, row.proxy_s3_key])
  expect(new Set(names).size).toBe(8)
  expect(names).toContain(".proxies/good_thumb.jpg")
  for (const row of rows) {
    expect(readFileSync(frames.path(row.thumbnail_s3_key)).length).toBe(row.thumbnail_size_bytes)
    expect(readFileSync(frames.path(row.proxy_s3_key)).length).toBe(row.proxy_size_bytes)
  }
  expect((await call(["run", frames.dir])).stderr).toMatch(/^Nothing to do: 4 frames up to date\.$/m)
})

it("folders that look like frames are no frames; links to frames of the folder are, and all other links are told of", async () => {
  mkdirSync(frames.path("folder.exr"))
  frames.add("folder.exr/inside.exr", "shifted")
  symlinkSync("good.exr", frames.path("link.exr"))
  symlinkSync("nowhere.exr", frames.path("dangling.exr"))
  symlinkSync("folder.exr", frames.path("latest"))
  copyFileSync(samplePath("window"), frames.beside("outside.exr"))
  symlinkSync(frames.beside("outside.exr"), frames.path("out.exr"))
  const { code, stderr } = await call(["run", frames.dir])
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/out\.exr.*leads out of the bucket/) })
  const keys = (await rowsOf(frames)).map(({ s3_key }) => s3_key)
  expect(keys).toEqual(["folder.exr/inside.exr", "good.exr", "good.tif", "link.exr"])
  expect(stderr).toMatch(/^note: dangling\.exr is a link that leads nowhere: left out\.$/m)
  expect(stderr).toMatch(/^note: latest is a link to a folder in here, whose frames are made where they are\.$/m)
})

it("outputs and states are never taken for sources", async () => {
  mkdirSync(frames.path("sh010/.proxies"), { recursive: true })
  frames.add("sh010/.proxies/copy.exr", "window")
  frames.add(".proxies/deep/er.exr", "window")
  expect((await call(["run", frames.dir])).code).toBe(0)
  expect((await rowsOf(frames)).map(({ s3_key }) => s3_key)).toEqual(["good.exr", "good.tif"])
  expect(new Set((await recordsOf(frames)).map((fact) => elementOf(fact).key))).toEqual(
    new Set(["good.exr", "good.tif"]),
  )
})
