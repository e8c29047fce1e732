import { spawnSync } from "node:child_process"
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { failed, failure } from "../src/events/result.ts"
import { elementCreated } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import type { ObjectStore } from "../src/store/index.ts"
import { type Driver, drive, type Wrap } from "./driver/index.ts"
import { failuresOf, rowsOf, statusOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, filesBelow, openFrames } from "./machine/frames.ts"
import { run, start } from "./machine/process.ts"

/** Longer than any back-off, and than an S3 store holds back after a denial. */
const A_WHILE = 180_000

/** Folders of a memory store that cannot be written, as long as the test wants. */
function readOnlyFolders(...folders: readonly string[]) {
  const shut = new Set(folders)
  const refusal = failed(failure("store/read-only", "Outputs cannot be written there."))
  const isShut = (key: string): boolean => [...shut].some((folder) => key.startsWith(`${folder}/.proxies/`))
  return {
    opens: () => shut.clear(),
    /** Says so when it is asked. */
    asked: (store: ObjectStore): ObjectStore => ({
      ...store,
      checkWritable: async (ref) => (isShut(ref.key) ? refusal : store.checkWritable(ref)),
    }),
    /** Says so when something is stored alone, and from then on. */
    tried: (store: ObjectStore): ObjectStore => {
      let isKnown = false
      return {
        ...store,
        checkWritable: async (ref) => (isKnown && isShut(ref.key) ? refusal : store.checkWritable(ref)),
        put: async (ref, file, options) => {
          if (!isShut(ref.key)) return store.put(ref, file, options)
          isKnown = true
          return refusal
        },
      }
    },
  }
}

describe("read-only-share: a worker", () => {
  let t: Driver
  afterEach(() => t.close())

  const working = async (wrap: Wrap): Promise<void> => {
    t = await drive(wrap)
  }
  const keysOf = (folder: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${folder}/${at}.exr`)

  const arrive = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) await t.puts(key, `picture of ${key}`)
    unwrap(
      await t.log.append(
        keys.map((key, at) => elementCreated({ bucket: "show", key, elementId: `element ${at} of ${key}` })),
      ),
    )
  }
  const madeKeys = async (): Promise<string[]> =>
    (await t.facts("proxy-made")).map(({ element }) => element.key).toSorted()
  const failedKeys = async (): Promise<string[]> => (await t.facts("element-failed")).map(({ element }) => element.key)

  it("renders nothing where outputs cannot be written, fails nothing, and makes all of it once they can", async () => {
    const folders = readOnlyFolders("shut")
    await working({ store: folders.asked })
    await arrive(keysOf("shut", 5))
    await t.passes(A_WHILE)
    expect([t.picture.rendered, await failedKeys(), await t.lag("renderer")]).toEqual([[], [], 5])
    folders.opens()
    await t.passes(A_WHILE)
    expect([await madeKeys(), await failedKeys(), t.picture.rendered.length]).toEqual([keysOf("shut", 5), [], 5])
  })

  it("makes what comes for other folders, however much waits for one: it holds no credits", async () => {
    const folders = readOnlyFolders("shut", "shut/too")
    await working({ store: folders.asked, policy: { credits: 4 } })
    await arrive([...keysOf("shut", 12), ...keysOf("shut/too", 12)])
    await t.passes(A_WHILE)
    await arrive(keysOf("open", 6))
    await t.passes(A_WHILE)
    expect([await madeKeys(), t.picture.rendered.length]).toEqual([keysOf("open", 6), 6])
    folders.opens()
    await t.passes(A_WHILE)
    expect((await madeKeys()).length).toBe(30)
    expect(await t.lag("renderer")).toBe(0)
  })

  it("nor do the later arrivals of a frame that waits", async () => {
    const folders = readOnlyFolders("shut")
    await working({ store: folders.asked, policy: { credits: 4 } })
    await arrive(Array<string>(12).fill("shut/a.exr"))
    await arrive(keysOf("open", 3))
    await t.passes(A_WHILE)
    expect(await madeKeys()).toEqual(keysOf("open", 3))
  })

  it("gives its renders to others where a PUT alone tells, and renders no second frame in vain", async () => {
    const folders = readOnlyFolders("shut")
    await working({ store: folders.tried, policy: { credits: 4, rendersInFlight: 1, sourcesHeld: 1 } })
    await arrive(keysOf("shut", 20))
    await t.passes(A_WHILE)
    const inVain = t.picture.rendered.length
    await arrive(keysOf("open", 3))
    await t.passes(A_WHILE)
    expect([inVain <= 4, await madeKeys(), await failedKeys()]).toEqual([true, keysOf("open", 3), []])
    folders.opens()
    await t.passes(A_WHILE)
    expect((await madeKeys()).length).toBe(23)
  })

  it("leaves what waits to the next when it is stopped", async () => {
    const folders = readOnlyFolders("shut")
    await working({ store: folders.asked })
    await arrive(keysOf("shut", 3))
    expect((await t.drains()).every((problem) => problem === null)).toBe(true)
    expect(await t.lag("renderer")).toBe(3)
    folders.opens()
    t.starts()
    await t.passes(A_WHILE)
    expect(await madeKeys()).toEqual(keysOf("shut", 3))
  })
})

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

describe("read-only-share: on one machine", { timeout: 120_000 }, () => {
  let frames: Frames
  beforeEach(() => {
    frames = openFrames({ "open/a.exr": "window", "shut/b.exr": "shifted", "shut/c.exr": "stretched" })
  })
  afterEach(() => frames.remove())

  /** An ordinary user owns it all, whom permissions hold back; root gives up its rights for it. */
  function handOver(): { readonly uid: number } | Record<string, never> {
    if (!isRoot) return {}
    for (const path of ["..", "", "open", "shut", ...frames.files()]) chownSync(frames.path(path), NOBODY, NOBODY)
    return { uid: NOBODY }
  }

  const SENTENCE = /error: Outputs cannot be written in the folder \S*shut\S* \(EACCES\): give this user the right/

  it("run makes what can be made, says once what cannot, ends with 3, and the next run makes it", async () => {
    const user = handOver()
    chmodSync(frames.path("shut"), 0o555)
    const argv = ["run", frames.dir, "--scratch", frames.beside("scratch")]
    const { code, stderr } = await run(argv, user)
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(SENTENCE) })
    expect(stderr.match(/Outputs cannot be written/g)).toHaveLength(1)
    expect(stderr).toMatch(/1 frame rendered .* 0 failed/)
    expect(stderr).toContain("code: store/read-only")
    expect(stderr).toContain("Not rendered because of that: 2 frames. The next run takes them.")
    expect(await failuresOf(frames)).toEqual([])
    expect((await statusOf(frames)).states).toEqual({ queued: 2, done: 1, failed: 0 })
    const again = await run(argv, user)
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 3, stderr: expect.stringMatching(SENTENCE) })
    chmodSync(frames.path("shut"), 0o755)
    expect(await run(argv, user)).toMatchObject({ code: 0, stderr: expect.stringContaining("2 frames rendered") })
  })

  it("run --watch waits for the right, makes other frames meanwhile, and goes on with it", async () => {
    const user = handOver()
    chmodSync(frames.path("shut"), 0o555)
    const quick = ["--watch-quiet-seconds", "1", "--watch-poll-seconds", "1", "--backoff-max-ms", "500"]
    const running = start(["run", frames.dir, "--watch", "--scratch", frames.beside("scratch"), ...quick], user)
    await running.says("waiting: store/read-only: ")
    await eventually("the other folder's frame is done", async () => (await statusOf(frames)).states.done === 1)
    chmodSync(frames.path("shut"), 0o755)
    await eventually("all frames are done", async () => (await statusOf(frames)).states.done === 3)
    running.send("SIGTERM")
    expect((await running.ended).code).toBe(0)
  })

  describe("mounted read-only as a whole", () => {
    let share: string
    let isMounted = false
    beforeEach((context) => {
      // Of the same name: the bucket is part of what makes outputs current.
      share = frames.beside("mounted/show")
      mkdirSync(share, { recursive: true })
      isMounted =
        spawnSync("mount", ["--bind", frames.dir, share]).status === 0 &&
        spawnSync("mount", ["-o", "remount,ro,bind", share]).status === 0
      if (!isMounted) context.skip("mounting a share read-only needs root")
    })
    afterEach(() => {
      if (isMounted) spawnSync("umount", [share])
      isMounted = false
    })

    it("keeps the state in the user's folder, renders nothing, and says one sentence for each folder", async () => {
      const env = { XDG_STATE_HOME: frames.beside("states") }
      const { code, stderr } = await run(["run", share, "--scratch", frames.beside("scratch")], { env })
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: expect.stringMatching(/cannot be written: the state is kept/),
      })
      expect(stderr.match(/Outputs cannot be written in the folder \S+ \(EROFS\)/g)).toHaveLength(2)
      expect(stderr).toContain("Not rendered because of that: 3 frames.")
      expect(frames.files()).toEqual(["open/a.exr", "shut/b.exr", "shut/c.exr"])
      expect(existsSync(frames.path(".oiio-proxy-generator"))).toBe(false)
      const states = join(frames.beside("states"), "oiio-proxy-generator")
      expect(filesBelow(states).map((file) => file.split("/").at(-1))).toContain("state.sqlite")
      const status = await run(["status", share, "--json"], { env })
      expect(JSON.parse(status.stdout)).toMatchObject({ states: { queued: 3, done: 0, failed: 0 } })
      expect(readdirSync(states)).toHaveLength(1)
    })

    it("needs no right to write where outputs are current", async () => {
      const env = { XDG_STATE_HOME: frames.beside("states") }
      expect((await run(["run", frames.dir, "--state", frames.beside("own")])).code).toBe(0)
      const thumbnail = readFileSync(frames.path("open/.proxies/a_thumb.jpg"))
      rmSync(frames.beside("own"), { recursive: true })
      const { code, stderr } = await run(["run", share], { env })
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("3 frames up to date") })
      expect(readFileSync(frames.path("open/.proxies/a_thumb.jpg"))).toEqual(thumbnail)
      expect(await rowsOf({ dir: share, state: join(states(env), readdirSync(states(env))[0] ?? "") })).toHaveLength(3)
    })
  })
})

const states = (env: { readonly XDG_STATE_HOME: string }): string => join(env.XDG_STATE_HOME, "oiio-proxy-generator")
