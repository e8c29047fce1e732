import { spawnSync } from "node:child_process"
import { mkdir, mkdtemp, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import type { FailureCode } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import type { EngineOptions } from "../engines/engine.ts"
import { brokenTool } from "../engines/testing/broken-tool.ts"
import { CHART_WINDOW } from "../engines/testing/chart.ts"
import { type EngineFixture, openNamedEngine, SMALL } from "../engines/testing/engine-fixture.ts"
import { boxOf, reading, SETTINGS } from "../engines/testing/readings.ts"
import type { Reading, Rendered, RenderSettings } from "../model.ts"

/** In what an engine may differ from the others; each is tested. */
export type EngineLimits = {
  /** Of a file that ends too early, and what its sentence says: a tool's own words, or a reader's. */
  readonly truncated: { readonly code: FailureCode; readonly says: RegExp }
  /** Whether it shows EXRs of luminance and chroma; otherwise it refuses them as picture/unsupported. */
  readonly showsLuminanceChroma: boolean
  /** What it says of how it made a plain EXR: route, names of tools, names of timings. */
  readonly tells: readonly [route: string, tools: readonly string[], timings: readonly string[]]
}

/** An engine in a folder that holds chart.exr, and one render of that. */
export type UnderTest = { readonly fixture: EngineFixture; readonly limits: EngineLimits; readonly once: Rendered }

export const chart = reading({ selection: CHART_WINDOW })

type Attempt = {
  readonly file?: string
  readonly reading?: Reading
  readonly folder?: string
  readonly signal?: AbortSignal
  readonly settings?: RenderSettings
}

/** What becomes of a render by an engine that is opened with these options. */
async function tried({ fixture }: UnderTest, options: EngineOptions, attempt: Attempt): Promise<string> {
  const opened = await openNamedEngine(fixture.name, options)
  if (!opened.ok) return `${opened.failure.code} (${opened.failure.kind})`
  const { file = "chart.exr", signal = new AbortController().signal, folder, ...rest } = attempt
  const made = await opened.value.render({
    sourceFile: join(fixture.folder, file),
    reading: chart,
    settings: SMALL,
    ...rest,
    folder: folder ?? (await mkdtemp(join(fixture.folder, "job-"))),
    signal,
  })
  return made.ok ? "ok" : `${made.failure.code} (${made.failure.kind})`
}

/** Every failure of a render is a value. */
export function failureCases(under: () => UnderTest): void {
  const codeOf = (options: EngineOptions, attempt: Attempt = {}) => tried(under(), options, attempt)

  it("stops when the worker stops", async () => {
    expect(await codeOf({}, { signal: AbortSignal.abort() })).toBe("stopped (transient)")
    const ffmpeg = await brokenTool(under().fixture.folder, "ffmpeg", "sleep 600")
    expect(await codeOf({ ffmpeg, nativeLibrary: null }, { signal: AbortSignal.timeout(40) })).toBe(
      "stopped (transient)",
    )
  })

  it("ends at the time limit and at the memory limit", async () => {
    const noise = ["--pattern", "noise", "3000x3000", "3", "-d", "half", "--compression", "none", "-o", "large.exr"]
    await under().fixture.oiiotool(...noise)
    const box = boxOf(3000, 3000)
    const selection = { displayWindow: box, dataWindow: box }
    const large = {
      file: "large.exr",
      reading: reading({ selection }),
      settings: { ...SETTINGS, proxyPreset: "veryfast" },
    }
    const slow = { limits: { timeoutMs: 50, memoryLimitBytes: 2 ** 32 } }
    expect(await codeOf(slow, large)).toBe("tool/timed-out (permanent)")
    const small = { limits: { timeoutMs: 60_000, memoryLimitBytes: 200 * 2 ** 20 }, nativeLibrary: null }
    // oiiotool does not always ask whether it got the memory: it may die from using what it did not get.
    expect(await codeOf(small, large)).toMatch(/^tool\/(out-of-memory|crashed) \(transient\)$/)
  })

  it("for lack of room is an outage of this machine, never the frame's fault", async ({ skip }) => {
    const folder = join(under().fixture.folder, "tiny")
    await mkdir(folder)
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", folder])
    if (mounted.status !== 0) skip("only root may mount a small file system")
    try {
      expect(await codeOf({}, { folder })).toBe("scratch/full (outage)")
    } finally {
      spawnSync("umount", [folder])
    }
  })

  it("for lack of tools is an outage, and says so beforehand", async () => {
    const { fixture } = under()
    const options = { vendorFolder: join(fixture.folder, "vendor") }
    expect(await codeOf(options)).toBe("tool/missing (outage)")
    const missing = await unwrap(await openNamedEngine(fixture.name, options)).missing()
    expect(missing.map(({ code }) => code)).toEqual(["tool/missing"])
  })

  it("names a look or a config that is not there", async () => {
    const technicolor = reading({ selection: CHART_WINDOW, colorspace: { look: "Technicolor" } })
    expect(await codeOf({}, { reading: technicolor })).toBe("config/invalid (permanent)")
    expect(await codeOf({ ocioConfigPath: "/nowhere.ocio" })).toBe("config/invalid (permanent)")
    const shopping = join(under().fixture.folder, "shopping.ocio")
    await writeFile(shopping, "milk, bread")
    expect(await codeOf({ ocioConfigPath: shopping })).toBe("config/invalid (permanent)")
  })
}
