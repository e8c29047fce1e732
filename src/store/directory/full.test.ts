import { execFileSync, spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { codeOf, valued } from "../testing/bench.ts"
import { type FolderBench, openFolderBench } from "../testing/folder.ts"

/** A real disk of 1 MB, where this process may mount one. */
let disk: string
let mounted = false
let bench: FolderBench
beforeEach(async (context) => {
  disk = await mkdtemp(join(tmpdir(), "disk-"))
  mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status === 0
  if (!mounted) context.skip("mounting a small disk needs root")
  bench = await openFolderBench(disk)
})
afterEach(async () => {
  if (mounted) {
    await bench.release()
    execFileSync("umount", [disk])
  }
  await rm(disk, { recursive: true })
})

it("says that the disk is full, leaves nothing behind, and goes on once there is room", async () => {
  const [small, large] = [Buffer.alloc(400_000, 1), Buffer.alloc(900_000, 2)]
  const { etag } = valued(await bench.put("a.jpg", small, { metadata: { is: "small" } }))
  for (const options of [{}, { ifMatch: etag }])
    expect(codeOf(await bench.put("a.jpg", large, options))).toBe("store/full")
  expect(codeOf(await bench.put("b.jpg", large, { ifAbsent: true }))).toBe("store/full")
  expect(valued(await bench.store.head(bench.ref("a.jpg")))).toMatchObject({ etag, metadata: { is: "small" } })
  expect([(await bench.list()).length, (await bench.metadataFiles()).length]).toEqual([1, 1])
  await bench.erase("a.jpg")
  expect(codeOf(await bench.put("b.jpg", large))).toBe("ok")
})

it("says that the scratch disk is full when a fetch does not fit, and leaves no file", async () => {
  const source = await openFolderBench()
  const { etag } = valued(await source.put("a.exr", Buffer.alloc(2_000_000, 1)))
  const toFile = join(disk, "scratch")
  const signal = new AbortController().signal
  const fetched = await source.store.fetch(source.ref("a.exr"), { toFile, ifMatch: etag, maxBytes: 1e9, signal })
  expect(codeOf(fetched)).toBe("scratch/full")
  expect(JSON.stringify(fetched)).not.toContain(disk)
  await expect(rm(toFile)).rejects.toThrow("ENOENT")
  await source.release()
})
