import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { PictureEngine } from "../../index.ts"
import { compiledLibrary, TELLING_ONLY } from "../../native/testing/compiled-library.ts"
import { openScratch } from "../../scratch.ts"
import { brokenTool, realTool } from "../testing/broken-tool.ts"
import { CHART, CHART_WINDOW } from "../testing/chart.ts"
import { type EngineFixture, openEngineFixture, SMALL } from "../testing/engine-fixture.ts"
import { reading } from "../testing/readings.ts"
import { type InProcessOptions, openInProcessEngine } from "./engine.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture("in-process")
  await fixture.oiiotool(...CHART, "-d", "half", "-o", "sound.exr")
  await fixture.oiiotool(...CHART, "-d", "half", "--compression", "dwaa", "-o", "foreign.exr")
})
afterAll(() => fixture.close())

async function open(options: InProcessOptions): Promise<PictureEngine> {
  const opened = await openInProcessEngine({ processes: 2, ...options })
  if (!opened.ok) throw new Error(opened.failure.says)
  return opened.value
}

async function codeOf(engine: PictureEngine, file: string): Promise<string> {
  const result = await engine.render({
    sourceFile: join(fixture.folder, file),
    reading: reading({ selection: CHART_WINDOW }),
    settings: SMALL,
    folder: await mkdtemp(join(fixture.folder, "job-")),
    signal: new AbortController().signal,
  })
  return result.ok ? "ok" : `${result.failure.code} (${result.failure.kind})`
}

const within = (timeoutMs: number) => ({ limits: { timeoutMs, memoryLimitBytes: 2 ** 32 } })

describe("what goes wrong while one frame is made fails that frame, by name, and the next is made", () => {
  it.each([
    ["dies at once", "kill -SEGV $$", "tool/crashed (transient)"],
    ["dies in the middle of the frame", "head -c 100000 >/dev/null; kill -KILL $$", "tool/out-of-memory (transient)"],
    ["refuses the frame", "echo 'Error: invalid data' >&2; exit 1", "tool/failed (permanent)"],
    ["claims success and writes nothing", "cat >/dev/null", "tool/failed (permanent)"],
    ["ends early and claims success", "exit 0", "tool/failed (permanent)"],
  ])("an ffmpeg that %s", async (_, breaks, code) => {
    const path = join(fixture.folder, `ffmpeg-${Math.random()}`)
    await symlink(
      await brokenTool(
        fixture.folder,
        "ffmpeg",
        `[ -e ${path}.mended ] && exec '${await realTool("ffmpeg")}' "$@"; ${breaks}`,
      ),
      path,
    )
    const engine = await open({ ffmpeg: path, nativeLibrary: null })
    expect(await codeOf(engine, "sound.exr")).toBe(code)
    await writeFile(`${path}.mended`, "")
    expect(await codeOf(engine, "sound.exr")).toBe("ok")
  })

  it("an ffmpeg or an oiiotool that hangs", async () => {
    const ffmpeg = await brokenTool(fixture.folder, "ffmpeg", "sleep 600")
    const hung = { ffmpeg, nativeLibrary: null, ...within(1500) }
    expect(await codeOf(await open(hung), "sound.exr")).toBe("tool/timed-out (permanent)")
    const oiiotool = await brokenTool(fixture.folder, "oiiotool", "sleep 600")
    const engine = await open({ oiiotool, nativeLibrary: null, ...within(8_000) })
    const [foreign, sound] = await Promise.all([codeOf(engine, "foreign.exr"), codeOf(engine, "sound.exr")])
    expect([foreign, sound]).toEqual(["tool/timed-out (permanent)", "ok"])
  })

  it.each([
    ["is of another version", "int library_interface(void) { return 3; }"],
    ["lacks a function", TELLING_ONLY],
  ])(
    "no frame where the native library %s: it is made without, and the library's failure says what to do",
    async (_, source) => {
      const engine = await open({ nativeLibrary: compiledLibrary(fixture.folder, source) })
      expect(await codeOf(engine, "sound.exr")).toBe("ok")
      expect(await engine.nativeParts?.()).toMatchObject({
        ok: false,
        failure: { code: "tool/missing", says: expect.stringContaining("run `oiio-proxy-generator setup`") },
      })
    },
  )

  it("a file that oiiotool refuses, or whose conversion has no room", async () => {
    const refusing = await open({
      nativeLibrary: null,
      oiiotool: await brokenTool(fixture.folder, "oiiotool", "echo 'read error' >&2; exit 1"),
    })
    expect(await codeOf(refusing, "foreign.exr")).toBe("tool/failed (permanent)")
    const scratch = () => openScratch({ root: join(fixture.folder, "scratch"), workingBytes: 2 ** 60 })
    const cramped = await open({ scratch, nativeLibrary: null })
    expect(await codeOf(cramped, "foreign.exr")).toBe("scratch/full (outage)")
    expect(await codeOf(cramped, "sound.exr")).toBe("ok")
  })

  it("a source that is gone, or another than was read before", async () => {
    const engine = await open({})
    expect(await codeOf(engine, "nowhere.exr")).toBe("source/gone (permanent)")
    await fixture.oiiotool("--pattern", "constant:color=1", "8x8", "2", "--chnames", "R,G", "-o", "half.exr")
    expect(await codeOf(engine, "half.exr")).toBe("picture/no-displayable-channels (permanent)")
    await writeFile(join(fixture.folder, "text.exr"), "no picture at all")
    expect(await codeOf(engine, "text.exr")).toBe("picture/not-a-picture (permanent)")
    await rm(join(fixture.folder, "text.exr"))
    expect(await codeOf(engine, "sound.exr")).toBe("ok")
  })
})
