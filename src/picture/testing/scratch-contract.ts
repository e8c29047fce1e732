import { mkdir, mkdtemp, readdir, rm, stat, statfs, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import type { Scratch } from "../model.ts"

/** Opens scratch space below a folder that exists; `workingBytes` is what a job needs besides its source. */
export type OpenScratch = (root: string, workingBytes?: number) => Promise<Scratch>

/** What every Scratch promises (its port is in index.ts), wherever its folders lie. */
export function scratchContract(name: string, open: OpenScratch): void {
  describe(`scratch space: ${name}`, () => {
    let root: string
    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), "scratch-"))
    })
    afterEach(() => rm(root, { recursive: true, force: true }))

    it("gives every job an empty folder of its own with a fixed name for its source, and removes it whole", async () => {
      const scratch = await open(join(root, "made/when missing"))
      const [a, b] = [unwrap(await scratch.open(1)), unwrap(await scratch.open(1))]
      expect(a.folder).not.toBe(b.folder)
      expect(await readdir(a.folder)).toEqual([])
      expect(a.sourceFile(".exr")).toBe(join(a.folder, "source.exr"))
      await writeFile(a.sourceFile(".exr"), "x")
      await a.remove()
      await a.remove()
      await expect(stat(a.folder)).rejects.toMatchObject({ code: "ENOENT" })
      expect(await readdir(b.folder)).toEqual([])
    })

    it("refuses a job that finds no room, counting what the jobs under way will still write", async () => {
      const refused = failureOf(await (await open(root)).open(2 ** 52))
      expect(refused).toMatchObject({ code: "scratch/full", kind: "outage" })
      const [scratch, most] = [await open(root, 0), Math.floor((await freeBytes(root)) * 0.6)]
      const first = unwrap(await scratch.open(most))
      expect((await scratch.open(most)).ok).toBe(false)
      await first.remove()
      expect((await scratch.open(most)).ok).toBe(true)
    })

    it("reports an unusable folder as an outage of this machine", async () => {
      await writeFile(join(root, "file"), "")
      const scratch = await open(join(root, "file"))
      expect(failureOf(await scratch.open(1))).toMatchObject({ code: "scratch/full", kind: "outage" })
    })

    it("does not let other users look in", async () => {
      await mkdir(join(root, "private"))
      const { folder } = unwrap(await (await open(join(root, "private"))).open(1))
      expect((await stat(folder)).mode & 0o077).toBe(0)
    })
  })
}

export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}
