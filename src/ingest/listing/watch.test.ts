import { EventEmitter } from "node:events"
import { appendFile, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { afterEach, describe, expect, it, onTestFinished } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { openMemoryLog } from "../../log/memory.ts"
import { openDirectoryStore } from "../../store/directory.ts"
import type { ObjectStore } from "../../store/index.ts"
import { systemClock } from "../../system/clock.ts"
import { openListedFolder } from "../testing/listed-folder.ts"
import { BUCKET } from "../testing/messages.ts"
import type { OpenWatcher } from "./change-notices.ts"
import { openWatchIntake, type WatchOptions } from "./watch.ts"

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

/** An hour: what comes sooner was heard of, not found by listing. */
const NEVER_MS = 3_600_000

/** A folder that is watched, and the facts that came of it. */
async function watched(options: Partial<WatchOptions> = {}, wrap = (store: ObjectStore): ObjectStore => store) {
  const { root, portsFor, knows, release } = await openListedFolder(async (path) =>
    wrap(unwrap(await openDirectoryStore(new Map([[BUCKET, path]])))),
  )
  const log = openMemoryLog({ clock: systemClock })
  let listings = 0
  const intake = await openWatchIntake(portsFor(log), {
    ...{ root, bucket: BUCKET, quietMs: 200, pollMs: NEVER_MS },
    onLook: () => {
      listings += 1
    },
    ...options,
  })
  const stop = new AbortController()
  const ended = intake.run(stop.signal)
  endings.push(async () => {
    stop.abort()
    // A bug is the business of the test that plants it.
    await Promise.allSettled([ended])
    await release()
  })
  const keysOf = async (topic: "element-created" | "removal-reported"): Promise<string[]> => {
    const keys: string[] = []
    for await (const record of log.read(topic)) {
      const { content } = unwrap(record)
      if ("fact" in content) keys.push(elementOf(content.fact).key)
    }
    return keys
  }
  const write = async (key: string, text = "x"): Promise<void> => {
    await mkdir(dirname(join(root, key)), { recursive: true })
    await writeFile(join(root, key), text)
  }
  const takes = (key: string) => expect.poll(() => keysOf("element-created"), { timeout: 30_000 }).toContain(key)
  const listed = () => expect.poll(() => listings, { timeout: 30_000 }).toBeGreaterThan(0)
  return { root, intake, ended, keysOf, knows, write, takes, listed, listings: () => listings }
}

describe.runIf(process.platform === "linux")("a watched folder on a local disk", () => {
  it("takes a file that comes without listing the folder again, once", async () => {
    const { intake, write, takes, listed, listings, keysOf } = await watched()
    expect(intake.notices).toBe(true)
    await listed()
    await write("shots/a.0001.exr")
    await takes("shots/a.0001.exr")
    expect([listings(), await keysOf("element-created")]).toEqual([1, ["shots/a.0001.exr"]])
  })

  it("takes a file that grows when it has become still, and not before", async () => {
    const { root, write, takes, listed, keysOf } = await watched({ quietMs: 3000 })
    await listed()
    await write("a.exr")
    for (let write = 0; write < 10; write++) {
      await appendFile(join(root, "a.exr"), "more")
      await systemClock.sleep(50)
      expect(await keysOf("element-created")).toEqual([])
    }
    await takes("a.exr")
  })

  it("takes what a folder that is moved in brings along, and what comes into it afterwards", async () => {
    const { root, write, takes, listed } = await watched()
    await write("../outside/deep/a.exr")
    await listed()
    await rename(join(root, "../outside"), join(root, "inside"))
    await takes("inside/deep/a.exr")
    await write("inside/deep/b.exr")
    await takes("inside/deep/b.exr")
  })

  it("takes what comes elsewhere while a folder that came is still listed, and what came into that one meanwhile", async () => {
    const end = Promise.withResolvers<void>()
    onTestFinished(() => end.resolve())
    const { root, write, takes, listed } = await watched({}, (store) => ({
      ...store,
      async *list(bucket, options) {
        yield* store.list(bucket, options)
        if (options?.prefix === "huge/") await end.promise
      },
    }))
    await listed()
    await write("../outside/a.exr")
    await rename(join(root, "../outside"), join(root, "huge"))
    await write("small/b.exr")
    await takes("small/b.exr")
    await write("huge/deep/c.exr")
    await takes("huge/deep/c.exr")
    end.resolve()
    await takes("huge/a.exr")
  })

  it("reports a file and a folder that go", async () => {
    const { root, write, takes, knows, keysOf } = await watched()
    await write("a.exr")
    await write("shots/b.exr")
    await takes("a.exr")
    await takes("shots/b.exr")
    await knows("a.exr")
    await knows("shots/b.exr")
    await rm(join(root, "a.exr"))
    await rm(join(root, "shots"), { recursive: true })
    await expect
      .poll(async () => (await keysOf("removal-reported")).toSorted(), { timeout: 30_000 })
      .toEqual(expect.arrayContaining(["a.exr", "shots/b.exr"]))
  })

  it("hears nothing in what lies among outputs, nor in files that are no frames", async () => {
    const { write, takes, listed, keysOf } = await watched()
    await listed()
    await write(".proxies/a.exr")
    await write("notes.txt")
    await write("z.exr")
    await takes("z.exr")
    expect(await keysOf("element-created")).toEqual(["z.exr"])
  })
})

describe("a watched folder without notices", () => {
  const noneLeft: OpenWatcher = () => {
    throw Object.assign(new Error("ENOSPC: watch"), { code: "ENOSPC", syscall: "watch" })
  }

  it("says once that the system has no watches left, and is listed in their place, each arrival once", async () => {
    const said: string[] = []
    const { intake, write, takes, listings, keysOf } = await watched({
      open: noneLeft,
      pollMs: 50,
      onLost: (says) => said.push(says),
    })
    expect(intake.notices).toBe(false)
    await write("a.exr")
    await takes("a.exr")
    const before = listings()
    await expect.poll(listings, { timeout: 30_000 }).toBeGreaterThan(before + 2)
    expect(await keysOf("element-created")).toEqual(["a.exr"])
    expect(said).toEqual([expect.stringMatching(/max_user_watches.*: it is listed every 0\.05 s instead\.$/)])
  })

  it("is listed from when they end", async () => {
    const heard: Parameters<OpenWatcher>[1][] = []
    const oneLeft: OpenWatcher = (folder, hear) => {
      if (heard.length > 0) return noneLeft(folder, hear)
      heard.push(hear)
      return Object.assign(new EventEmitter(), { close: () => undefined }) as unknown as ReturnType<OpenWatcher>
    }
    const { intake, write, takes, listed } = await watched({ open: oneLeft, pollMs: 50 })
    expect(intake.notices).toBe(true)
    await listed()
    await write("late/a.exr")
    heard[0]?.("rename", "late")
    await takes("late/a.exr")
    await write("late/b.exr")
    await takes("late/b.exr")
  })

  it("ends with a bug, wherever it is met", async () => {
    const bug = new Error("a bug")
    const { ended } = await watched({
      onLook: () => {
        throw bug
      },
    })
    await expect(ended).rejects.toBe(bug)
  })
})
