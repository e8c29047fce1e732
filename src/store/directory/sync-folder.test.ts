import { mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { syncFolder } from "./sync-folder.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sync-folder-"))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

/** Syncs of open folders from here on; each waits for `release`. */
async function heldSyncs() {
  const handle = await open(folder, "r")
  const prototype = Object.getPrototypeOf(handle) as { sync: () => Promise<void> }
  await handle.close()
  const waiting: (() => void)[] = []
  const sync = vi.spyOn(prototype, "sync").mockImplementation(() => new Promise((resolve) => waiting.push(resolve)))
  const release = async (): Promise<void> => {
    await vi.waitUntil(() => waiting.length > 0)
    waiting.shift()?.()
  }
  return { sync, release }
}

describe("syncing a folder", () => {
  it("shares one sync among all who come while another is under way", async () => {
    const { sync, release } = await heldSyncs()
    const first = syncFolder(folder)
    const later = [syncFolder(folder), syncFolder(folder), syncFolder(folder)]
    await release()
    await first
    await release()
    await Promise.all(later)
    expect(sync).toHaveBeenCalledTimes(2)
  })

  it("is not over for whoever came later when the one under way is", async () => {
    const { release } = await heldSyncs()
    let isOver = false
    const first = syncFolder(folder)
    const second = syncFolder(folder).then(() => {
      isOver = true
    })
    await release()
    await first
    expect(isOver).toBe(false)
    await release()
    await second
  })

  it("begins anew for whoever comes after a failure", async () => {
    const gone = join(folder, "gone")
    const [first, second] = await Promise.allSettled([syncFolder(gone), syncFolder(gone)])
    expect([first?.status, second?.status]).toEqual(["rejected", "rejected"])
    await expect(syncFolder(folder)).resolves.toBeUndefined()
  })
})
