import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { ElementRow } from "../../table/rows.ts"
import { collect, workAgain } from "../again.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { badUsage } from "../io.ts"
import { DIR_OPTION, withRecords } from "../with-records.ts"
import type { WorkPorts } from "../work.ts"

function run(call: Call): Promise<Ending> {
  const prefix = textOption(call, "prefix")
  if (call.args.length === 0 && prefix === null)
    return Promise.resolve(badUsage(call.io, "Name the keys to render again, or --prefix."))
  return withRecords(call, null, { mode: "own", command: "reprocess" }, (records, installation) => {
    const rows = (ports: WorkPorts): Promise<Result<readonly ElementRow[]>> =>
      rowsAsked(call, ports, { bucket: installation.bucket, prefix })
    return workAgain(call, { records, installation }, { trigger: "reprocess", force: true, rows })
  })
}

async function rowsAsked(
  { args, options }: Call,
  { table }: WorkPorts,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string | null },
): Promise<Result<readonly ElementRow[]>> {
  const named: ElementRow[] = []
  for (const key of args) {
    const row = await table.element(bucket, key)
    if (!row.ok) return row
    if (row.value === null)
      return failed(
        failure(
          "source/gone",
          `Nothing is known of ${key}: keys are paths below the folder; \`run\` takes new files in.`,
        ),
      )
    named.push(row.value)
  }
  const under = prefix === null ? done([]) : await collect(table.elements({ bucket, prefix }))
  if (!under.ok) return under
  const all = new Map([...named, ...under.value].map((row) => [row.key, row]))
  // A queued frame is rendered anyway; with --force it is queued once more.
  return done([...all.values()].filter(({ state }) => options.force === true || state !== "queued"))
}

export const reprocess: Command = {
  name: "reprocess",
  summary: "renders frames again, whether their outputs are current or not",
  parameters: [{ syntax: "[keys...]", says: "keys: paths below the folder of frames" }],
  options: [
    { syntax: "--prefix <prefix>", says: "all frames whose key begins so" },
    { syntax: "--force", says: "also those that wait in the queue already" },
    DIR_OPTION,
  ],
  settings: ["state", "pictures", "colour", "tools", "work", "output"],
  examples: [
    ["reprocess sh010/beauty.0001.exr", "one frame"],
    ["reprocess --prefix sh010/", "a whole shot"],
  ],
  run,
}
