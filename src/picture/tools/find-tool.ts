import { constants } from "node:fs"
import { access, open, readdir, realpath, stat } from "node:fs/promises"
import { dirname, isAbsolute, join } from "node:path"
import { fileURLToPath } from "node:url"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { type KeptAnswers, keepsNoAnswers } from "./kept-answers.ts"
import { type Guards, runTool } from "./run-tool.ts"

export type ToolName = "oiiotool" | "ffmpeg"

export type Version = { readonly text: string; readonly major: number; readonly minor: number }

type Ability = { readonly name: string; readonly args: readonly string[]; readonly shows: RegExp }

type ToolRequirement = {
  readonly minimum: string
  /** Environment variable of the setting that names another one. */
  readonly variable: string
  readonly versionArgs: readonly string[]
  /** Where the wheel keeps the program itself. */
  readonly wheelFolder: string
  readonly wheelName: RegExp
  readonly abilities: readonly Ability[]
}

const ability = (kind: string, name: string, shows: RegExp): Ability => ({
  name,
  args: ["-hide_banner", "-h", `${kind}=${name}`],
  shows,
})

export const TOOLS: Readonly<Record<ToolName, ToolRequirement>> = {
  oiiotool: {
    minimum: "2.4",
    variable: "OIIO_OIIOTOOL_PATH",
    versionArgs: ["--version"],
    wheelFolder: "OpenImageIO/bin",
    wheelName: /^oiiotool$/,
    abilities: [],
  },
  ffmpeg: {
    minimum: "5.1",
    variable: "OIIO_FFMPEG_PATH",
    versionArgs: ["-version"],
    wheelFolder: "imageio_ffmpeg/binaries",
    wheelName: /^ffmpeg-/,
    abilities: [ability("filter", "zscale", /^Filter zscale/m), ability("encoder", "libx264", /^Encoder libx264/m)],
  },
}

/** Version in a tool's own words: "3.2.2.0", "ffmpeg version n9.0.2-17-g2a571b6068", "ffmpeg version N-118000-g1234". */
export function parseVersion(name: ToolName, answer: string): Version | null {
  const text =
    name === "ffmpeg" ? /^ffmpeg version (\S+)/.exec(answer)?.[1] : /^(?:OpenImageIO )?(\d\S*)/.exec(answer)?.[1]
  if (text === undefined) return null
  // A build of ffmpeg's development branch has a number of commits, and is newer than any release.
  if (name === "ffmpeg" && /^N-\d+/.test(text)) return { text, major: Number.MAX_SAFE_INTEGER, minor: 0 }
  const numbers = /^n?(\d+)\.(\d+)/.exec(text)
  return numbers === null ? null : { text, major: Number(numbers[1]), minor: Number(numbers[2]) }
}

export function atLeast(version: Version, minimum: string): boolean {
  const [major = 0, minor = 0] = minimum.split(".").map(Number)
  return version.major > major || (version.major === major && version.minor >= minor)
}

export type Tool = { readonly name: ToolName; readonly program: string; readonly version: Version }

export type ToolSearch = {
  /** A path, or a name on PATH; null to look in vendor/ and then on PATH. */
  readonly setting: string | null
  /** Folders that the wheels may be installed in, the first before the others. */
  readonly vendorFolders: readonly string[]
  /** Value of PATH. */
  readonly searchPath: string
  readonly guards: Guards
  /** What programs are known to answer; absent to ask each. */
  readonly answers?: KeptAnswers
}

const LIMITS = { timeoutMs: 30_000, memoryLimitBytes: 4 * 2 ** 30 }

/** Setting, then vendor/, then PATH; the first that is recent enough and can do what the recipe needs. */
export async function findTool(name: ToolName, search: ToolSearch): Promise<Result<Tool>> {
  const reasons: string[] = []
  for (const program of await candidates(name, search)) {
    const tool = await proven(name, program, search)
    if (tool.ok) return tool
    reasons.push(tool.failure.says)
    if (tool.failure.kind === "transient") return tool
  }
  return failed(failure("tool/missing", reasons[0] ?? notFound(name, search)))
}

const notFound = (name: ToolName, { setting }: ToolSearch): string =>
  setting === null
    ? `${name} is neither in vendor/ nor on PATH: run \`oiio-proxy-generator setup\`, which fetches it with pip, ` +
      `or install ${name} ${TOOLS[name].minimum} or newer, or name it in ${TOOLS[name].variable}.`
    : `The ${name} of the settings (${setting}) does not exist, is a folder, or may not be executed: name the program itself, or leave ${TOOLS[name].variable} out.`

async function candidates(name: ToolName, search: ToolSearch): Promise<readonly string[]> {
  const { setting, vendorFolders, searchPath } = search
  if (setting !== null && isAbsolute(setting)) return executables([setting])
  const onPath = searchPath
    .split(":")
    .filter(isAbsolute)
    .map((folder) => join(folder, setting ?? name))
  const installed = await Promise.all(vendorFolders.map((folder) => vendored(name, folder)))
  return executables(setting === null ? [...installed.flat(), ...onPath] : onPath)
}

async function vendored(name: ToolName, vendorFolder: string): Promise<readonly string[]> {
  const folder = join(vendorFolder, TOOLS[name].wheelFolder)
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((found) => TOOLS[name].wheelName.test(found))
    .sort()
    .reverse()
    .map((found) => join(folder, found))
}

async function executables(paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of paths) {
    // Search rights on a folder are the same bit as the right to execute a file.
    const isProgram = await Promise.all([access(path, constants.X_OK), stat(path)]).then(
      ([, found]) => found.isFile(),
      () => false,
    )
    if (isProgram) found.push(path)
  }
  return found
}

async function proven(
  name: ToolName,
  program: string,
  { guards, answers: kept = keepsNoAnswers }: Pick<ToolSearch, "guards" | "answers">,
): Promise<Result<Tool>> {
  if (await isWheelWrapper(program)) {
    return failed(
      missing(`${program} is pip's Python wrapper, not ${name} itself: point the setting at the wheel's program.`),
    )
  }
  const [firstAnswer = "", ...answers] = await Promise.all(
    [TOOLS[name].versionArgs, ...TOOLS[name].abilities.map(({ args }) => args)].map(
      async (args) => (await kept.of({ program, args }, () => ask(name, program, { args, guards }))) ?? "",
    ),
  )
  const version = parseVersion(name, firstAnswer)
  if (version === null) return failed(missing(`${program} does not answer as ${name}.`))
  if (!atLeast(version, TOOLS[name].minimum)) {
    return failed(missing(`${program} is ${name} ${version.text}; ${TOOLS[name].minimum} or newer is needed.`))
  }
  const lacking = TOOLS[name].abilities.find(({ shows }, index) => !shows.test(answers[index] ?? ""))
  return lacking === undefined
    ? done({ name, program: await realpath(program), version })
    : failed(missing(`${program} was built without ${lacking.name}, which the proxy needs.`))
}

const missing = (says: string): Failure => failure("tool/missing", says)

async function ask(
  name: ToolName,
  program: string,
  how: { readonly args: readonly string[]; readonly guards: Guards },
): Promise<string | null> {
  const ran = await runTool({
    tool: name,
    program,
    args: how.args,
    folder: "/",
    limits: LIMITS,
    guards: how.guards,
    signal: new AbortController().signal,
  })
  return ran.ok ? ran.value.stdout : null
}

/** pip installs `bin/oiiotool` as a script that imports the package: it needs the Python that installed it. */
async function isWheelWrapper(program: string): Promise<boolean> {
  const file = await open(program, "r").catch(() => null)
  if (file === null) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0)
    const text = buffer.toString("latin1", 0, bytesRead)
    return text.startsWith("#!") && /python/.test(text) && /OpenImageIO/.test(text)
  } finally {
    await file.close()
  }
}

/** Where wheels may be installed: `named` alone, else the package's own vendor/, then that in the user's folder of tools. */
export const vendorFoldersOf = async (toolsHome: string | null, named?: string): Promise<readonly string[]> =>
  named === undefined
    ? [await packageFolder(), ...(toolsHome === null ? [] : [toolsHome])].map((home) => join(home, "vendor"))
    : [named]

/** Folder of this package, from the sources as from dist/: the nearest one above that holds package.json. */
export async function packageFolder(): Promise<string> {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (folder !== dirname(folder)) {
    const isHere = await access(join(folder, "package.json")).then(
      () => true,
      () => false,
    )
    if (isHere) return folder
    folder = dirname(folder)
  }
  throw new Error("The package's own package.json is missing.")
}
