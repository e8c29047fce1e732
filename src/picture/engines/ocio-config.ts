// The OCIO config: what it names, and which of its views the outputs are shown in.

import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import type { OutputProfile } from "../../element/profiles.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import type { Tool } from "../tools/find-tool.ts"
import { type Guards, type Limits, runTool } from "../tools/run-tool.ts"

/** What the engine must know of an OCIO config to name things in it. */
export type OcioConfig = {
  readonly path: string
  /** Names and aliases of its colour spaces, and its roles. */
  readonly spaces: ReadonlySet<string>
  /** Views of each display, in the config's order. */
  readonly displays: ReadonlyMap<string, readonly string[]>
}

/** A config that OpenColorIO itself brings along, such as ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5. */
export const isBuiltInConfig = (name: string): boolean => name.startsWith("ocio://")

type ConfigReader = { readonly oiiotool: Tool; readonly limits: Limits; readonly guards: Guards }

/**
 * Spaces and displays of a built-in config, as oiiotool lists them: it has no file to read. The hash is of that list and the
 * name; a name without a version stands for another config in another OpenColorIO, whose version then counts, too.
 * Fails: config/invalid where the tool's OpenColorIO does not have it.
 */
export async function loadBuiltInConfig(
  name: string,
  { oiiotool, limits, guards }: ConfigReader,
): Promise<Result<{ readonly config: OcioConfig; readonly hash: string }>> {
  const listed = await runTool({
    tool: "oiiotool",
    program: oiiotool.program,
    args: ["--colorconfig", name, "--colorconfiginfo"],
    folder: tmpdir(),
    limits,
    guards,
    signal: new AbortController().signal,
  })
  if (!listed.ok && listed.failure.code !== "tool/failed") return listed
  const [first = "", ...lines] = listed.ok ? listed.value.stdout.split("\n") : []
  const list = first.startsWith("OpenColorIO ") ? lines.join("\n") : ""
  const config = parseListing(name, list)
  if (config === null) {
    const says = `The OpenColorIO of oiiotool ${oiiotool.version.text} has no built-in config ${name}: name one that it has, or a file.`
    return failed(failure("config/invalid", says))
  }
  const said = /_ocio-v\d/.test(name) ? [name, list] : [name, first, list]
  return done({ config, hash: createHash("sha256").update(said.join("\n")).digest("hex").slice(0, 16) })
}

/** What `oiiotool --colorconfiginfo` prints: spaces with their aliases, roles, displays with their views. Null for none. */
export function parseListing(path: string, list: string): OcioConfig | null {
  const [spaces, displays] = [new Set<string>(), new Map<string, readonly string[]>()]
  let [chapter, display] = ["", ""]
  for (const line of list.split("\n")) {
    const [, said = "", aliases, views, item = ""] = /^ *(aliases: (.*)|views: (.*)|- (.*))$/.exec(line) ?? []
    if (said === "") chapter = line
    else if (aliases !== undefined) for (const name of namesIn(aliases)) spaces.add(name)
    else if (views !== undefined) displays.set(display, namesIn(views))
    else if (chapter.startsWith("Known displays")) display = namesIn(item)[0] ?? ""
    else if (/^Known (color spaces|roles)/.test(chapter)) spaces.add(namesIn(item)[0] ?? "")
  }
  return spaces.size === 0 || displays.size === 0 ? null : { path, spaces, displays }
}

/** Names with commas between them, quoted where they have a space in them, each perhaps with remarks after it. */
const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"[^,]*|([^\s,"]+)[^,]*/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")

export type DisplayView = { readonly display: string; readonly view: string }

/** How linear light becomes the outputs. */
export type Views = {
  readonly config: OcioConfig
  /** Linear Rec.709, as this config names it. */
  readonly linearSpace: string
  /** By the look that a profile asks for. */
  readonly displays: Readonly<Record<OutputProfile["look"], DisplayView>>
}

/**
 * What the code values on a display are: the contract's words for displays that are sRGB or Rec.709 under any name, else
 * the display's own.
 */
export const codesOf = ({ display }: DisplayView): string => {
  if (SRGB.includes(display)) return "sRGB"
  return [REC709_CAMERA, ...REC709].includes(display) ? "Rec709" : display
}

/** Names of the looks that every config can have: the bundled one, the official ACES configs. */
const LOOKS: Readonly<Record<string, readonly string[]>> = {
  "un-tone-mapped": ["Un-tone-mapped"],
  "aces-sdr": [
    "ACES SDR",
    "ACES 1.0 - SDR Video",
    "ACES 1.0 - SDR Video (D60 sim on D65)",
    "ACES 2.0 - SDR 100 nits (Rec.709)",
  ],
}

const SRGB = ["sRGB", "sRGB - Display", "sRGB Display"]
const REC709 = ["Rec1886", "Rec.1886 Rec.709 - Display", "Rec.1886", "Rec.709", "Rec709"]
/** The curve that the contract's plain conversion has: linear 0.18 becomes 0.409. */
const REC709_CAMERA = "Rec709-camera"
const LINEAR = ["lin_rec709", "Linear Rec.709 (sRGB)", "lin_rec709_srgb", "lin_srgb", "Utility - Linear - sRGB"]

/**
 * Displays and views of a look: `un-tone-mapped`, `aces-sdr`, or any view of the config; on an sRGB display
 * for stills, on a Rec.709 one for movies; where the view exists on another display only, that one serves both. Null when the config has no such view.
 */
export function viewsOf(look: string, config: OcioConfig): Views | null {
  const linearSpace = LINEAR.find((name) => config.spaces.has(name))
  const rec709Displays = look === "un-tone-mapped" ? [REC709_CAMERA, ...REC709] : REC709
  const sRGB = firstOf(config, SRGB, LOOKS[look] ?? [look])
  const Rec709 = firstOf(config, rec709Displays, LOOKS[look] ?? [look])
  if (linearSpace === undefined || sRGB === null || Rec709 === null) return null
  return { config, linearSpace, displays: { sRGB, Rec709 } }
}

function firstOf(config: OcioConfig, displays: readonly string[], views: readonly string[]): DisplayView | null {
  for (const display of [...displays, ...config.displays.keys()]) {
    const view = views.find((name) => config.displays.get(display)?.includes(name))
    if (view !== undefined) return { display, view }
  }
  return null
}
