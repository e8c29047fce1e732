import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { HintReported } from "../../events/records.generated.ts"
import { unwrap } from "../../events/testing/results.ts"
import { openMemoryLog } from "../../log/memory.ts"
import { readAll } from "../../log/testing/harness.ts"
import { openDirectoryStore } from "../../store/directory.ts"
import { systemClock } from "../../system/clock.ts"
import { openListedFolder } from "../testing/listed-folder.ts"
import { BUCKET } from "../testing/messages.ts"
import { listFolder, lookAtFiles } from "./look.ts"
import { openStableFiles } from "./stable-files.ts"

let folder: Awaited<ReturnType<typeof openListedFolder>>
let log: ReturnType<typeof openMemoryLog>
beforeEach(async () => {
  folder = await openListedFolder(async (path) => unwrap(await openDirectoryStore(new Map([[BUCKET, path]]))))
  log = openMemoryLog({ clock: systemClock })
})
afterEach(() => folder.release())

/** A whole file at once, as another version than the one before. */
async function write(key: string, text: string): Promise<void> {
  const path = join(folder.root, key)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${folder.folder}/new`, text)
  await rename(`${folder.folder}/new`, path)
}

const remove = (key: string) => rm(join(folder.root, key))
const list = async (prefix?: string) =>
  unwrap(await listFolder(folder.portsFor(log), { bucket: BUCKET, ...(prefix !== undefined && { prefix }) }))
const look = async (...keys: readonly string[]) => {
  const stable = openStableFiles(0, systemClock.nowMs)
  unwrap(await lookAtFiles(folder.portsFor(log), { bucket: BUCKET }, { keys, stable }))
}

const hints = async () =>
  (await readAll(log, "hint-reported")).flatMap(({ content }) =>
    "fact" in content ? [content.fact.value as HintReported] : [],
  )
const told = async () => (await hints()).map(({ by, element, gone }) => [by, element.key, gone])

describe("a listing", () => {
  it("tells of what has a say in sequences once, of each version, and once more when it is gone", async () => {
    await write("a/x.1.exr", "frame")
    await write("a/.ready", "1-2")
    await list()
    await list()
    await write("a/.ready", "1-3")
    await list()
    await remove("a/.ready")
    await list()
    await list()
    expect(await told()).toEqual([
      ["ready", "a/.ready", false],
      ["ready", "a/.ready", false],
      ["ready", "a/.ready", true],
    ])
    expect(new Set((await hints()).map(({ factId }) => factId)).size).toBe(3)
  })

  it("tells of the very same version again where it was gone meanwhile", async () => {
    await write("a/edit.otio", "{}")
    await list()
    await rename(join(folder.root, "a/edit.otio"), join(folder.folder, "aside"))
    await list()
    await rename(join(folder.folder, "aside"), join(folder.root, "a/edit.otio"))
    await list()
    await list()
    expect((await told()).map(([, , gone]) => gone)).toEqual([false, true, false])
    expect(new Set((await hints()).map(({ factId }) => factId)).size).toBe(3)
  })

  it("misses nothing of another folder than its own", async () => {
    await write("a/.ready", "")
    await write("b/.ready", "")
    await list()
    await remove("a/.ready")
    await list("b/")
    expect(await told()).toHaveLength(2)
    await list("a/")
    expect((await told()).slice(2)).toEqual([["ready", "a/.ready", true]])
  })

  it("tells of a WAV that lies beside frames, and of no other", async () => {
    for (const key of ["a/x.1.exr", "a/x.wav", "effects/rain.wav", "rain.wav", "a/.proxies/x.wav"])
      await write(key, key)
    await list()
    expect(await told()).toEqual([["sound", "a/x.wav", false]])
  })

  it("leaves alone what may still be written, and does not miss it", async () => {
    await write("a/.ready", "")
    await list()
    await write("a/.ready", "1-2")
    const options = { bucket: BUCKET, isStable: () => false }
    unwrap(await listFolder(folder.portsFor(log), options))
    expect(await told()).toHaveLength(1)
  })
})

it("a look at single files tells of those that came, and of those that are gone and were told of", async () => {
  await write("a/x.wav", "sound")
  await write("a/.ready", "")
  await look("a/x.wav", "a/.ready", "a/edit.otio")
  await remove("a/x.wav")
  await look("a/x.wav", "a/.ready", "a/edit.otio")
  await look("a/x.wav")
  expect((await told()).toSorted()).toEqual([
    ["ready", "a/.ready", false],
    ["sound", "a/x.wav", false],
    ["sound", "a/x.wav", true],
  ])
})
