import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { Tool } from "../tools/find-tool.ts"
import type { Guards, Limits } from "../tools/guards.ts"
import { runTool } from "../tools/run-tool.ts"
import type { OcioConfig } from "./ocio-config.ts"

/** A config that OpenColorIO itself brings along, such as ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5. */
export const isBuiltInConfig = (name: string): boolean => name.startsWith("ocio://")

type Means = { readonly oiiotool: Tool; readonly limits: Limits; readonly guards: Guards }

/**
 * Spaces and displays of a built-in config, as oiiotool lists them: it has no file to read. The hash is of that list and the
 * name; a name without a version stands for another config in another OpenColorIO, whose version then counts, too.
 * Fails: config/invalid where the tool's OpenColorIO does not have it.
 */
export async function loadBuiltInConfig(
  name: string,
  { oiiotool, limits, guards }: Means,
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
