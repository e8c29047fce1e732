import { execFile } from "node:child_process"
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import sharp from "sharp"
import { afterAll, beforeAll, describe } from "vitest"
import type { Result } from "../../../events/result.ts"
import type { PictureEngine } from "../../index.ts"
import type { Reading, Rendered, RenderSettings } from "../../model.ts"
import type { EngineOptions } from "../engine.ts"
import { openInProcessEngine } from "../in-process/engine.ts"
import { openOiiotoolEngine } from "../oiiotool/engine.ts"
import { SETTINGS } from "./readings.ts"

/** The engines that keep the port's promises. */
export const ENGINE_NAMES = ["oiiotool", "in-process"] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

export const openNamedEngine = (name: EngineName, options: EngineOptions = {}): Promise<Result<PictureEngine>> =>
  name === "oiiotool" ? openOiiotoolEngine(options) : openInProcessEngine({ processes: 2, ...options })

const ROOT = new URL("../../../../", import.meta.url).pathname
const CORPUS = join(ROOT, "../shared/corpus")
const run = promisify(execFile)

/** Folder of the shared corpus, null where this machine has none. */
export const corpusFolder = async (): Promise<string | null> =>
  (await stat(CORPUS).catch(() => null))?.isDirectory() ? CORPUS : null

/** 8-bit RGB, row by row. */
export type Rgb = { readonly width: number; readonly height: number; readonly data: Uint8Array }

/** 8-bit planes of the first frame of a movie. */
export type Yuv = { readonly width: number; readonly height: number; readonly at: (x: number, y: number) => Triple }

export type Triple = readonly [number, number, number]

/** Makes test pictures, renders them and decodes what was written. */
export type EngineFixture = {
  readonly folder: string
  readonly name: EngineName
  readonly engine: PictureEngine
  /** Runs oiiotool in the fixture's folder. */
  readonly oiiotool: (...args: readonly string[]) => Promise<string>
  readonly ffmpeg: (...args: readonly string[]) => Promise<string>
  /** Renders a file of the fixture (or an absolute path), {@link SMALL} unless told; throws the failure's sentence. */
  readonly render: (file: string, reading: Reading, settings?: Partial<RenderSettings>) => Promise<Rendered>
  readonly tryRender: (
    file: string,
    reading: Reading,
    settings?: Partial<RenderSettings>,
    /** Another engine than the fixture's own. */
    by?: PictureEngine,
  ) => ReturnType<PictureEngine["render"]>
  readonly close: () => Promise<void>
}

/** Settings of renders of which nothing but the picture matters: a third of the contract's size, encoded in no time. */
export const SMALL: RenderSettings = { ...SETTINGS, proxyWidthPx: 640, proxyHeightPx: 360, proxyPreset: "ultrafast" }

/** Engines without options, each opened once a test file: opening one asks both tools what they are. */
const plain = new Map<EngineName, Promise<Result<PictureEngine>>>()

function plainEngine(name: EngineName): Promise<Result<PictureEngine>> {
  const opened = plain.get(name) ?? openNamedEngine(name)
  plain.set(name, opened)
  return opened
}

/** A fixture with one of the engines; whoever only makes and decodes pictures need not say which. */
export async function openEngineFixture(
  name: EngineName = "oiiotool",
  options?: EngineOptions,
): Promise<EngineFixture> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"))
  const opened = await (options === undefined ? plainEngine(name) : openNamedEngine(name, options))
  if (!opened.ok) throw new Error(opened.failure.says)
  const engine = opened.value
  const binaries = join(ROOT, "vendor/imageio_ffmpeg/binaries")
  const ffmpeg = (await readdir(binaries)).find((name) => name.startsWith("ffmpeg-")) ?? "ffmpeg"
  const tryRender: EngineFixture["tryRender"] = async (file, reading, settings = {}, by = engine) =>
    by.render({
      sourceFile: file.startsWith("/") ? file : join(folder, file),
      reading,
      settings: { ...SMALL, ...settings },
      folder: await mkdtemp(join(folder, "job-")),
      signal: new AbortController().signal,
    })
  return {
    folder,
    name,
    engine,
    tryRender,
    oiiotool: (...args) => talk(join(ROOT, "vendor/OpenImageIO/bin/oiiotool"), args, folder),
    ffmpeg: (...args) => talk(join(binaries, ffmpeg), ["-hide_banner", "-nostdin", ...args], folder),
    async render(file, reading, settings) {
      const rendered = await tryRender(file, reading, settings)
      if (!rendered.ok) throw new Error(`${rendered.failure.code}: ${rendered.failure.says}`)
      return rendered.value
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

async function talk(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout, stderr } = await run(program, [...args], { cwd })
  return stdout + stderr
}

export async function decodeJpeg(path: string): Promise<Rgb> {
  const { data, info } = await sharp(await readFile(path))
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`The JPEG has ${info.channels} channels.`)
  return { width: info.width, height: info.height, data }
}

export async function decodeMovie(fixture: EngineFixture, path: string): Promise<Yuv> {
  const raw = join(fixture.folder, "decoded.yuv")
  const said = await fixture.ffmpeg("-loglevel", "info", "-y", "-i", path, "-frames:v", "1", "-f", "rawvideo", raw)
  const [, width = 0, height = 0] = (/yuv420p[^\n]*? (\d+)x(\d+)/.exec(said) ?? []).map(Number)
  const data = await readFile(raw)
  const [luma, half] = [width * height, width / 2]
  return {
    width,
    height,
    at: (x, y) => {
      const chroma = luma + (y >> 1) * half + (x >> 1)
      return [data[y * width + x] ?? 0, data[chroma] ?? 0, data[chroma + luma / 4] ?? 0]
    },
  }
}

export function pixel({ width, data }: Rgb, x: number, y: number): Triple {
  const at = (y * width + x) * 3
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
}

/** Peak signal-to-noise ratio of two pictures of one size, dB. */
export function psnr(a: Rgb, b: Rgb): number {
  const squares = a.data.reduce((sum, value, index) => sum + (value - (b.data[index] ?? 0)) ** 2, 0)
  return 10 * Math.log10(255 ** 2 / (squares / a.data.length))
}

/** The largest difference between two triples. */
export const distance = (a: Triple, b: Triple): number =>
  Math.max(...a.map((value, c) => Math.abs(value - (b[c] ?? 0))))

/**
 * What every engine does, tested of each: `describe` with a fixture of its own an engine. `setUp` is told the fixture before
 * the first test, to keep it and to make files in it.
 */
export const eachEngine =
  (setUp: (fixture: EngineFixture) => Promise<unknown> | unknown) =>
  (title: string, tests: (engine: EngineName) => void): void => {
    for (const name of ENGINE_NAMES) {
      describe(`${title} (${name})`, () => {
        let fixture: EngineFixture
        beforeAll(async () => {
          fixture = await openEngineFixture(name)
          await setUp(fixture)
        })
        afterAll(() => fixture.close())
        tests(name)
      })
    }
  }
