import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Colorspace } from "../../events/records.generated.ts"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { onceEach } from "../../system/recent-map.ts"
import type { ColourNames } from "../index.ts"
import { type AppliedLook, appliedLook, concerns } from "../looks/apply.ts"
import { type LookBytes, type LookFile, openLookBytes, type ReadLook } from "../looks/look.ts"
import { tryLook, tryLooks } from "../looks/try-looks.ts"
import type { RenderJob } from "../model.ts"
import { SPACES, spaceNamed } from "../read/colour/spaces.ts"
import { findTool, packageFolder, type Tool, vendorFoldersOf } from "../tools/find-tool.ts"
import { type KeptAnswers, keepsNoAnswers } from "../tools/kept-answers.ts"
import { findGuards, type Guards, type Limits, runTool } from "../tools/run-tool.ts"
import type { Tools } from "../tools/tool-context.ts"
import { BUNDLED_NAMES } from "./bundled-names.ts"
import { isBuiltInConfig, loadBuiltInConfig, type OcioConfig, type Views, viewsOf } from "./ocio-config.ts"
import { inputColour, type PicturePlan, planPicture } from "./plan.ts"

export type SetupOptions = {
  /** OCIO config in place of the bundled one, a path or a built-in one's ocio:// name; null or absent for the bundled one. */
  readonly ocioConfigPath?: string | null
  /** The oiiotool to use, a path or a name on PATH; null or absent for vendor/, then PATH. */
  readonly oiiotool?: string | null
  /** The ffmpeg to use, likewise. */
  readonly ffmpeg?: string | null
  /** Folder of the pinned wheels; absent for vendor/ of the package, then that of {@link SetupOptions.toolsHome}. */
  readonly vendorFolder?: string
  /** Folder that `setup` installs them in for a user; null or absent for none. */
  readonly toolsHome?: string | null
  /** Value of PATH; absent for no look-up there. */
  readonly searchPath?: string
  /** What the tools are known to answer; absent to ask them. */
  readonly answers?: KeptAnswers
  readonly limits?: Limits
  /** Says what is wrong with the spaces and looks that the settings name, where the config lacks one. */
  readonly colourProblem?: (names: ColourNames) => Failure | null
  /** Look files that were read; absent for none. */
  readonly looks?: readonly ReadLook[]
  /** Holds the looks that are found later, beside frames; absent for one that holds `looks` alone. */
  readonly heldLooks?: LookBytes
}

const DEFAULT_LIMITS: Limits = { timeoutMs: 300_000, memoryLimitBytes: 4 * 2 ** 30 }

/** What every engine stands on: the two tools, what they may use, and the OCIO configs. */
export type Setup = {
  /** What is held of the look files that settings may name. */
  readonly heldLooks: LookBytes
  /** Fails: picture/look-unusable where OpenColorIO refuses a look that the start did not try. */
  readonly usable: (look: AppliedLook | null) => Promise<Result<void>>
  readonly limits: Limits
  readonly guards: Guards
  readonly answers: KeptAnswers
  readonly bundled: OcioConfig
  readonly config: OcioConfig
  /** First 16 hex digits of the config's sha256. */
  readonly configHash: string
  /** Looked up at the first need, again until they are found. Fails: tool/missing. */
  readonly tools: () => Promise<Result<Tools>>
}

/** Fails: config/invalid when the OCIO config cannot be read or is none, or lacks what the settings name; tool/* for a built-in one. */
export async function openSetup(options: SetupOptions = {}): Promise<Result<Setup>> {
  const root = await packageFolder()
  const bundled = await loadConfig(join(root, "src/picture/proxy.ocio"))
  if (!bundled.ok) return bundled
  const guards = await findGuards()
  const limits = options.limits ?? DEFAULT_LIMITS
  const found = onceEach<Tools>()
  const tools = (): Promise<Result<Tools>> => found("tools", () => findTools(options, guards))
  const named = options.ocioConfigPath || bundled.value.config.path
  const chosen = isBuiltInConfig(named)
    ? await builtInConfig(named, { tools, limits, guards })
    : await loadConfig(named)
  if (!chosen.ok) return chosen
  const problem = options.colourProblem?.(colourNames(chosen.value.config, bundled.value.config)) ?? null
  if (problem !== null) return failed(problem)
  const looks = options.looks ?? []
  const heldLooks = options.heldLooks ?? openLookBytes()
  for (const look of looks) heldLooks.hold(look)
  const tried = await triedLooks(looks, { tools, limits, guards })
  if (!tried.ok) return tried
  return done({
    heldLooks,
    usable: usableLooks({ tools, limits, guards }),
    guards,
    limits,
    answers: options.answers ?? keepsNoAnswers,
    bundled: bundled.value.config,
    config: chosen.value.config,
    configHash: chosen.value.hash,
    tools,
  })
}

/** Without an oiiotool there is nothing to try them by, and nothing to be rendered: whoever needs it says so. */
async function triedLooks(
  looks: readonly ReadLook[],
  { tools, ...limited }: Pick<Setup, "tools" | "limits" | "guards">,
): Promise<Result<void>> {
  if (looks.length === 0) return done(undefined)
  const found = await tools()
  return found.ok ? tryLooks(looks, { ...limited, ...found.value }) : done(undefined)
}

async function builtInConfig(
  name: string,
  { tools, ...limited }: Pick<Setup, "tools" | "limits" | "guards">,
): ReturnType<typeof loadConfig> {
  const found = await tools()
  return found.ok ? loadBuiltInConfig(name, { ...limited, ...found.value }) : found
}

/** Spaces of the config and the bundled one, whose names are known in all their spellings; looks of the config. */
const colourNames = (config: OcioConfig, bundled: OcioConfig): ColourNames => ({
  hasSpace: (name) => config.spaces.has(name) || bundled.spaces.has(name) || spaceNamed(name) !== undefined,
  hasLook: (name) => viewsOf(name, config) !== null,
  spaces: [...new Set([...config.spaces, ...SPACES.flatMap(({ configSpace, aliases }) => [configSpace, ...aliases])])],
  looks: [...new Set(["un-tone-mapped", "aces-sdr", ...[...config.displays.values()].flat()])],
})

/** Each look is tried once; one that lies beside frames may be another tomorrow. */
function usableLooks({ tools, ...limited }: Pick<Setup, "tools" | "limits" | "guards">): Setup["usable"] {
  const tried = onceEach<void>(MOST_TRIED)
  return async (look) => {
    if (look === null) return done(undefined)
    const found = await tools()
    if (!found.ok) return found
    const key = JSON.stringify(look.steps.map(({ sha256, format, id }) => [sha256, format, id]))
    return tried(key, async () => {
      const usable = await tryLook(look, { ...limited, ...found.value })
      return usable.ok || usable.failure.code !== "config/invalid"
        ? usable
        : failed(failure("picture/look-unusable", usable.failure.says))
    })
  }
}

const MOST_TRIED = 10_000

async function loadConfig(path: string): Promise<Result<{ config: OcioConfig; hash: string }>> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => error)
  if (typeof text !== "string") {
    return failed(failure("config/invalid", `The OCIO config ${path} cannot be read (${text.code}).`))
  }
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16)
  const { hash: bundled, ...names } = BUNDLED_NAMES
  if (hash === bundled) return done({ config: { path, ...names }, hash })
  // Reading YAML takes more to load than all else that a start needs.
  const { parseOcioConfig } = await import("./ocio-text.ts")
  const config = parseOcioConfig(path, text)
  return config === null ? failed(failure("config/invalid", `${path} is not an OCIO config.`)) : done({ config, hash })
}

async function findTools(options: SetupOptions, guards: Guards): Promise<Result<Tools>> {
  const where = {
    vendorFolders: await vendorFoldersOf(options.toolsHome ?? null, options.vendorFolder),
    searchPath: options.searchPath ?? "",
    guards,
    ...(options.answers && { answers: options.answers }),
  }
  const oiiotool = await findTool("oiiotool", { ...where, setting: options.oiiotool ?? null })
  if (!oiiotool.ok) return oiiotool
  const ffmpeg = await findTool("ffmpeg", { ...where, setting: options.ffmpeg ?? null })
  return ffmpeg.ok ? done({ oiiotool: oiiotool.value, ffmpeg: ffmpeg.value }) : ffmpeg
}

/** Everything the render does. Fails: config/invalid where the config has no such look, picture/unsupported. */
export function planFor(
  setup: Setup,
  { reading, settings }: Pick<RenderJob, "reading" | "settings">,
): Result<PicturePlan> {
  const { selection, colorspace } = reading
  const views = viewsOf(colorspace.look, setup.config)
  if (views === null) return failed(noSuchLook(colorspace.look))
  if (selection.channels.length !== 3) return failed(notThree(selection.channels))
  const look = lookFor(setup, settings.colour.lookFile, { colorspace, views })
  if (!look.ok) return look
  return done(
    planPicture(reading, settings, {
      views,
      look: look.value,
      input: inputColour(colorspace, views, setup.bundled),
    }),
  )
}

type ShownColour = { readonly colorspace: Colorspace; readonly views: Views }

function lookFor(
  { bundled, heldLooks }: Setup,
  look: LookFile | undefined,
  { colorspace, views }: ShownColour,
): Result<AppliedLook | null> {
  if (look?.problem !== undefined)
    return failed(failure("picture/look-unusable", `The look file ${look.name} beside the frame ${look.problem}.`))
  if (look === undefined || !concerns(look, colorspace)) return done(null)
  return appliedLook(look, { config: views.config, linearSpace: views.linearSpace, bundled }, heldLooks)
}

const noSuchLook = (look: string): Failure =>
  failure("config/invalid", `The OCIO config has no view for the look ${look}, or no linear Rec.709.`)

const notThree = (channels: readonly string[]): Failure =>
  failure("picture/unsupported", `Three channels are shown as red, green and blue, not ${channels.length}.`)

/** Tools that are not there, and a config that OCIO refuses or that lacks the plain conversion. */
export async function whatIsMissing(setup: Setup): Promise<readonly Failure[]> {
  const views = viewsOf("un-tone-mapped", setup.config)
  const tools = await setup.tools()
  if (!tools.ok) return [tools.failure, ...(views === null ? [noSuchLook("un-tone-mapped")] : [])]
  if (views === null) return [noSuchLook("un-tone-mapped")]
  return tries(setup, tools.value.oiiotool, probeArgs(views))
}

/** A facility's config names files of its own, which come and go without it: it is tried at each start. */
async function tries(setup: Setup, { program }: Tool, args: readonly string[]): Promise<readonly Failure[]> {
  const { answers, config, bundled, configHash, limits, guards } = setup
  let refusal: Failure | null = null
  const probe = async (): Promise<string | null> => {
    const where = { folder: tmpdir(), signal: new AbortController().signal }
    const tried = await runTool({ tool: "oiiotool", program, args, limits, guards, ...where })
    refusal = tried.ok ? null : tried.failure
    return tried.ok ? tried.value.stdout : null
  }
  const kept = config.path === bundled.path ? answers : keepsNoAnswers
  await kept.of({ program, args, about: configHash }, probe)
  return refusal === null ? [] : [refusal]
}

/** One pixel through the config. */
const probeArgs = ({ config, linearSpace, displays }: Views): readonly string[] => [
  ...["--colorconfig", config.path, "--pattern", "constant:color=0.18,0.18,0.18", "1x1", "3"],
  ...["--iscolorspace", linearSpace, "--ociodisplay", displays.Rec709.display, displays.Rec709.view, "--printstats"],
]
