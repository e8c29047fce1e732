import { renderSettingsFor } from "../../config/render-settings.ts"
import { findInstallation } from "../../deployment/deployment-target.ts"
import { looksFolderOf, toolOptions } from "../../deployment/machine.ts"
import { checkLooks, type LookReport } from "../../picture/engines/in-process/check-looks.ts"
import type { Call, Command, Ending } from "../command.ts"
import { DIR_ALIAS } from "../open-records.ts"
import { giveUp } from "../terminal/io.ts"
import { jsonLines } from "../views/rows.ts"
import { type Column, tableText, tableWidth } from "../views/text-table.ts"

const FIELDS = ["look", "output", "way", "largest", "mean"] as const

type Row = Pick<LookReport, "look" | "output" | "way"> & {
  readonly largest: number | null
  readonly mean: number | null
}

const rowOf = ({ error, ...report }: LookReport): Row => ({
  ...report,
  largest: error?.largest ?? null,
  mean: error?.mean ?? null,
})

/** The error in 8-bit code values, which are easier to imagine than parts of 1. */
const codes = (part: number | null): string => (part === null ? "-" : `${(part * 255).toFixed(2)} of 255`)

const COLUMNS: readonly Column<Row>[] = [
  { title: "look", of: ({ look }) => look },
  { title: "output", of: ({ output }) => output },
  { title: "way", of: ({ way }) => way },
  { title: "largest error", of: ({ largest }) => codes(largest) },
  { title: "mean error", of: ({ mean }) => codes(mean) },
]

async function run(call: Call): Promise<Ending> {
  const installation = findInstallation(call, call.args[0] ?? null)
  if (!installation.ok) return giveUp(call.io, installation.failure)
  const { config } = installation.value
  const looks = new Set([config.look, ...config.colourRules.flatMap(({ look }) => (look === null ? [] : [look]))])
  const reports = await checkLooks({
    setup: toolOptions(config, call),
    // Without the colour rules: a rule for every key would add its look file to each view.
    settings: renderSettingsFor({ ...config, colourRules: [] }, "", ""),
    looks: [...looks],
    lookFiles: config.colourRules.flatMap(({ lookFile, look }) =>
      lookFile?.read ? [{ file: lookFile.read.look, look: look ?? config.look }] : [],
    ),
    looksFolder: looksFolderOf(config),
  })
  if (!reports.ok) return giveUp(call.io, reports.failure)
  const rows = reports.value.map(rowOf)
  call.io.stdout.write(
    call.options.json === true ? jsonLines(rows, FIELDS) : tableText(rows, COLUMNS, tableWidth(call.io)),
  )
  return 0
}

export const looksCheck: Command = {
  details:
    "The plain conversion is exact: a matrix and a curve. Every other look is a table that oiiotool fills with the OCIO config; its largest and its mean error against OCIO are measured, and stand in every result that it was used for.",
  parameters: [{ syntax: "[dir]", says: "folder of frames" }],
  options: [{ syntax: "--json", says: "one JSON object a line; errors in parts of 1" }, DIR_ALIAS],
  settings: ["state", "colour", "tools"],
  examples: [["looks check shots/ --look aces-sdr", "before a look is chosen"]],
  run,
}
