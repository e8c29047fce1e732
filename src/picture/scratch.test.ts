import { spawnSync } from "node:child_process"
import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { ownerTag, thisOwner } from "../system/owner.ts"
import { openScratch, scratchPlaces } from "./scratch.ts"
import { freeBytes, scratchContract } from "./testing/scratch-contract.ts"

const working = (workingBytes?: number) => (workingBytes === undefined ? {} : { workingBytes })

scratchContract("on disk", (root, bytes) => openScratch({ root, ...working(bytes) }))
scratchContract("in memory, and on disk where that is full", (root, bytes) =>
  openScratch({ root, memoryRoot: root, ...working(bytes) }),
)

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "scratch-"))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const opened = async (scratch: Awaited<ReturnType<typeof openScratch>>, sizeBytes = 1) =>
  unwrap(await scratch.open(sizeBytes))

describe("scratch space", () => {
  it("uses memory while there is plenty of it and the disk otherwise", async () => {
    const [memoryRoot, disk] = [join(root, "memory"), join(root, "disk")]
    await mkdir(memoryRoot)
    const scratch = await openScratch({ root: disk, memoryRoot, workingBytes: 0 })
    expect((await opened(scratch, 1)).folder).toContain(memoryRoot)
    expect((await opened(scratch, Math.floor((await freeBytes(root)) * 0.7))).folder).toContain(disk)
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
})
