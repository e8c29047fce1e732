import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { call } from "./testing/call.ts"

const folder = mkdtempSync(join(tmpdir(), "wrong-targets-"))
mkdirSync(join(folder, "empty"))
writeFileSync(join(folder, "file.txt"), "no folder")
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([["run"], ["run --dry-run"], ["doctor"], ["outputs"], ["status"], ["failures list"], ["contact-sheet"]])(
  "%s of a file says that a folder is wanted",
  async (command) => {
    const { code, stderr } = await call([...command.split(" "), "file.txt"], { cwd: folder })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: \S*file\.txt is a file: name the folder/),
    })
  },
)

it("inspect of a folder says that a file is wanted", async () => {
  const { code, stderr } = await call(["inspect", "empty"], { cwd: folder })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^error: empty is a folder: name one file/),
  })
})

it("doctor answers before the first run, when there is no state yet", async () => {
  const { code, stdout, stderr } = await call(["doctor", "empty", "--json"], { cwd: folder })
  const checks = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect([0, 3]).toContain(code)
  expect({ stderr, state: checks.find(({ what }) => what === "state")?.verdict }).toEqual({ stderr: "", state: "ok" })
})

it.each(["rebuild --dir empty", "reprocess --dir empty a.exr", "failures retry --dir empty"])(
  "%s makes no state where there is none",
  async (command) => {
    const { code, stderr } = await call(command.split(" "), { cwd: folder })
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/^error: There is no state in .* yet\./),
    })
    expect(existsSync(join(folder, "empty/.oiio-proxy-generator"))).toBe(false)
  },
)
