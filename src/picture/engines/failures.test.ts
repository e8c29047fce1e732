import { spawnSync } from "node:child_process"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import type { SetupOptions } from "./setup.ts"
import { brokenTool } from "./testing/broken-tool.ts"
import { CHART, CHART_WINDOW } from "./testing/chart.ts"
import {
  decodeJpeg,
  distance,
  type EngineFixture,
  eachEngine,
  openNamedEngine,
  pixel,
} from "./testing/engine-fixture.ts"
import { boxOf, type ReadingParts, reading, SETTINGS } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine(async (opened) => {
  fixture = opened
  await fixture.oiiotool(...CHART, "-d", "half", "-o", "chart.exr")
  await writeFile(join(fixture.folder, "facility.ocio"), FACILITY)
})

const square = (edge: number) => ({ displayWindow: boxOf(edge, edge), dataWindow: boxOf(edge, edge) })

type Attempt = { file?: string; folder?: string; signal?: AbortSignal; parts?: ReadingParts; options?: SetupOptions }

async function attempt({ file = "chart.exr", folder, signal, parts, options }: Attempt = {}) {
  const opened = await openNamedEngine(fixture.name, options)
  if (!opened.ok) return opened
  const made = { selection: { ...CHART_WINDOW, ...parts?.selection }, colorspace: parts?.colorspace ?? {} }
  const job = folder ?? join(fixture.folder, `job ${Math.random()}`)
  await mkdir(job, { recursive: true })
  return opened.value.render({
    sourceFile: join(fixture.folder, file),
    reading: reading(made),
    settings: { ...SETTINGS, proxyPreset: "veryfast" },
    folder: job,
    signal: signal ?? new AbortController().signal,
  })
}

const codeOf = async (trying: ReturnType<typeof attempt>) => {
  const result = await trying
  return result.ok ? "ok" : `${result.failure.code} (${result.failure.kind})`
}

describeEach("a render that cannot succeed", () => {
  it("of a truncated frame is a refusal with the decoder's reason and no local path", async () => {
    const bytes = await readFile(join(fixture.folder, "chart.exr"))
    await writeFile(join(fixture.folder, "cut.exr"), bytes.subarray(0, bytes.length - 200))
    const result = await attempt({ file: "cut.exr" })
    const [code, says] = {
      oiiotool: ["tool/failed", /^oiiotool refused the file \(exit 1\): .*(missing|corrupt)/] as const,
      "in-process": ["picture/damaged", /begin at byte \d+ of \d+/] as const,
    }[fixture.name]
    expect(!result.ok && result.failure).toMatchObject({ code, says: expect.stringMatching(says) })
    expect(!result.ok && result.failure.says).not.toContain("/")
  })

  it("stops when the worker stops", async () => {
    expect(await codeOf(attempt({ signal: AbortSignal.abort() }))).toBe("stopped (transient)")
    const options = { ffmpeg: await brokenTool(fixture.folder, "ffmpeg", "sleep 600") }
    expect(await codeOf(attempt({ signal: AbortSignal.timeout(40), options }))).toBe("stopped (transient)")
  })

  it("ends at the time limit and at the memory limit", async () => {
    const large = ["--pattern", "noise", "3000x3000", "3", "-d", "half", "--compression", "none", "-o", "large.exr"]
    await fixture.oiiotool(...large)
    const part = { file: "large.exr", parts: { selection: square(3000) } }
    const slow = { limits: { timeoutMs: 50, memoryLimitBytes: 2 ** 32 } }
    expect(await codeOf(attempt({ ...part, options: slow }))).toBe("tool/timed-out (permanent)")
    const small = { limits: { timeoutMs: 60_000, memoryLimitBytes: 200 * 2 ** 20 } }
    // oiiotool does not always ask whether it got the memory: it may die from using what it did not get.
    expect(await codeOf(attempt({ ...part, options: small }))).toMatch(/^tool\/(out-of-memory|crashed) \(transient\)$/)
  })

  it("for lack of room is an outage of this machine, never the frame's fault", async ({ skip }) => {
    const folder = join(fixture.folder, "tiny")
    await mkdir(folder)
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", folder])
    if (mounted.status !== 0) skip("only root may mount a small file system")
    try {
      expect(await codeOf(attempt({ folder }))).toBe("scratch/full (outage)")
    } finally {
      spawnSync("umount", [folder])
    }
  })

  it("for lack of tools is an outage that ends when they are installed", async () => {
    const options = { vendorFolder: join(fixture.folder, "vendor") }
    expect(await codeOf(attempt({ options }))).toBe("tool/missing (outage)")
    const opened = await openNamedEngine(fixture.name, options)
    const before = opened.ok ? await opened.value.missing() : []
    expect(before.map(({ code }) => code)).toEqual(["tool/missing"])
    const installed = await openNamedEngine(fixture.name)
    expect(installed.ok && (await installed.value.missing())).toEqual([])
  })

  it("of a picture that came out black though its source has light is an alarm", async () => {
    const options = { ocioConfigPath: join(fixture.folder, "facility.ocio") }
    const result = await attempt({ options, parts: { colorspace: { look: "Blackout" } } })
    expect(!result.ok && result.failure).toMatchObject({ code: "picture/silently-black", kind: "permanent" })
  })

  it("names a look or a config that is not there", async () => {
    expect(await codeOf(attempt({ parts: { colorspace: { look: "Technicolor" } } }))).toBe("config/invalid (permanent)")
    expect(await codeOf(attempt({ options: { ocioConfigPath: "/nowhere.ocio" } }))).toBe("config/invalid (permanent)")
    await writeFile(join(fixture.folder, "shopping.ocio"), "milk, bread")
    const options = { ocioConfigPath: join(fixture.folder, "shopping.ocio") }
    expect(await codeOf(attempt({ options }))).toBe("config/invalid (permanent)")
  })
})

describeEach("a facility's own config", () => {
  it("shows a source in its own space with its own view, and takes other spaces from the bundled one", async () => {
    const options = { ocioConfigPath: join(fixture.folder, "facility.ocio") }
    await fixture.oiiotool("--pattern", "constant:color=0.5,0.5,0.5", "64x64", "3", "-d", "half", "-o", "grey.exr")
    for (const [configSpace, expected] of [
      ["Doubled", 255],
      ["lin_rec2020", 127.5],
    ] as const) {
      const result = await attempt({
        file: "grey.exr",
        options,
        parts: { selection: square(64), colorspace: { configSpace, look: "Raw light" } },
      })
      if (!result.ok) throw new Error(result.failure.says)
      const seen = pixel(await decodeJpeg(result.value.files.thumbnail.path), 128, 128)
      expect(distance(seen, [expected, expected, expected]), configSpace).toBeLessThanOrEqual(1)
    }
  })
})

const FACILITY = `ocio_profile_version: 2.1
roles: {scene_linear: Light, default: Light, aces_interchange: AP0, cie_xyz_d65_interchange: XYZ}
file_rules: [!<Rule> {name: Default, colorspace: Light}]
displays:
  sRGB - Display: [!<View> {name: Raw light, colorspace: Light}, !<View> {name: Blackout, colorspace: Dark}]
  Rec.1886 Rec.709 - Display: [!<View> {name: Raw light, colorspace: Light}, !<View> {name: Blackout, colorspace: Dark}]
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: Light, aliases: [lin_rec709]}
  - !<ColorSpace> {name: AP0}
  - !<ColorSpace> {name: XYZ}
  - !<ColorSpace>
    name: Doubled
    to_scene_reference: !<MatrixTransform> {matrix: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]}
  - !<ColorSpace>
    name: Dark
    from_scene_reference: !<MatrixTransform> {matrix: [1e-9, 0, 0, 0, 0, 1e-9, 0, 0, 0, 0, 1e-9, 0, 0, 0, 0, 1]}
`
