import type { Call, Ending, Parameter } from "../../command.ts"
import { badUsage } from "../../terminal/io.ts"
import type { RowFormat } from "./rows.ts"

/** The options by which every command that writes rows lets its user choose their form. */
export const FORMAT_OPTIONS: readonly Parameter[] = [
  { syntax: "--json", says: "one JSON object a line" },
  {
    syntax: "--csv",
    says: "comma-separated values with a header, for a spreadsheet: no cell is a formula, controls are spelled out (--json is exact)",
  },
]

/** Hands on the form that was asked for; asking for two is bad usage. */
export function inChosenFormat(call: Call, write: (format: RowFormat) => Promise<Ending>): Promise<Ending> {
  const { json, csv } = call.options
  if (json === true && csv === true) return Promise.resolve(badUsage(call.io, "Either --json or --csv, not both."))
  return write(json === true ? "json" : csv === true ? "csv" : "table")
}
