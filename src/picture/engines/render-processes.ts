import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import type { Result } from "../../events/result.ts"
import type { PassAnswer, PassOrder } from "../data-passes/pass-order.ts"
import type { DrawnSheet, SheetOrder, StillOrder } from "../encode/sheet/order.ts"
import type { NativeParts } from "../index.ts"
import type { BlackOrder } from "../model.ts"
import { confinePath, libraryPath, usersLibraryPath } from "../native/library.ts"
import { type Body, openProcesses, type Processes, type ProcessesOptions } from "../processes/index.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { findGuards } from "../tools/run-tool.ts"
import type { RenderAnswer, RenderOrder } from "./in-process/render-order.ts"
import type { LightOrder } from "./measure-light.ts"
import type { Stats } from "./oiiotool/answers.ts"

/** What a render process is told: plain data. */
export type AnyOrder =
  | { readonly kind: "render"; readonly order: RenderOrder }
  | { readonly kind: "pass"; readonly order: PassOrder }
  | { readonly kind: "light"; readonly order: LightOrder }
  | { readonly kind: "sheet"; readonly order: SheetOrder }
  | { readonly kind: "still"; readonly order: StillOrder }
  | { readonly kind: "black"; readonly order: BlackOrder }
  | { readonly kind: "library"; readonly order: null }

/** The processes of an engine, which read files and make pictures of them. */
export type RenderProcesses = {
  readonly render: (order: RenderOrder, until: Until) => Promise<Result<RenderAnswer>>
  /** `take` is given the painted file. */
  readonly paint: (order: PassOrder, until: Until & { readonly take: Take }) => Promise<Result<PassAnswer>>
  readonly measure: (order: LightOrder, until: Until) => Promise<Result<Stats>>
  readonly sheet: (order: SheetOrder, until: Until) => Promise<Result<DrawnSheet>>
  readonly still: (order: StillOrder, until: Until) => Promise<Result<Uint8Array>>
  /** A black picture as a one-frame movie; null where they do without the native library. */
  readonly black: (order: BlackOrder, until: Until) => Promise<Result<Uint8Array | null>>
  /** What the native library says of itself. Fails: tool/missing where they do without it. */
  readonly library: (until: Until) => Promise<Result<NativeParts>>
} & Pick<Processes, "begin" | "close">

/** The limits of one order. */
export type Until = { readonly timeoutMs: number; readonly signal: AbortSignal }

type Take = (bytes: Body) => Promise<void>

type RenderProcessesOptions = Pick<ProcessesOptions, "guards" | "memoryLimitBytes"> & {
  /** Processes at most; absent for the number of cores. */
  readonly most: number | undefined
  /** The module that they run; absent for the readers and pixels of ours. Tests plant wrong ones with it. */
  readonly entry: URL | undefined
  /** Path of the native library, which they load if it is there; null to do without. */
  readonly nativeLibrary: string | null
}

/** The processes of an engine, and whether they have a native library. */
export type EngineProcesses = RenderProcesses & { readonly hasLibrary: boolean }

export type EngineProcessesOptions = Pick<RenderProcessesOptions, "memoryLimitBytes"> & {
  /** Render processes at most; absent for the number of cores. */
  readonly processes?: number
  /** Module that a render process runs; absent for the readers and pixels of ours. Tests plant wrong ones with it. */
  readonly renderEntry?: URL
  /** Path of the native library; absent for the one that set-up builds, null to do without. */
  readonly nativeLibrary?: string | null
  /** Folder that `setup` builds it in for a user; null or absent for none. */
  readonly toolsHome?: string | null
}

/** Opens the processes of an engine; by whom they are needed sooner than that, before it. */
export async function openEngineProcesses(options: EngineProcessesOptions): Promise<EngineProcesses> {
  const { processes: most, renderEntry: entry, memoryLimitBytes } = options
  const nativeLibrary =
    options.nativeLibrary === undefined ? await installedLibrary(options.toolsHome ?? null) : options.nativeLibrary
  const processes = openRenderProcesses({ most, entry, nativeLibrary, memoryLimitBytes, guards: await findGuards() })
  return { ...processes, hasLibrary: nativeLibrary !== null && existsSync(nativeLibrary) }
}

/** The package's own where it has any, as in a checkout or an image; else the user's, of this version. */
async function installedLibrary(toolsHome: string | null): Promise<string> {
  const root = await packageFolder()
  if (toolsHome === null || existsSync(join(root, "vendor"))) return libraryPath(root)
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { readonly version: string }
  return usersLibraryPath(toolsHome, version)
}

/** The module of this name beside another one, in the sources as in dist/. */
export const moduleBeside = (url: string, name: string): URL =>
  new URL(`./${name}${url.slice(url.lastIndexOf("."))}`, url)

function openRenderProcesses({ nativeLibrary, ...options }: RenderProcessesOptions): RenderProcesses {
  const { run, begin, close } = openProcesses({
    ...options,
    args: nativeLibrary === null ? [] : [nativeLibrary],
    confine: nativeLibrary !== null && existsSync(confinePath(nativeLibrary)) ? confinePath(nativeLibrary) : null,
    most: options.most ?? availableParallelism(),
    entry: options.entry ?? moduleBeside(import.meta.url, "render-entry"),
  })
  return {
    render: (order, until) =>
      run({
        ...until,
        order: { kind: "render", order } satisfies AnyOrder,
        isAnswer: (value) => isRendered(value, order),
      }),
    paint: (order, until) => run({ ...until, order: { kind: "pass", order } satisfies AnyOrder, isAnswer: isPainted }),
    measure: (order, until) => run({ ...until, order: { kind: "light", order } satisfies AnyOrder, isAnswer: isStats }),
    sheet: (order, until) =>
      run({ ...until, order: { kind: "sheet", order } satisfies AnyOrder, isAnswer: (value) => isSheet(value, order) }),
    still: (order, until) => run({ ...until, order: { kind: "still", order } satisfies AnyOrder, isAnswer: isBytes }),
    black: (order, until) =>
      run({
        ...until,
        order: { kind: "black", order } satisfies AnyOrder,
        isAnswer: (value) => value === null || isBytes(value),
      }),
    library: (until) =>
      run({ ...until, order: { kind: "library", order: null } satisfies AnyOrder, isAnswer: isNativeParts }),
    begin,
    close,
  }
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isRecordOf = (value: unknown, type: "number" | "string"): boolean =>
  isFields(value) && Object.values(value).every((one) => typeof one === type)

const isListOf = (value: unknown, type: "number" | "string"): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === type)

const isRendered = (value: unknown, { outputs }: RenderOrder): value is RenderAnswer => {
  if (!isFields(value) || !isFields(value.pixels)) return false
  const { pixels, nonFiniteCount, allBlack, nearlyBlack, timingsMs, toolVersions } = value
  return (
    outputs.every(({ output: { name, canvas } }) => isPixels(pixels[name], canvas)) &&
    typeof nonFiniteCount === "number" &&
    typeof allBlack === "boolean" &&
    typeof nearlyBlack === "boolean" &&
    isRecordOf(timingsMs, "number") &&
    isRecordOf(toolVersions, "string")
  )
}

/** Encoded files are looked at where they are written. */
function isPixels(value: unknown, { width, height }: { readonly width: number; readonly height: number }): boolean {
  if (!isFields(value)) return false
  if (value.kind === "yuv420p")
    return value.canvas instanceof Uint8Array && value.canvas.length === (width * height * 3) / 2
  const { kind, bytes, toolVersions, timingsMs } = value
  return (
    kind === "encoded" &&
    bytes instanceof Uint8Array &&
    isRecordOf(toolVersions, "string") &&
    isRecordOf(timingsMs, "number")
  )
}

const isPainted = (value: unknown): value is PassAnswer =>
  isFields(value) && (value.channels === null || isListOf(value.channels, "string")) && isListOf(value.says, "string")

const isStats = (value: unknown): value is Stats =>
  isFields(value) && ["max", "average", "nonFinite"].every((name) => isListOf(value[name], "number"))

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

const isSheet = (value: unknown, { cells }: SheetOrder): value is DrawnSheet =>
  isFields(value) &&
  isBytes(value.jpeg) &&
  Array.isArray(value.looks) &&
  value.looks.length === cells.length &&
  value.looks.every((look) => look === null || isLook(look))

const isLook = (look: unknown): boolean =>
  isFields(look) && typeof look.peak === "number" && typeof look.hash === "string"

const isNativeParts = (value: unknown): value is NativeParts =>
  isFields(value) &&
  typeof value.compiler === "string" &&
  isRecordOf(value.versions, "string") &&
  isFields(value.protection)
