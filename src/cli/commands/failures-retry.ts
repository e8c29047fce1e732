import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import { collect, takeUpAgain } from "../again.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { bucketOf, withPlace } from "../with-place.ts"
import { DIR_OPTION } from "../with-records.ts"
import type { WorkPorts } from "../work.ts"

const run = (call: Call): Promise<Ending> =>
  withPlace(call, null, { mode: "own", command: "failures retry" }, (opened) => {
    const rows = ({ table }: Pick<WorkPorts, "table">): Promise<Result<readonly ElementRow[]>> =>
      failedRows(call, table, bucketOf(opened))
    return takeUpAgain(call, opened, { trigger: "retry", force: call.options.force === true, rows })
  })

const isNamed = ({ bucket, key }: ElementRow, names: readonly string[]): boolean =>
  names.includes(key) || names.includes(`s3://${bucket}/${key}`)

async function failedRows(
  call: Call,
  table: Table,
  bucket: string | undefined,
): Promise<Result<readonly ElementRow[]>> {
  const code = textOption(call, "code")
  const all = await collect(table.elements({ states: ["failed"], ...(bucket === undefined ? {} : { bucket }) }))
  if (!all.ok) return all
  const unknown = call.args.find((key) => !all.value.some((row) => isNamed(row, [key])))
  if (unknown !== undefined)
    return failed(failure("source/gone", `${unknown} is no frame that failed; \`failures list\` names them.`))
  return done(
    all.value.filter(
      (row) => (call.args.length === 0 || isNamed(row, call.args)) && (code ?? row.failure_code) === row.failure_code,
    ),
  )
}

export const failuresRetry: Command = {
  details: "In a folder it works until they are done; on servers it queues them for the workers and ends.",
  parameters: [
    { syntax: "[keys...]", says: "keys as `failures list` names them, or s3://bucket/key (default: all that failed)" },
  ],
  options: [
    { syntax: "--code <code>", says: "only those that failed with this code" },
    { syntax: "--force", says: "render even where outputs are current" },
    DIR_OPTION,
  ],
  settings: ["state", "platform", "pictures", "shown", "colour", "tools", "work", "output"],
  examples: [
    ["failures retry", "all of them"],
    ["failures retry --code tool/timed-out --timeout 900", "those that ran out of time, with more of it"],
  ],
  run,
}
