import type { EmbeddedPorts } from "../../deployment/folder.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { chosenFailures } from "../failed-rows.ts"
import { takeUpAgain } from "../requeue.ts"
import { bucketOf, withPlace } from "../with-place.ts"
import { DIR_OPTION } from "../with-records.ts"

const run = (call: Call): Promise<Ending> =>
  withPlace(call, null, { mode: "own", command: "failures retry" }, (opened) => {
    const choice = {
      names: call.args,
      prefix: null,
      code: textOption(call, "code"),
      bucket: bucketOf(opened),
    }
    const rows = ({ table }: Pick<EmbeddedPorts, "table">) => chosenFailures(table, choice)
    return takeUpAgain(call, opened, { trigger: "retry", force: call.options.force === true, rows })
  })

export const failuresRetry: Command = {
  details: "In a folder it works until they are done; on servers it queues them for the workers and ends.",
  parameters: [
    {
      syntax: "[keys...]",
      says: "keys as `failures list` names them, or s3://bucket/key (default: all that failed and were not dismissed)",
    },
  ],
  options: [
    { syntax: "--code <code>", says: "only those that failed with this code" },
    { syntax: "--force", says: "render even where outputs are current" },
    DIR_OPTION,
  ],
  settings: ["state", "outputs", "platform", "pictures", "shown", "colour", "tools", "work", "output"],
  examples: [
    ["failures retry", "all of them"],
    ["failures retry --code tool/timed-out --timeout 900", "those that ran out of time, with more of it"],
  ],
  run,
}
