import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { allShown } from "../pages/blocks.ts"
import { declaredOf } from "../pages/declared.ts"
import { openShell, type Shell } from "../pages/shell.ts"
import { freePort } from "../services/ports.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { startProcess } from "./process.ts"
import { putFrame } from "./uploads.ts"

const SECRET = "a-secret-that-the-intake-and-its-sender-share"

const home = realpathSync(mkdtempSync(join(tmpdir(), "pages-servers-")))
let deployment: Deployment
let intake: { readonly address: string; readonly env: Readonly<Record<string, string>> }
let shell: Shell

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "pages", partitions: 1 })
  await putFrame(deployment, "beauty.0101.exr", "window")
  const port = await freePort()
  intake = {
    address: `http://127.0.0.1:${port}/`,
    env: { OIIO_INTAKE_PORT: String(port), OIIO_INTAKE_SECRET: SECRET, OIIO_INTAKE_HTTP: "true" },
  }
  // The shell has a PATH of its own, and processes of one machine need a port each.
  const { PATH: _, ...env } = deployment.env
  shell = openShell(home, { ...env, OIIO_HTTP_PORT: "0", OIIO_INTAKE_PORT: "0", OIIO_INTAKE_SECRET: SECRET })
})
afterAll(() => {
  deployment.s3.destroy()
  rmSync(home, { recursive: true, force: true })
})

const ofServers = (how: "answers" | "serves"): readonly string[] => [
  ...new Set(
    allShown()
      .map(({ command }) => command)
      .filter((command) => {
        const declared = declaredOf(command)
        return declared !== undefined && "servers" in declared && declared.servers === how
      }),
  ),
]

/** The bucket of the pages is the test's own. */
const ours = (command: string): string => command.replaceAll("renders", deployment.bucket)

describe("what the pages tell an operator to type, on real servers", () => {
  it.each(ofServers("serves"))("says that it is ready, and ends when it is stopped: %s", async (command) => {
    const ended = await shell.types(ours(command), { until: /"ready"/ })
    expect(ended, ended.all).toMatchObject({ code: 130, all: expect.stringContaining('"ready"') })
  })

  it.each(ofServers("answers"))("does what it says: %s", async (command) => {
    const ended = await shell.types(ours(command))
    expect([command, ended.code], ended.all).toEqual([command, 0])
  })

  it("has the intake take what is signed as docs/securing-the-intake.md shows", async () => {
    const process = await startProcess("ingest --serve", { ...deployment.env, ...intake.env })
    const lines = allShown().filter(({ page }) => page === "docs/securing-the-intake.md")
    expect(lines.map(({ command }) => declaredOf(command))).toContainEqual({ servers: "intake" })
    for (const { command } of lines) {
      const ended = await shell.types(ours(command).replace("http://intake:8080/", intake.address))
      expect([command, ended.code], ended.all).toEqual([command, 0])
    }
    const arrived = await deployment.facts("element-created")
    expect(arrived.map(({ element }) => element.key)).toContain("sh010/beauty.0001.exr")
    await process.stops()
  })
})
