import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseSync } from "oxc-parser"
import rooms from "./rooms.json" with { type: "json" }

/** A folder, and what its files may import besides each other: rooms or single files of them, packages, modules of Node. */
export type Room = {
  readonly folder: string
  /** What the folder is; docs/architecture.md shows it. */
  readonly is: string
  readonly imports: readonly string[]
  /** `node:*` stands for all modules of Node. */
  readonly packages: readonly string[]
}

/** An allow-list: whatever is not named here is refused. */
export const ROOMS: readonly Room[] = rooms

/** Every source file of the project: its path from the project's root, and its text. Tests may import what they like. */
export type Sources = ReadonlyMap<string, string>

const IS_TEST = /(\.test\.ts$|\/testing\/|\/contract\.ts$)/

/** Lines below which a file with a single caller belongs into that caller. */
const LEAST_LINES = 20

export const readSources = (root: string): Sources =>
  new Map(
    globSync(["src/**/*.{ts,tsx}", "topology/**/*.ts"], { cwd: root })
      .filter((path) => !IS_TEST.test(path))
      .map((path) => [path, readFileSync(join(root, path), "utf8")]),
  )

/** The room of a file: the longest folder among the rooms that holds it; undefined where none does. */
export function roomOf(path: string, rooms: readonly Room[] = ROOMS): Room | undefined {
  const around = rooms.filter(({ folder }) => path.startsWith(`${folder}/`))
  return around.sort((one, other) => other.folder.length - one.folder.length)[0]
}

/**
 * What a file imports: a path from the project's root, or the name of a package or of a module of Node. null is an
 * import whose name is worked out at run time. Types count as well: who knows a type depends on its room.
 */
export function importsOf(path: string, text: string): readonly (string | null)[] {
  const { module } = parseSync(path, text)
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => literalIn(text.slice(start, end))),
  ]
  return [...new Set(specifiers)].map((specifier) => (specifier === null ? null : targetOf(path, specifier)))
}

const literalIn = (expression: string): string | null => /^(["'])([^"']+)\1$/.exec(expression)?.[2] ?? null

const targetOf = (from: string, specifier: string): string =>
  specifier.startsWith(".") ? join(dirname(from), specifier) : packageOf(specifier)

const packageOf = (specifier: string): string =>
  specifier.startsWith("node:")
    ? specifier
    : specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/")

const isInProject = (target: string): boolean => target.startsWith("src/") || target.startsWith("topology/")

const isAllowed = (room: Room, target: string, rooms: readonly Room[]): boolean => {
  if (!isInProject(target))
    return room.packages.includes(target) || (target.startsWith("node:") && room.packages.includes("node:*"))
  if (roomOf(target, rooms) === room) return true
  return room.imports.some((allowed) => target === allowed || roomOf(target, rooms)?.folder === allowed)
}

/** Each import that its room does not allow, as a sentence. */
export function refusedImports(sources: Sources, rooms: readonly Room[] = ROOMS): readonly string[] {
  return [...sources].flatMap(([path, text]) => {
    const room = roomOf(path, rooms)
    if (room === undefined) return [`${path} is in no room: give its folder an entry in scripts/rooms/rooms.json.`]
    return importsOf(path, text).flatMap((target) => {
      if (target === null) return [`${path} imports a module whose name is only known at run time: name it.`]
      return isAllowed(room, target, rooms) ? [] : [refusal(path, target, room)]
    })
  })
}

const refusal = (path: string, target: string, { folder, imports, packages }: Room): string =>
  `${path} imports ${target}, which ${folder} may not: it may import ${[...imports, ...packages].join(", ") || "nothing"}.`

/** Files too small to stand alone: below {@link LEAST_LINES} lines, and imported by one other file only. */
export function tooSmall(sources: Sources): readonly string[] {
  const callers = new Map<string, Set<string>>()
  for (const [path, text] of sources) {
    for (const target of importsOf(path, text)) {
      if (target !== null) callers.set(target, (callers.get(target) ?? new Set()).add(path))
    }
  }
  return [...sources].flatMap(([path, text]) => {
    const [caller, another] = callers.get(path) ?? []
    const isSmall = text.split("\n").length - 1 < LEAST_LINES
    if (!isSmall || caller === undefined || another !== undefined) return []
    return [`${path} has fewer than ${LEAST_LINES} lines and one caller: it belongs into ${caller}.`]
  })
}

if (import.meta.main) {
  const sources = readSources(process.argv[2] ?? ".")
  const wrong = [...refusedImports(sources), ...tooSmall(sources)]
  for (const says of wrong) console.error(says)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
