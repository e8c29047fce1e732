import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { openMemoryStore } from "../store/memory.ts"
import { systemClock } from "../system/clock.ts"
import { framesListed } from "./frames-listed.ts"

const KEY = "a/.proxies/x_sequence.json"
const ROW = { bucket: "show", manifest_key: KEY, revision: "r1" }
const [XXH3, SHA256] = ["0a".repeat(16), "f".repeat(64)]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frames-listed-"))
})
afterAll(() => rm(folder, { recursive: true }))

async function storeWith(text: string) {
  const [store, file] = [openMemoryStore({ clock: systemClock }), join(folder, "manifest")]
  await writeFile(file, text)
  const put = { contentType: "application/json", tags: {}, metadata: {} }
  unwrap(await store.put({ bucket: "show", key: KEY }, file, put))
  return store
}

const listedIn = async (text: string, row = ROW) => framesListed(row, { store: await storeWith(text) })

it("the frames of a sequence are those of its manifest, each with its file and what is known of its bytes", async () => {
  const frame = { frame: 1, key: "a/x.1.exr", sourceVersion: "v", contentHash: XXH3, contentSha256: SHA256 }
  const older = { frame: 2, key: "a/x.2.exr", proxy: { key: "a/.proxies/x.2_proxy.mp4" } }
  expect(await listedIn(JSON.stringify({ revision: "r1", frames: [frame, older] }))).toEqual({
    frames: [frame, { frame: 2, key: "a/x.2.exr", sourceVersion: null, contentHash: null, contentSha256: null }],
  })
})

it.each([
  ["is no manifest", "{"],
  ["is no manifest", "[]"],
  ["is of another revision than the table", JSON.stringify({ revision: "r0", frames: [] })],
  ["lists what is no frame", JSON.stringify({ revision: "r1", frames: [{ frame: "1", key: "a/x.1.exr" }] })],
])("a manifest that %s is not believed: %s", async (says, text) => {
  expect(await listedIn(text)).toEqual({ problem: `${KEY} ${says}.` })
})

it("a hash that is none is none, a manifest that is gone a problem, and without a movie there is nothing to list", async () => {
  const odd = { frame: 1, key: "a/x.1.exr", sourceVersion: 7, contentHash: "\u001b[2J", contentSha256: XXH3 }
  expect(await listedIn(JSON.stringify({ revision: "r1", frames: [odd] }))).toEqual({
    frames: [{ frame: 1, key: "a/x.1.exr", sourceVersion: null, contentHash: null, contentSha256: null }],
  })
  const store = openMemoryStore({ clock: systemClock })
  expect(await framesListed(ROW, { store })).toEqual({ problem: expect.stringContaining("store/missing") })
  expect(await framesListed({ ...ROW, manifest_key: null }, { store })).toBeNull()
})
