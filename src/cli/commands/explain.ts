import { statSync } from "node:fs"
import { resolve } from "node:path"
import { type Explained, explain, strangeVariables } from "../../config/explain.ts"
import { loadConfig } from "../../config/index.ts"
import type { Group } from "../../config/setting.ts"
import { GROUPS } from "../../config/table.ts"
import { defaultStateFolder } from "../../deployment/state-folder.ts"
import type { Call, Command, Ending } from "../command.ts"
import { badUsage, giveUp } from "../terminal/io.ts"
import { jsonLines } from "../views/rows.ts"
import { type Column, tableText, tableWidth } from "../views/text-table.ts"

const FIELDS = ["setting", "value", "origin", "says"] as const

const COLUMNS: readonly Column<Explained>[] = [
  { title: "setting", of: ({ setting }) => setting },
  { title: "value", of: ({ value }) => value },
  { title: "from", of: ({ origin }) => origin },
]

async function explainSettings({ flags, env, cwd, args, options, io }: Call): Promise<Ending> {
  const folder = args[0] ?? "."
  const given = statSync(resolve(cwd, folder), { throwIfNoEntry: false })
  if (given?.isDirectory() !== true)
    return badUsage(io, `${folder} ${given === undefined ? "does not exist" : "is a file"}: name a folder of frames.`)
  const settings = loadConfig({ flags, env, cwd, defaultStateDir: defaultStateFolder(folder, env) })
  if (!settings.ok) return giveUp(io, settings.failure)
  const rows = explain(settings.value)
  io.stdout.write(options.json === true ? jsonLines(rows, FIELDS) : tableText(rows, COLUMNS, tableWidth(io)))
  for (const note of strangeVariables(env)) io.stderr.write(`note: ${note}\n`)
  return 0
}

export const configExplain: Command = {
  parameters: [{ syntax: "[dir]", says: "folder of frames whose state folder may hold the settings file" }],
  options: [{ syntax: "--json", says: "one JSON object a line" }],
  settings: Object.keys(GROUPS) as Group[],
  examples: [
    ["config explain shots/", "the settings that `run shots/` would use"],
    ["config explain --json --proxy-crf 18", "the same as JSON lines, with one setting given as a flag"],
  ],
  run: explainSettings,
}

async function describeTopology({ io, options }: Call): Promise<Ending> {
  const { describeAsMermaid, describeAsText } = await import("../../../topology/describe.ts")
  const { TOPOLOGIES } = await import("../../../topology/graph.ts")
  io.stdout.write(options.mermaid === true ? describeAsMermaid(TOPOLOGIES) : describeAsText(TOPOLOGIES))
  return 0
}

export const topology: Command = {
  options: [{ syntax: "--mermaid", says: "as a Mermaid flowchart" }],
  examples: [["topology --mermaid > topology.mmd", "for a document"]],
  run: describeTopology,
}
