import { EventEmitter } from "node:events"
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type ChangeNotices, type OpenWatcher, openChangeNotices, openWatcher } from "./change-notices.ts"

let root: string
let notices: ChangeNotices | null = null
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "change-notices-"))
})
afterEach(async () => {
  notices?.close()
  notices = null
  await rm(root, { recursive: true, force: true })
})

async function write(key: string, text = "x"): Promise<void> {
  await mkdir(dirname(join(root, key)), { recursive: true })
  await writeFile(join(root, key), text)
}

/** Folders that are watched, and a way to hear of all that changed since the beginning. */
async function listen(open: OpenWatcher = openWatcher) {
  const watched: string[] = []
  const opened = await openChangeNotices({
    root,
    wake: () => undefined,
    open: (folder, heard) => {
      const watcher = open(folder, heard)
      watched.push(folder.slice(root.length + 1))
      return watcher
    },
  })
  notices = opened
  const heard = { written: new Set<string>(), renamed: new Set<string>(), folders: new Set<string>() }
  const all = () => {
    const changes = opened.take()
    for (const kind of ["written", "renamed", "folders"] as const) for (const key of changes[kind]) heard[kind].add(key)
    return heard
  }
  const hears = (what: keyof typeof heard, key: string) =>
    expect.poll(() => [...all()[what]], { timeout: 20_000 }).toContain(key)
  return { opened, watched, all, hears }
}

describe.runIf(process.platform === "linux")("notices of changes", () => {
  it("tell of files that come, are written and go, in folders of any depth", async () => {
    await write("shots/sh010/a.0001.exr")
    const { hears } = await listen()
    await write("shots/sh010/a.0001.exr", "longer")
    await hears("written", "shots/sh010/a.0001.exr")
    await write("new.exr")
    await hears("renamed", "new.exr")
    await rm(join(root, "new.exr"))
    await hears("renamed", "new.exr")
  })

  it("tell of a folder that comes, with all that is in it by then, and of what comes into it later", async () => {
    const { hears } = await listen()
    await write("elsewhere/deep/a.exr")
    await hears("folders", "elsewhere/")
    await write("elsewhere/deep/b.exr")
    await hears("renamed", "elsewhere/deep/b.exr")
  })

  it("tell of a folder that is renamed by its old and its new name, and of its files by the new one", async () => {
    await write("old/deep/a.exr")
    const { hears, all } = await listen()
    await rename(join(root, "old"), join(root, "new"))
    await hears("folders", "old/")
    await hears("folders", "new/")
    await write("new/deep/b.exr")
    await hears("renamed", "new/deep/b.exr")
    expect([...all().renamed].filter((key) => key.startsWith("old/"))).toEqual([])
  })

  it("tell of a folder that is deleted", async () => {
    await write("gone/deep/a.exr")
    const { hears } = await listen()
    await rm(join(root, "gone"), { recursive: true })
    await hears("folders", "gone/")
  })

  it("tell of nothing among outputs, metadata and the state, which are not even watched", async () => {
    for (const ours of [".proxies", ".object-metadata", ".oiio-proxy-generator"]) await write(`shots/${ours}/a.exr`)
    const { watched, all, hears } = await listen()
    expect(watched.toSorted()).toEqual(["", "shots/"])
    await write("shots/.proxies/b_thumb.jpg")
    await write("other/.proxies/b_thumb.jpg")
    await write("shots/last.exr")
    await hears("renamed", "shots/last.exr")
    expect([...all().written, ...all().renamed].filter((key) => key.includes("/."))).toEqual([])
  })

  it("take one watch for a folder, however many files it holds", async () => {
    for (let frame = 0; frame < 20; frame++) await write(`shots/a.${frame}.exr`)
    expect((await listen()).watched).toEqual(["", "shots/"])
  })
})

/** Watches of a system that has `most` of them. */
function limited(most: number) {
  const open = new Map<string, (event: "rename" | "change", name: string | null) => void>()
  const watcher: OpenWatcher = (folder, heard) => {
    if (open.size >= most) throw Object.assign(new Error("ENOSPC: watch"), { code: "ENOSPC", syscall: "watch" })
    open.set(folder, heard)
    return Object.assign(new EventEmitter(), {
      close: () => void open.delete(folder),
    }) as unknown as ReturnType<OpenWatcher>
  }
  return { open, watcher }
}

describe("the system's watches", () => {
  it("that run out are all given back, with a reason, since half of the folders is worse than none", async () => {
    await write("a/b/c/frame.exr")
    const { open, watcher } = limited(2)
    const { opened } = await listen(watcher)
    expect(opened.lost()).toMatch(/no notices of changes.*ENOSPC; raise fs\.inotify\.max_user_watches/)
    expect(open.size).toBe(0)
  })

  it("that run out later, for a new folder, are given back then", async () => {
    const { open, watcher } = limited(1)
    const { opened } = await listen(watcher)
    expect(opened.lost()).toBeNull()
    await mkdir(join(root, "late"))
    open.get(root)?.("rename", "late")
    await expect.poll(() => opened.lost(), { timeout: 20_000 }).toMatch(/ENOSPC/)
    expect(open.size).toBe(0)
  })

  it("that tell of no name, or of one that is no text, have the whole folder listed", async () => {
    const { open, watcher } = limited(10)
    const { opened } = await listen(watcher)
    open.get(root)?.("change", null)
    open.get(root)?.("rename", "odd\ufffd.exr")
    expect([...opened.take().folders]).toEqual([""])
    expect([...opened.take().folders]).toEqual([])
  })

  it("are closed with the notices, and a bug in opening them is thrown", async () => {
    await write("a/frame.exr")
    const { open, watcher } = limited(10)
    const { opened } = await listen(watcher)
    expect(open.size).toBe(2)
    opened.close()
    expect(open.size).toBe(0)
    const bug = new Error("a bug")
    await expect(
      listen(() => {
        throw bug
      }),
    ).rejects.toBe(bug)
  })
})
