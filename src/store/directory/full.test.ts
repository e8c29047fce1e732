import { execFileSync, spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf } from "../testing/store-fixture.ts"

/** A real disk of 1 MB, where this process may mount one. */
let disk: string
let mounted = false
let fixture: FolderFixture
beforeEach(async (context) => {
  disk = await mkdtemp(join(tmpdir(), "disk-"))
  mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status === 0
  if (!mounted) context.skip("mounting a small disk needs root")
  fixture = await openFolderFixture(disk)
})
afterEach(async () => {
  if (mounted) {
    await fixture.release()
    execFileSync("umount", [disk])
  }
  await rm(disk, { recursive: true })
})

it("says that the disk is full, leaves nothing behind, and goes on once there is room", async () => {
  const [small, large] = [Buffer.alloc(400_000, 1), Buffer.alloc(900_000, 2)]
  const { etag } = unwrap(await fixture.put("a.jpg", small, { metadata: { is: "small" } }))
  for (const options of [{}, { ifMatch: etag }])
    expect(codeOf(await fixture.put("a.jpg", large, options))).toBe("store/full")
  expect(codeOf(await fixture.put("b.jpg", large, { ifAbsent: true }))).toBe("store/full")
  expect(unwrap(await fixture.store.head(fixture.ref("a.jpg")))).toMatchObject({ etag, metadata: { is: "small" } })
  expect([(await fixture.list()).length, (await fixture.metadataFiles()).length]).toEqual([1, 1])
  await fixture.erase("a.jpg")
  expect(codeOf(await fixture.put("b.jpg", large))).toBe("ok")
})

it("says that the scratch disk is full when a fetch does not fit, and leaves no file", async () => {
  const source = await openFolderFixture()
  const { etag } = unwrap(await source.put("a.exr", Buffer.alloc(2_000_000, 1)))
  const toFile = join(disk, "scratch")
  const signal = new AbortController().signal
  const fetched = await source.store.fetch(source.ref("a.exr"), { toFile, ifMatch: etag, maxBytes: 1e9, signal })
  expect(codeOf(fetched)).toBe("scratch/full")
  expect(JSON.stringify(fetched)).not.toContain(disk)
  await expect(rm(toFile)).rejects.toThrow("ENOENT")
  await source.release()
})
