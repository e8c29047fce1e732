import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { makeFolder } from "./folders.ts"

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "folders-"))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const isThere = (path: string): boolean => statSync(path).isDirectory()

it("is made with all that are missing above it, and may be there already", async () => {
  for (let time = 0; time < 2; time += 1) await makeFolder(join(home, "a/b/c"), 0o700)
  expect(isThere(join(home, "a/b/c"))).toBe(true)
  expect(statSync(join(home, "a")).mode & 0o777).toBe(0o700)
})

it("is made by several at once", async () => {
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(join(home, "once/b/c"))))
  expect(isThere(join(home, "once/b/c"))).toBe(true)
})

it("may be a link to one", async () => {
  mkdirSync(join(home, "real"))
  symlinkSync(join(home, "real"), join(home, "link"))
  await makeFolder(join(home, "link"))
  await makeFolder(join(home, "link/below"))
  expect(isThere(join(home, "real/below"))).toBe(true)
})

it.each([
  ["/proc/x/y", "ENOENT"],
  ["/proc/x", "ENOENT"],
  ["/proc/self/fd/x/y", "ENOENT"],
  ["file", "EEXIST"],
  ["file/below", "ENOTDIR"],
  ["nowhere", "EEXIST"],
  ["nowhere/below", "EEXIST"],
])("is refused at once where it cannot be: %s", async (path, code) => {
  if (path === "file") writeFileSync(join(home, "file"), "")
  if (path === "nowhere") symlinkSync(join(home, "not-there"), join(home, "nowhere"))
  await expect(makeFolder(path.startsWith("/") ? path : join(home, path))).rejects.toMatchObject({ code })
})
