import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createFile, MP4BoxBuffer } from "mp4box"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { acceptedExtension } from "../src/element/source.ts"
import type { ProxyMade } from "../src/events/records.generated.ts"
import { corpusPath, hasCorpus } from "../src/picture/read/header/testing/corpus.ts"
import type { ProxyOutputRow } from "../src/table/rows.ts"
import { leftOverIn, namesIn } from "./crash/left-over.ts"
import { type FailedFrame, factsOf, failuresOf, rowsOf } from "./machine/answers.ts"
import { FULL_PROXIES, filesBelow } from "./machine/frames.ts"
import { type Ended, run } from "./machine/process.ts"

if (!hasCorpus) process.stderr.write("The shared corpus is not on this machine: the run over it is skipped.\n")

const DAMAGED = "openexr-images/Damaged/"

/** Their data windows lie outside their display windows: black is right. */
const BLACK = [9, 10, 11, 12].map((n) => `openexr-images/DisplayWindow/t${String(n).padStart(2, "0")}.exr`)

describe.skipIf(!hasCorpus)("a run over the published test pictures", () => {
  const home = mkdtempSync(join(tmpdir(), "corpus-"))
  const [dir, scratch] = [join(home, "corpus"), join(home, "scratch")]
  let sources: readonly string[]
  let ended: Ended
  let rows: readonly ProxyOutputRow[]
  let failures: readonly FailedFrame[]
  let made: ReadonlyMap<string, ProxyMade>

  beforeAll(async () => {
    cpSync(corpusPath(""), dir, { recursive: true })
    for (const name of readdirSync(join(dir, DAMAGED)))
      if (!name.endsWith(".exr")) renameSync(join(dir, DAMAGED, name), join(dir, DAMAGED, `${name}.exr`))
    sources = filesBelow(dir).filter((key) => acceptedExtension(key) !== null)
    ended = await run(["run", dir, "--scratch", scratch], { env: FULL_PROXIES })
    rows = await rowsOf({ dir })
    failures = await failuresOf({ dir })
    made = new Map((await factsOf({ dir }, "proxy-made")).map((fact) => [fact.element.key, fact]))
    process.stderr.write(table(sources, rows, failures))
  }, 900_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it("brings every frame to outputs, or to a failure with a code and a sentence", () => {
    expect(ended.code).toBe(1)
    const seen = [...rows.map(({ s3_key }) => s3_key), ...failures.map(({ key }) => key)]
    expect([...seen].sort()).toEqual([...sources].sort())
    expect(sources.length).toBeGreaterThan(140)
    for (const { key, code, kind, says } of failures) {
      expect(`${key} ${code}`).toMatch(/ (picture|tool)\/[a-z-]+$/)
      expect(`${key} ${says}`).toMatch(/ .{20,}/)
      expect(kind).toBe("permanent")
    }
  })

  it("fails for good what is damaged, and nothing else", () => {
    const failed = failures.map(({ key }) => key)
    const damaged = sources.filter((key) => key.startsWith(DAMAGED))
    expect(failed.filter((key) => !damaged.includes(key))).toEqual([])
    expect(damaged.length).toBeGreaterThan(90)
    // A published file is damaged in a way that no decoder needs to mind, or it fails.
    for (const key of damaged) expect(failed.includes(key) || made.has(key)).toBe(true)
  })

  it("makes thumbnails of exactly 256x256", async () => {
    for (const { thumbnail_s3_key } of rows) {
      const { width, height, format } = await sharp(join(dir, thumbnail_s3_key)).metadata()
      expect({ thumbnail_s3_key, width, height, format }).toEqual({
        thumbnail_s3_key,
        width: 256,
        height: 256,
        format: "jpeg",
      })
    }
  })

  it("makes proxies of exactly 1920x1080, H.264, that begin to play at once", () => {
    for (const { proxy_s3_key } of rows) {
      expect({ proxy_s3_key, ...movieOf(readFileSync(join(dir, proxy_s3_key))) }).toEqual({
        proxy_s3_key,
        width: 1920,
        height: 1080,
        codec: expect.stringMatching(/^avc1\./),
        isFastStart: true,
      })
    }
  })

  it("is black only where black is right", async () => {
    const black = [...made.values()].filter(({ allBlack }) => allBlack).map(({ element }) => element.key)
    expect(black.sort()).toEqual(BLACK)
    for (const { s3_key, thumbnail_s3_key } of rows) {
      const { channels } = await sharp(join(dir, thumbnail_s3_key)).stats()
      const brightest = Math.max(...channels.map(({ max }) => max))
      expect(`${s3_key} ${brightest > 16}`).toBe(`${s3_key} ${!BLACK.includes(s3_key)}`)
    }
  })

  it("keeps every picture in its shape", () => {
    for (const { element, selection, proxy } of made.values()) {
      const { displayWindow: window, pixelAspect } = selection
      const wide = (window.xMax - window.xMin + 1) * pixelAspect
      const high = window.yMax - window.yMin + 1
      const scale = Math.min(1920 / wide, 1080 / high)
      const turned = selection.orientation > 4
      const [width, height] = turned ? [high, wide] : [wide, high]
      const fitted = turned ? Math.min(1920 / high, 1080 / wide) : scale
      expect(`${element.key} ${Math.abs(proxy.pictureWidth - width * fitted) <= 2}`).toBe(`${element.key} true`)
      expect(`${element.key} ${Math.abs(proxy.pictureHeight - height * fitted) <= 2}`).toBe(`${element.key} true`)
    }
  })

  it("leaves no process, no temporary file, and nothing for a second run to do", async () => {
    expect([await leftOverIn(scratch), namesIn(scratch)]).toEqual([[], []])
    const again = await run(["run", dir, "--scratch", scratch], { env: FULL_PROXIES })
    expect(again.stderr).toMatch(new RegExp(`^Nothing to do: ${rows.length} frames up to date\\.$`, "m"))
  })
})

/** Size and codec of a movie's one track; fast start: the index lies before the pictures. */
function movieOf(bytes: Buffer) {
  const file = createFile()
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0))
  const [track] = file.getInfo().tracks
  const kinds = file.boxes.map(({ type }) => type)
  return {
    width: track?.video?.width,
    height: track?.video?.height,
    codec: track?.codec,
    isFastStart: kinds.indexOf("moov") < kinds.indexOf("mdat"),
  }
}

/** Folder by folder: how many frames there are, what became of them, and why not. */
function table(sources: readonly string[], rows: readonly ProxyOutputRow[], failures: readonly FailedFrame[]): string {
  const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/"))
  const lines = [...new Set(sources.map(folderOf))].sort().map((folder) => {
    const count = (keys: readonly string[]): string =>
      String(keys.filter((key) => folderOf(key) === folder).length).padStart(7)
    const codes = new Map<string, number>()
    for (const { key, code } of failures) if (folderOf(key) === folder) codes.set(code, (codes.get(code) ?? 0) + 1)
    const why = [...codes].map(([code, times]) => `${times} ${code}`).join(", ")
    return `${folder.padEnd(40)}${count(sources)}${count(rows.map((row) => row.s3_key))}${count(failures.map(({ key }) => key))}  ${why}`
  })
  return ["", `${"folder".padEnd(40)} frames   made failed`, ...lines, ""].join("\n")
}
