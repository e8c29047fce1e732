import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { ElementRow } from "../../table/rows.ts"
import { collect, workAgain } from "../again.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { DIR_OPTION, withRecords } from "../with-records.ts"
import type { WorkPorts } from "../work.ts"

const run = (call: Call): Promise<Ending> =>
  withRecords(call, null, { mode: "own", command: "failures retry" }, (records, installation) => {
    const rows = (ports: WorkPorts): Promise<Result<readonly ElementRow[]>> =>
      failedRows(call, ports, installation.bucket)
    return workAgain(call, { records, installation }, { trigger: "retry", force: call.options.force === true, rows })
  })

async function failedRows(call: Call, { table }: WorkPorts, bucket: string): Promise<Result<readonly ElementRow[]>> {
  const code = textOption(call, "code")
  const all = await collect(table.elements({ states: ["failed"], bucket }))
  if (!all.ok) return all
  const unknown = call.args.find((key) => !all.value.some((row) => row.key === key))
  if (unknown !== undefined)
    return failed(failure("source/gone", `${unknown} is no frame that failed; \`failures list\` names them.`))
  return done(
    all.value.filter(
      (row) =>
        (call.args.length === 0 || call.args.includes(row.key)) && (code ?? row.failure_code) === row.failure_code,
    ),
  )
}

export const failuresRetry: Command = {
  name: "failures retry",
  summary: "takes failed frames up again: all, or those named",
  parameters: [{ syntax: "[keys...]", says: "keys as `failures list` names them (default: all that failed)" }],
  options: [
    { syntax: "--code <code>", says: "only those that failed with this code" },
    { syntax: "--force", says: "render even where outputs are current" },
    DIR_OPTION,
  ],
  settings: ["state", "pictures", "colour", "tools", "work", "output"],
  examples: [
    ["failures retry", "all of them"],
    ["failures retry --code tool/timed-out --timeout 900", "those that ran out of time, with more of it"],
  ],
  run,
}
