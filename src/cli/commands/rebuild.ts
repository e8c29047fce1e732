import { rebuildTables } from "../../../topology/project/rebuild.ts"
import type { Call, Command, Ending } from "../command.ts"
import { giveUp } from "../terminal/io.ts"
import { counted } from "../views/format/human.ts"
import { withPlace } from "../with-place.ts"
import { DIR_PARAMETER } from "../with-records.ts"

const run = (call: Call): Promise<Ending> =>
  withPlace(call, call.args[0] ?? null, { mode: "own", command: "rebuild" }, async ({ records: { log, table } }) => {
    const { io, options } = call
    const rebuilt = await rebuildTables({ log, table })
    if (!rebuilt.ok) return giveUp(io, rebuilt.failure)
    const { facts, rows, missing, different, orphaned } = rebuilt.value
    if (options.json === true) io.stdout.write(`${JSON.stringify(rebuilt.value)}\n`)
    else {
      io.stdout.write(
        `${counted(rows, "row")} rebuilt from ${counted(facts, "fact")}: ${missing} were missing, ${different} were different, ${orphaned} had no fact behind them.\n`,
      )
    }
    return 0
  })

export const rebuild: Command = {
  details:
    "The new tables are built beside the old ones and put in their place at once; on servers they are merged into the live ones, while the projector carries on. Nobody is notified.",
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--json", says: "the report as one JSON object" },
    { syntax: "--dir <dir>", says: "the same as [dir]" },
  ],
  settings: ["state", "platform"],
  examples: [["rebuild shots/", "also says what was wrong with the old tables"]],
  run,
}
