import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { failed, failure } from "../events/result.ts"
import { SETTINGS } from "../picture/engines/testing/readings.ts"
import { openLookBytes, type ReadLook } from "../picture/looks/look.ts"
import {
  amfCdl,
  amfFile,
  amfInput,
  amfText,
  CDL,
  cccText,
  ccText,
  cubeText,
  NEUTRAL,
} from "../picture/looks/testing/look-texts.ts"
import { openDirectoryStore } from "../store/directory.ts"
import type { ObjectStore } from "../store/index.ts"
import { openLooksBeside, withLookBeside } from "./looks-beside.ts"

const BUCKET = "show"
const cube = cubeText(2, (colour) => colour)

let root: string
let store: ObjectStore
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "beside-"))
  const opened = await openDirectoryStore(new Map([[BUCKET, root]]))
  if (!opened.ok) throw new Error(opened.failure.says)
  store = opened.value
})
afterAll(async () => {
  await store.close()
  await rm(root, { recursive: true, force: true })
})

async function lay(key: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, key)), { recursive: true })
  await writeFile(join(root, key), text)
}

/** A time that the test owns: what was asked is believed for half a minute. */
function finder(over: Partial<ObjectStore> = {}) {
  let nowMs = 0
  const held = openLookBytes()
  const beside = openLooksBeside({ store: { ...store, ...over }, clock: { steadyMs: () => nowMs }, held })
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return { beside, held, pass }
}

async function found(key: string): Promise<ReadLook | null> {
  const result = await finder().beside({ bucket: BUCKET, key })
  if (!result.ok) throw new Error(result.failure.says)
  return result.value
}

describe("the look beside a frame", () => {
  it.each([
    ["a/beauty.0101.exr", "a/beauty.cc", ccText(CDL), "cc"],
    ["b/beauty_v002_0101.dpx", "b/beauty_v002.cube", cube, "cube"],
    ["c/1001.exr", "c/look.cc", ccText(CDL), "cc"],
    ["still.tif", "still.cdl", ccText(CDL), "cdl"],
    ["d/e f/ä.0001.exr", "d/e f/ä.cc", ccText(CDL), "cc"],
  ])("of %s is %s", async (key, look, text, format) => {
    await lay(look, text)
    expect((await found(key))?.look).toMatchObject({
      name: look.split("/").at(-1),
      steps: [{ format, space: "ACEScct" }],
    })
  })

  it("is the sequence's own before the folder's, and none of another folder's or sequence's", async () => {
    await lay("f/beauty.cc", ccText(CDL))
    await lay("f/look.cc", ccText(NEUTRAL))
    expect((await found("f/beauty.0001.exr"))?.look.name).toBe("beauty.cc")
    expect((await found("f/matte.0001.exr"))?.look.name).toBe("look.cc")
    await lay("g/beauty.cc", ccText(CDL))
    expect(await found("g/matte.0001.exr")).toBeNull()
    expect(await found("g/h/beauty.0001.exr")).toBeNull()
  })

  it("is the correction of a collection that is called like the sequence", async () => {
    await lay("i/look.ccc", cccText(["sh010", NEUTRAL], ["sh020", CDL]))
    expect((await found("i/sh020.0001.exr"))?.look.steps[0]?.id).toBe("1")
    expect((await found("i/sh030.0001.exr"))?.look.problem).toContain("holds several corrections")
  })

  it("is an AMF file's with what it refers to, and states the input space", async () => {
    const input = amfInput("urn:ampas:aces:transformId:v2.0:CSC.Arri.LogC4_to_ACES.a2.v1")
    await lay("j/shot.amf", amfText([input, amfCdl(CDL), amfFile("luts/show.cube")].join("\n")))
    await lay("j/luts/show.cube", cube)
    const read = await found("j/shot.0001.exr")
    expect(read).toMatchObject({ inputSpace: "LogC4", look: { steps: [{ format: "cc" }, { format: "cube" }] } })
    expect(read?.bytes.size).toBe(2)
  })

  it.each([
    "../out.cube",
    "/etc/passwd",
    "file:///etc/passwd",
    "s3://other/x.cube",
    "luts/../../out.cube",
    "gone.cube",
  ])("never reads %j for an AMF file: its frames fail by themselves", async (reference) => {
    await lay("out.cube", cube)
    await lay("k/shot.amf", amfText(amfFile(reference)))
    const read = await found("k/shot.0001.exr")
    expect(read?.look.problem).toMatch(/is not a relative path to a file in the folder|does not exist|is no \.cdl/)
    expect(read?.bytes.size).toBe(0)
  })

  it("with a fault is a look with a problem, and another look once it is another file", async () => {
    await lay("l/beauty.cc", "<!DOCTYPE x><ColorCorrection/>")
    const broken = await found("l/beauty.0001.exr")
    expect(broken?.look).toMatchObject({ steps: [], problem: expect.stringContaining("document type") })
    await lay("l/beauty.cc", ccText(CDL))
    const mended = await found("l/beauty.0001.exr")
    expect(mended?.look.problem).toBeUndefined()
    expect(mended?.look.sha256).not.toBe(broken?.look.sha256)
  })

  it("is not fetched where it is too large", async () => {
    await lay("m/beauty.cube", "")
    await truncate(join(root, "m/beauty.cube"), 500e6)
    const { beside } = finder({ readRange: () => Promise.reject(new Error("It was fetched.")) })
    expect(await beside({ bucket: BUCKET, key: "m/beauty.0001.exr" })).toMatchObject({
      value: { look: { problem: expect.stringContaining("larger than 64 MiB") } },
    })
  })

  it("is asked for once in half a minute for all frames of a sequence", async () => {
    let heads = 0
    const head: ObjectStore["head"] = (ref) => {
      heads += 1
      return store.head(ref)
    }
    const { beside, pass } = finder({ head })
    const ask = (frame: string) => beside({ bucket: BUCKET, key: `n/beauty.${frame}.exr` })
    await lay("n/x", "")
    await Promise.all(["0001", "0002", "0003"].map(ask))
    const once = heads
    expect(await ask("0004")).toEqual({ ok: true, value: null })
    expect(heads).toBe(once)
    await lay("n/beauty.cc", ccText(CDL))
    pass(31_000)
    expect(await ask("0004")).toMatchObject({ value: { look: { name: "beauty.cc" } } })
    expect(heads).toBe(2 * once)
  })

  it("is not left out because the store cannot be asked", async () => {
    const away = failure("store/unreachable", "The store is away.")
    const { beside } = finder({ head: () => Promise.resolve(failed(away)) })
    expect(await beside({ bucket: BUCKET, key: "o/beauty.0001.exr" })).toEqual(failed(away))
  })
})

describe("settings with the look beside a frame", () => {
  const frame = { bucket: BUCKET, key: "p/beauty.0001.exr" }

  it("stay as they are where nobody looks, nothing lies there, or a rule names a look", async () => {
    expect(await withLookBeside(SETTINGS, frame, undefined)).toEqual({ ok: true, value: SETTINGS })
    expect(await withLookBeside(SETTINGS, frame, finder().beside)).toEqual({ ok: true, value: SETTINGS })
    await lay("p/beauty.cc", ccText(CDL))
    const lookFile = { name: "rule.cc", sha256: "0", steps: [] }
    const ruled = { ...SETTINGS, colour: { ...SETTINGS.colour, lookFile } }
    expect(await withLookBeside(ruled, frame, finder().beside)).toEqual({ ok: true, value: ruled })
  })

  it("hold its hash, and its bytes are held for whoever renders", async () => {
    await lay("p/beauty.cc", ccText(CDL))
    const { beside, held } = finder()
    const settings = await withLookBeside(SETTINGS, frame, beside)
    const lookFile = settings.ok ? settings.value.colour.lookFile : undefined
    const [step] = lookFile?.steps ?? []
    if (lookFile === undefined || step === undefined) throw new Error("There is no look.")
    expect(Buffer.from(held.bytesOf(lookFile, step.sha256) ?? []).toString()).toBe(ccText(CDL))
  })
})
