// Puts the command together for users: its modules, and the packages that work on a folder needs, in few files of dist/src/cli/.
// Finding and reading 600 modules costs each start more CPU than all else that it does. Read by `npm run build`, in the root.

import { readdirSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { basename, join } from "node:path"
import { defineConfig, type ModuleInfo, type OutputBundle, type Plugin, type RolldownOptions } from "rolldown"

const inRoot = (path: string): string => join(process.cwd(), path)

/** Modules that Node is started with. Each stands by itself, since it may do no more than it holds. */
const COMMAND = inRoot("src/cli/bin.ts")
const CHILDREN = ["src/picture/engines/render-entry.ts", "src/picture/engines/icc-program.ts"].map(inRoot)

/** Loaded by its name where there is a settings file, with YAML in it, whose modules are sixty. */
const SETTINGS_TEXT = inRoot("src/config/settings-text.ts")

/** What every command loads, what a run loads to start render processes, and what it loads while they start: a file each. */
const GROUPS = [
  ["start", COMMAND],
  ["begin", inRoot("src/cli/commands/run.ts")],
  ["run", inRoot("src/cli/commands/run-folder.ts")],
] as const

/** From here a group does not go on: whoever calls a command loads it, and a run what it does not begin with. */
const NOT_FOLLOWED: ReadonlySet<string> = new Set(["src/cli/commands.ts", "src/cli/commands/run.ts"].map(inRoot))

/** Packages without native parts that a folder needs. The clients of servers stay where npm installs them. */
const INCLUDED: ReadonlySet<string> = new Set([
  ...["avsc", "cli-progress", "commander", "csv-stringify", "hash-wasm", "rxjs", "saxes", "string-width", "uuid"],
  // What the bundler itself adds.
  "@oxc-project/runtime",
])

const packageOf = (id: string): string =>
  id
    .split("/")
    .slice(0, id.startsWith("@") ? 2 : 1)
    .join("/")

/** The Node that builds may be older than the one that runs it. */
const isOfNode = (id: string): boolean => id.startsWith("node:") || isBuiltin(id)

const { dependencies } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"))

/** Whether an import is left to Node: a package that is not included, or a module of Node itself. */
function isLeft(id: string, importer: string | undefined): boolean {
  if (isOfNode(id)) return true
  if (/^[./]/.test(id) || importer?.includes("/node_modules/")) return false
  if (INCLUDED.has(packageOf(id))) return false
  if (packageOf(id) in dependencies) return true
  throw new Error(`${importer} imports ${id}, which is not among the dependencies: users would not have it.`)
}

type Graph = ReadonlyMap<string, ModuleInfo>

/** Modules that lead to nothing that is left to npm; the others must not be loaded by who does not need them. */
function selfContained(graph: Graph): (id: string) => boolean {
  const left = new Set<string>()
  const importers = new Map<string, string[]>()
  const mark = (id: string): void => {
    if (left.has(id)) return
    left.add(id)
    for (const importer of importers.get(id) ?? []) mark(importer)
  }
  for (const [id, { importedIds }] of graph)
    for (const imported of importedIds) importers.set(imported, [...(importers.get(imported) ?? []), id])
  for (const id of importers.keys()) if (!graph.has(id) && !isOfNode(id)) mark(id)
  return (id) => graph.has(id) && !left.has(id)
}

/** The group of each module: the first one from whose root it is reached. */
function grouped(graph: Graph): ReadonlyMap<string, string> {
  const isContained = selfContained(graph)
  const groups = new Map<string, string>()
  const walk = (group: string, id: string): void => {
    const info = graph.get(id)
    if (info === undefined || groups.has(id) || !isContained(id)) return
    groups.set(id, group)
    for (const next of info.importedIds) walk(group, next)
    if (!NOT_FOLLOWED.has(id)) for (const next of info.dynamicallyImportedIds) walk(group, next)
  }
  for (const [group, root] of GROUPS) walk(group, root)
  return groups
}

/** Fills `graph` once all modules are known. */
const watched = (graph: Map<string, ModuleInfo>): Plugin => ({
  name: "graph",
  buildEnd() {
    for (const id of this.getModuleIds()) {
      const info = this.getModuleInfo(id)
      if (id.startsWith("/") && info !== null) graph.set(id, info)
    }
  },
})

/** Licences ask that whoever gets the code gets their text, too. */
const licences = (file: string): Plugin => ({
  name: "licences",
  generateBundle(_, bundle) {
    const source = packageFolders(bundle)
      .map(licenceOf)
      .join(`\n${"-".repeat(80)}\n\n`)
    if (source !== "") this.emitFile({ type: "asset", fileName: file, source })
  },
})

/** Folders of packages whose code is in these files. */
function packageFolders(bundle: OutputBundle): readonly string[] {
  const ids = Object.values(bundle).flatMap((one) => (one.type === "chunk" ? Object.keys(one.modules) : []))
  const folders = ids.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? null)
  return [...new Set(folders)].filter((folder) => folder !== null).sort()
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim()
  return `${name} ${version} (${license})\n\n${text}\n`
}

function bundleOf(entry: string): RolldownOptions {
  const graph = new Map<string, ModuleInfo>()
  const name = basename(entry, ".ts")
  let groups: ReadonlyMap<string, string> | null = null
  const isOf = (group: string) => (id: string) => {
    groups ??= grouped(graph)
    return groups.get(id) === group
  }
  return {
    input: { [name]: entry },
    platform: "node",
    external: (id, importer) => (entry === SETTINGS_TEXT ? isOfNode(id) : isLeft(id, importer)),
    tsconfig: false,
    transform: { target: "esnext" },
    // The modules, of which most fall away, instead of one large file for CommonJS.
    resolve: { mainFields: ["module", "main"], alias: { rxjs: inRoot("node_modules/rxjs/dist/esm/index.js") } },
    // What is loaded on demand lies in the group of whoever may demand it.
    checks: { ineffectiveDynamicImport: false },
    plugins: [watched(graph), licences(`${name}-LICENCES.txt`)],
    output: {
      // Where the compiler would put src/cli: what is found from there is found from these files, too.
      dir: inRoot("dist/src/cli"),
      format: "esm",
      chunkFileNames: `${name}-[name].js`,
      // A module runs when it is first needed, as it does by itself, whichever file it lies in.
      strictExecutionOrder: true,
      // Names and lines stay, so that a stack says where a bug is.
      comments: false,
      ...(entry === COMMAND ? { codeSplitting: { groups: GROUPS.map(([name]) => ({ name, test: isOf(name) })) } } : {}),
    },
  }
}

// The command last: where it is, all is.
export default defineConfig([...CHILDREN, SETTINGS_TEXT, COMMAND].map(bundleOf))
