import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { hashOf } from "../../serve/access/access.ts"
import { call } from "../testing/call.ts"

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "serve-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describe("serve", () => {
  it("refuses to listen to other machines where nobody has to say who they are", async () => {
    const { code, stderr } = await call(["serve", await emptyFolder(), "--serve-host", "0.0.0.0"])
    expect([code, stderr]).toEqual([2, expect.stringContaining("set serveTokens")])
  })

  it("of a folder without a state says what makes one", async () => {
    const { code, stderr } = await call(["serve", await emptyFolder(), "--serve-port", "0"])
    expect([code, stderr]).toEqual([3, expect.stringContaining("`run` makes it")])
  })

  it("beside a run goes with --watch", async () => {
    const { code, stderr } = await call(["run", await emptyFolder(), "--serve"])
    expect([code, stderr]).toEqual([2, expect.stringContaining("--serve goes with --watch")])
  })
})

describe("token", () => {
  it("prints a token once, and for the settings its hash alone", async () => {
    const { code, stdout, stderr } = await call(["token", "farm", "--role", "write"])
    const token = stdout.trim()
    expect([code, token.length]).toEqual([0, 43])
    expect(stderr).toContain(`{ name: farm, role: write, sha256: ${hashOf(token).toString("hex")} }`)
    expect(stderr).not.toContain(token)
    expect((await call(["token", "farm"])).stdout.trim()).not.toBe(token)
  })

  it.each([
    [["token", "a b"], "A name has letters"],
    [["token", "farm", "--role", "admin"], "read or write"],
  ])("refuses %j", async (line, says) => {
    const { code, stderr } = await call(line)
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)])
  })
})
