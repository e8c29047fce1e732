import { dismiss } from "../../../topology/project/dismiss.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { jsonText, visible } from "../../system/visible.ts"
import type { ElementRow } from "../../table/rows.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { chosenFailures } from "../failed-rows.ts"
import { badUsage, giveUp } from "../terminal/io.ts"
import { counted } from "../views/format/human.ts"
import { bucketOf, type Opened, withPlace } from "../with-place.ts"
import { DIR_OPTION } from "../with-records.ts"

const run = async (call: Call): Promise<Ending> => {
  const { args, options, io } = call
  if (args.length === 0 && options.prefix === undefined && options.code === undefined)
    return badUsage(io, "Say which failures: keys as `failures list` names them, --prefix or --code.")
  // Keys say themselves what goes; a prefix or a code may take more along than was meant.
  const isDone = args.length > 0 || options.yes === true
  const access = isDone ? ({ mode: "own", command: "failures dismiss" } as const) : ({ mode: "read" } as const)
  return withPlace(call, null, access, async (opened) => {
    const chosen = await chosenFailures(opened.records.table, {
      names: args,
      prefix: textOption(call, "prefix"),
      code: textOption(call, "code"),
      bucket: bucketOf(opened),
    })
    if (!chosen.ok) return giveUp(io, chosen.failure)
    const rows = chosen.value.filter(({ state }) => state === "failed")
    return isDone ? dismissing(call, opened, rows) : saying(call, rows)
  })
}

function saying(call: Call, rows: readonly ElementRow[]): Ending {
  show(call, rows)
  call.io.stderr.write(
    rows.length === 0 ? "Nothing to dismiss.\n" : `Would dismiss ${counted(rows.length, "failure")}. --yes does it.\n`,
  )
  return 0
}

/** Facts appended at once. */
const BATCH = 500

async function dismissing(call: Call, opened: Opened, rows: readonly ElementRow[]): Promise<Ending> {
  const { io, clock, interrupts } = call
  const ports = { ...opened.records, generatorVersion: generatorVersion() }
  const by = textOption(call, "by")
  let dismissed = 0
  while (dismissed < rows.length && !interrupts.drain.aborted) {
    const batch = rows.slice(dismissed, dismissed + BATCH)
    const told = await dismiss(ports, batch, { nowMs: clock.nowMs(), by, trigger: "dismiss" })
    if (!told.ok) return giveUp(io, told.failure)
    show(call, batch)
    dismissed += batch.length
  }
  io.stderr.write(rows.length === 0 ? "Nothing to dismiss.\n" : `Dismissed ${counted(dismissed, "failure")}.\n`)
  return dismissed < rows.length ? "stopped" : 0
}

/** One line for each on stdout, before or after it is done. */
function show({ io, options }: Call, rows: readonly ElementRow[]): void {
  for (const { bucket, key, failure_code: code } of rows)
    io.stdout.write(
      options.json === true ? `${jsonText({ bucket, key, code })}\n` : `${visible(`s3://${bucket}/${key}  ${code}`)}\n`,
    )
}

export const failuresDismiss: Command = {
  details:
    "Dismissed failures leave `failures list` (but for --all), `status`, the exit code of `run` and the contact sheet, and stay so in a `rebuild`: the log has the fact. A new version of the source, or `failures retry` with its key, takes the frame up again; the same version found by a listing does not.",
  parameters: [
    { syntax: "[keys...]", says: "keys as `failures list` names them, or s3://bucket/key: dismissed at once" },
  ],
  options: [
    { syntax: "--prefix <prefix>", says: "only those below it: a key's beginning, or s3://bucket/prefix" },
    { syntax: "--code <code>", says: "only those that failed with this code" },
    { syntax: "--yes", says: "do it where no keys are named; without it nothing is changed then" },
    { syntax: "--by <name>", says: "who says so: kept in the log" },
    { syntax: "--json", says: "one object a line" },
    DIR_OPTION,
  ],
  settings: ["state", "platform"],
  examples: [
    ["failures dismiss sh010/slate.0001.exr --by ana", "this one, at once"],
    ["failures dismiss --prefix old/ --code picture/damaged", "which would be dismissed"],
    ["failures dismiss --prefix old/ --code picture/damaged --yes", "dismisses them"],
  ],
  run,
}
