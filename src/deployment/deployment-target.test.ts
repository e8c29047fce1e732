import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { call } from "../cli/testing/call.ts"

const ENV = {
  KAFKA_BROKER: "127.0.0.1:1",
  SCHEMA_REGISTRY_URL: "http://127.0.0.1:1",
  VAST_DB_ENDPOINT: "http://127.0.0.1:1",
  VAST_DB_BUCKET: "renders",
}

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), "place-"))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

it("with KAFKA_BROKER set, commands look at the servers", async () => {
  const { code, stderr } = await call(["status"], { env: ENV, cwd: await folder() })
  expect(code).toBe(3)
  expect(stderr).toMatch(/KAFKA_BROKER|SCHEMA_REGISTRY_URL|VAST_DB_ENDPOINT/)
})

it.each([
  ["a folder", (path: string) => ["status", path]],
  ["a folder by --dir", (path: string) => ["status", "--dir", path]],
  ["a state", (path: string) => ["status", "--state", join(path, "state")]],
])("but %s that the command line names means just that", async (_, argv) => {
  const path = await folder()
  const { code, stderr } = await call(argv(path), { env: ENV, cwd: path })
  expect(code).toBe(3)
  expect(stderr).toContain("state/missing")
})

it("without it they look at the folder, as ever", async () => {
  const { stderr } = await call(["status"], { cwd: await folder() })
  expect(stderr).toContain("state/missing")
})
