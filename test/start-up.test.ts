import { spawn } from "node:child_process"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Frames, openFrames, SMALL_PROXIES } from "./machine/frames.ts"
import { run } from "./machine/process.ts"

const HOOK = new URL("./machine/loaded-packages.mjs", import.meta.url).href
const MAIN = fileURLToPath(new URL("../src/cli/bin.ts", import.meta.url))

let frames: Frames
beforeAll(async () => {
  frames = openFrames({ "sh010/a.exr": "window" })
  expect(await run(["run", frames.dir])).toMatchObject({ code: 0 })
})
afterAll(() => frames.remove())

/** Packages that a command line loads, its own code's imports being all of them. */
async function loadedBy(argv: readonly string[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["--import", HOOK, MAIN, ...argv], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
    env: { PATH: process.env.PATH, HOME: "/nonexistent", ...SMALL_PROXIES },
  })
  const code = new Promise((resolve) => child.on("close", resolve))
  const loaded = await text(child.stdio[3] as Readable)
  expect(await code).toBe(0)
  return loaded.split("\n")
}

/** Clients of servers, decoders and streams: hundreds of files, half a second of CPU at each start. */
const HEAVY = [
  "kafkajs",
  "@kafkajs/confluent-schema-registry",
  "@aws-sdk/client-s3",
  "trino-client",
  "sharp",
  "prom-client",
]

describe("a command loads what it uses", () => {
  it.each([["--help"], ["--version"], ["status --help"]])("%s nothing but the parser", async (line) => {
    const loaded = await loadedBy(line.split(" "))
    expect(loaded).toContain("commander")
    expect(loaded).not.toEqual(expect.arrayContaining(["rxjs"]))
    for (const heavy of HEAVY) expect(loaded).not.toContain(heavy)
  })

  it.each(["status", "outputs", "failures list", "events"])(
    "%s of a folder no client, decoder or stream",
    async (line) => {
      const loaded = await loadedBy([...line.split(" "), "--dir", frames.dir])
      expect(loaded).toContain("commander")
      for (const heavy of [...HEAVY, "rxjs"]) expect(loaded).not.toContain(heavy)
    },
  )

  it("inspect of a file none either", async () => {
    const loaded = await loadedBy(["inspect", frames.path("sh010/a.exr")])
    for (const heavy of [...HEAVY, "rxjs", "avsc"]) expect(loaded).not.toContain(heavy)
  })

  it("run of a folder streams, but no client of a server", async () => {
    const loaded = await loadedBy(["run", frames.dir])
    expect(loaded).toContain("rxjs")
    for (const heavy of HEAVY.filter((name) => name !== "sharp")) expect(loaded).not.toContain(heavy)
  })
})
