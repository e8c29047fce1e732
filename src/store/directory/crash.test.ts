import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { firstWord, startChild } from "../testing/child.ts"
import { type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf, text } from "../testing/store-fixture.ts"

let fixture: FolderFixture
let scratch: string
beforeEach(async () => {
  fixture = await openFolderFixture()
  scratch = await mkdtemp(join(tmpdir(), "scratch-"))
})
afterEach(async () => {
  await fixture.release()
  await rm(scratch, { recursive: true, force: true })
})

/** Number of the version that an object's bytes, all of them, and its metadata agree on. */
async function versionOf(key: string): Promise<number> {
  const head = unwrap(await fixture.store.head(fixture.ref(key)))
  const { version } = head.metadata
  const bytes = text((await fixture.fetch(key, { ifMatch: head.etag })).bytes)
  expect([key, bytes?.slice(0, 20)]).toEqual([key, `${version},`.repeat(20_000).slice(0, 20)])
  expect(bytes).toBe(`${version},`.repeat(20_000))
  return Number(version)
}

const SEED = 20_240_611

it(`leaves whole objects with their own metadata when its process is killed at any instant (seed ${SEED})`, async () => {
  let random = SEED
  let latest = -1
  // On a slow machine the first ones may die before they have put anything.
  for (let kill = 0; kill < 20 || (latest <= 0 && kill < 200); kill++) {
    const child = startChild("put-for-ever", fixture.root, scratch, `${latest + 1}`)
    await firstWord(child)
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31
    await sleep(5 + (random % 60))
    child.process.kill("SIGKILL")
    await child.ended
    expect(child.process.signalCode).toBe("SIGKILL")
    const objects = (await fixture.list()).map((entry) => unwrap(entry).key)
    for (const key of objects.filter((name) => name !== "a.jpg")) expect(`${await versionOf(key)}.jpg`).toBe(key)
    const found = objects.includes("a.jpg") ? await versionOf("a.jpg") : latest
    expect(found).toBeGreaterThanOrEqual(latest)
    latest = Math.max(found, ...objects.filter((name) => name !== "a.jpg").map((name) => Number.parseInt(name, 10)))
    await Promise.all(objects.filter((name) => name !== "a.jpg").map((name) => fixture.erase(name)))
  }
  expect(latest).toBeGreaterThan(0)
})

it("sweeps what the dead left when the next process writes there", async () => {
  const isLeftOver = (name: string): boolean => /\.(upload|claim)$/.test(name)
  for (let kill = 0; kill < 400; kill++) {
    const child = startChild("put-for-ever", fixture.root, scratch, `${kill * 1000}`)
    await firstWord(child)
    await sleep(3 + (kill % 40))
    child.process.kill("SIGKILL")
    await child.ended
    expect(child.process.signalCode).toBe("SIGKILL")
    if ((await readdir(fixture.root)).includes(".object-metadata") && (await fixture.metadataFiles()).some(isLeftOver))
      break
  }
  expect((await fixture.metadataFiles()).filter(isLeftOver)).not.toEqual([])
  unwrap(await fixture.put("other.jpg", "x"))
  expect((await fixture.metadataFiles()).filter(isLeftOver)).toEqual([])
  for (const entry of await fixture.list()) expect(codeOf(entry)).toBe("ok")
})

it.each(["ifAbsent", "ifMatch"])("lets one of several processes win each name (%s)", async (condition) => {
  const names = Array.from({ length: 40 }, (_, n) => `${n}.jpg`)
  if (condition === "ifMatch")
    for (const name of names) unwrap(await fixture.put(name, "nobody", { metadata: { winner: "nobody" } }))
  const writers = ["red", "green", "blue"]
  const children = writers.map((writer) => startChild("claim-names", fixture.root, scratch, writer, condition))
  const won = (await Promise.all(children.map(({ said }) => said))).map((said) => said.split(" ").filter(Boolean))
  await Promise.all(children.map(({ ended }) => ended))
  expect(children.map(({ process: child }) => child.exitCode)).toEqual([0, 0, 0])
  expect(won.flat().sort()).toEqual(names.map((name) => name.slice(0, -4)).sort())
  for (const [index, writer] of writers.entries())
    for (const name of won[index] ?? [])
      expect(unwrap(await fixture.store.head(fixture.ref(`${name}.jpg`))).metadata).toEqual({ winner: writer })
})
