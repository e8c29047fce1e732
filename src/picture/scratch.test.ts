import { spawnSync } from "node:child_process"
import { mkdir, mkdtemp, readdir, rm, stat, statfs, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ownerTag, thisOwner } from "../system/owner.ts"
import { openScratch, scratchPlaces } from "./scratch.ts"

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "scratch-"))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const opened = async (scratch: Awaited<ReturnType<typeof openScratch>>, sizeBytes = 1) => {
  const result = await scratch.open(sizeBytes)
  if (!result.ok) throw new Error(result.failure.says)
  return result.value
}

describe("scratch space", () => {
  it("gives every job an empty folder of its own with a fixed name for its source, and removes it whole", async () => {
    const scratch = await openScratch({ root: join(root, "made/when missing") })
    const [a, b] = [await opened(scratch), await opened(scratch)]
    expect(a.folder).not.toBe(b.folder)
    expect(await readdir(a.folder)).toEqual([])
    expect(a.sourceFile(".exr")).toBe(join(a.folder, "source.exr"))
    await writeFile(a.sourceFile(".exr"), "x")
    await a.remove()
    await a.remove()
    expect(await readdir(join(root, "made/when missing"))).toEqual([b.folder.split("/").at(-1)])
  })

  it("refuses a job that finds no room, counting what the jobs under way will still write", async () => {
    const scratch = await openScratch({ root })
    const refused = await scratch.open(2 ** 52)
    expect(!refused.ok && refused.failure).toMatchObject({ code: "scratch/full", kind: "outage" })
    const { freeBytes } = await free(root)
    const most = await openScratch({ root, workingBytes: 0 })
    const first = await opened(most, Math.floor(freeBytes * 0.6))
    expect((await most.open(Math.floor(freeBytes * 0.6))).ok).toBe(false)
    await first.remove()
    expect((await most.open(Math.floor(freeBytes * 0.6))).ok).toBe(true)
  })

  it("uses memory while there is plenty of it and the disk otherwise", async () => {
    const [memoryRoot, disk] = [join(root, "memory"), join(root, "disk")]
    await mkdir(memoryRoot)
    const scratch = await openScratch({ root: disk, memoryRoot, workingBytes: 0 })
    const { freeBytes } = await free(root)
    expect((await opened(scratch, 1)).folder).toContain(memoryRoot)
    expect((await opened(scratch, Math.floor(freeBytes * 0.7))).folder).toContain(disk)
  })

  it("sweeps what dead processes left, and nothing else", async () => {
    const here = await thisOwner()
    const dead = spawnSync("/bin/true").pid
    const folders = {
      dead: `${ownerTag({ ...here, pid: dead })}-aaaaaa`,
      reusedPid: `${ownerTag({ ...here, started: "1" })}-bbbbbb`,
      beforeReboot: `${ownerTag({ ...here, boot: "00000000" })}-cccccc`,
      foreignOld: `${ownerTag({ ...here, place: "00000000" })}-dddddd`,
      foreignNew: `${ownerTag({ ...here, place: "00000001" })}-eeeeee`,
      mine: `${ownerTag(here)}-ffffff`,
      notOurs: "photos",
    }
    for (const name of Object.values(folders)) await mkdir(join(root, name, "deep"), { recursive: true })
    const longAgo = new Date(Date.now() - 3 * 24 * 3_600_000)
    await utimes(join(root, folders.foreignOld), longAgo, longAgo)
    await openScratch({ root })
    expect((await readdir(root)).sort()).toEqual([folders.foreignNew, folders.mine, folders.notOurs].sort())
  })

  it("does without memory-backed space where the system has none", async () => {
    const scratch = await openScratch({ root, memoryRoot: join(root, "none") })
    expect((await opened(scratch)).folder).toMatch(new RegExp(`^${root}/oiio-proxy-`))
    expect(scratchPlaces("/mnt/fast")).toEqual({ root: "/mnt/fast", memoryRoot: null })
    await (await opened(await openScratch(scratchPlaces(null)))).remove()
  })

  it("reports an unusable folder as an outage of this machine", async () => {
    await writeFile(join(root, "file"), "")
    const scratch = await openScratch({ root: join(root, "file") })
    expect(await scratch.open(1)).toMatchObject({ ok: false, failure: { code: "scratch/full", kind: "outage" } })
  })

  it("does not let other users look in", async () => {
    const { folder } = await opened(await openScratch({ root: join(root, "private") }))
    expect((await stat(folder)).mode & 0o077).toBe(0)
  })
})

async function free(path: string): Promise<{ freeBytes: number }> {
  const { bavail, bsize } = await statfs(path)
  return { freeBytes: bavail * bsize }
}
