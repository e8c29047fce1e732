import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { unwrap } from "../../src/events/testing/results.ts"
import type { FrameMetadata } from "../../src/picture/metadata-file/index.ts"
import { exr } from "../driver/headers.ts"
import { type Driver, drive, type Wrap } from "../driver/index.ts"

const KEY = "sh010/a.0001.exr"
const METADATA = "sh010/.proxies/a.0001_metadata.json"

let t: Driver
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "metadata-"))
})
afterEach(async () => {
  await t.close()
  await rm(folder, { recursive: true })
})

async function made(wrap: Wrap = {}): Promise<void> {
  t = await drive({ settings: () => ({ metadataFile: true }), ...wrap })
  await t.puts(KEY, exr("B", "G", "R"))
  await t.arrives({ key: KEY, elementId: "one" })
}

async function read(key: string): Promise<FrameMetadata> {
  const toFile = join(folder, "read.json")
  const { etag: ifMatch, ...ref } = unwrap(await t.store.head({ bucket: "show", key }))
  const { signal } = new AbortController()
  unwrap(await t.store.fetch(ref, { toFile, ifMatch, maxBytes: 2 ** 21, signal }))
  return JSON.parse(readFileSync(toFile, "utf8")) as FrameMetadata
}

const puts = () => t.observed.filter((one) => one.kind === "step" && one.step === "store-outputs").length

it("what the header says stands beside the pictures, and the fact knows it; nobody is told of it as of a picture", async () => {
  await made()
  expect(await read(METADATA)).toMatchObject({ file: { s3_key: KEY }, aovs: [{ name: "beauty" }], errors: [] })
  const [fact] = await t.facts("proxy-made")
  const { sizeBytes, contentType } = unwrap(await t.store.head({ bucket: "show", key: METADATA }))
  expect(contentType).toBe("application/json")
  expect(fact?.furtherOutputs).toMatchObject([
    { name: "metadata", isNotified: false, output: { key: METADATA, contentType, sizeBytes, width: 0 } },
  ])
})

it("a repeat writes nothing; once it is lost, it is made again with the pictures", async () => {
  await made()
  await t.arrives({ key: KEY, elementId: "two" })
  expect(puts()).toBe(1)
  t.store.erase({ bucket: "show", key: METADATA })
  await t.arrives({ key: KEY, elementId: "three" })
  expect([puts(), (await read(METADATA)).file.s3_key]).toEqual([2, KEY])
})

it("a source whose pictures are copied has metadata of its own", async () => {
  await made()
  t.picture.rendered.length = 0
  await t.puts("sh020/b.0007.exr", exr("B", "G", "R"))
  await t.arrives({ key: "sh020/b.0007.exr" })
  expect(t.picture.rendered).toEqual([])
  expect((await read("sh020/.proxies/b.0007_metadata.json")).file).toMatchObject({
    s3_key: "sh020/b.0007.exr",
    frame_number: 7,
  })
  const facts = await t.facts("proxy-made")
  const { sizeBytes } = unwrap(await t.store.head({ bucket: "show", key: "sh020/.proxies/b.0007_metadata.json" }))
  expect(facts.at(-1)).toMatchObject({ reused: true, furtherOutputs: [{ output: { sizeBytes } }] })
})

it("a sibling that comes second to a stem has its metadata under its full name, like its pictures", async () => {
  await made()
  await t.puts("sh010/a.0001.dpx", "another format")
  await t.arrives({ key: "sh010/a.0001.dpx" })
  expect((await read("sh010/.proxies/a.0001.dpx_metadata.json")).file.s3_key).toBe("sh010/a.0001.dpx")
  expect((await read(METADATA)).file.s3_key).toBe(KEY)
})

it("a header that cannot be told of costs no picture: the file says why", async () => {
  t = await drive({ settings: () => ({ metadataFile: true }) })
  await t.puts(KEY, "shown, but no EXR")
  await t.arrives({ key: KEY })
  expect((await t.rows()).length).toBe(1)
  expect(await read(METADATA)).toMatchObject({ parts: [], channels: [], errors: [expect.stringMatching(/./)] })
})
