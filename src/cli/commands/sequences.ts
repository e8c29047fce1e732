import { hostname } from "node:os"
import { generatorVersion } from "../../deployment/version.ts"
import type { Result } from "../../events/result.ts"
import { hashListText } from "../../sequence/mhl/write.ts"
import { visible } from "../../system/visible.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import type { Call, Command, Ending } from "../command.ts"
import { DIR_ALIAS, DIR_PARAMETER, withRecords, withTable } from "../open-records.ts"
import { sayingWaits, TABLE_ROWS } from "../server-waits.ts"
import { badUsage, endOfRows, giveUp } from "../terminal/io.ts"
import { print, tell } from "../terminal/streams.ts"
import { counted } from "../views/human.ts"
import { FORMAT_OPTIONS, inChosenFormat, writeRows } from "../views/rows.ts"
import { hashedSources } from "../views/sequence/hash-list.ts"
import { SEQUENCE_COLUMNS, SEQUENCE_FIELDS } from "../views/sequence/table.ts"
import { isSequence } from "../views/sequences.ts"

const run = (call: Call): Promise<Ending> => (call.options.mhl === true ? writeList(call) : writeTable(call))

/** An ASC MHL 2.0 list of what the facts know. */
async function writeList(call: Call): Promise<Ending> {
  const { io, clock, args, options } = call
  if (options.json === true || options.csv === true) return badUsage(io, "--mhl is a format of its own.")
  return withRecords(call, args[0] ?? null, { mode: "read" }, async ({ records }) => {
    const hashed = await hashedSources(records)
    if (!hashed.ok) return giveUp(io, hashed.failure)
    const { bucket, files, unhashed, others } = hashed.value
    if (others > 0) return badUsage(io, `A list is of one folder, and there are sources of others than ${bucket}.`)
    const origin = { atMs: clock.nowMs(), hostname: hostname(), toolVersion: generatorVersion() }
    const unlisted: string[] = []
    for (const piece of hashListText(files, origin, unlisted)) await print(io, piece)
    if (unhashed > 0) await tell(io, `Not listed, since their hash is not known: ${counted(unhashed, "source")}.\n`)
    for (const path of unlisted) await tell(io, `Not listed, since no list can hold the name: ${visible(path)}\n`)
    return unhashed + unlisted.length > 0 ? 1 : endOfRows(io)
  })
}

const writeTable = (call: Call): Promise<Ending> =>
  inChosenFormat(call, (format) =>
    withTable(call, call.args[0] ?? null, async (table) => {
      const rows = sayingWaits(call, TABLE_ROWS, table.sequences())
      const chosen = call.options.all === true ? rows : withoutStills(rows)
      const layout = { fields: SEQUENCE_FIELDS, columns: SEQUENCE_COLUMNS }
      const written = await writeRows({ rows: chosen, format, ...layout, io: call.io })
      return written.ok ? endOfRows(call.io) : giveUp(call.io, written.failure)
    }),
  )

async function* withoutStills(rows: AsyncIterable<Result<SequenceRow>>): AsyncGenerator<Result<SequenceRow>> {
  for await (const row of rows) if (!row.ok || isSequence(row.value)) yield row
}

export const sequences: Command = {
  details:
    "The table sequences: which frames are made, which failed, which are missing, and where the movie is. Frames are ranges, 1001-1040,1045; the table for reading cuts long ones, --json and --csv have them whole. --mhl lists the hashes that were taken when the frames were made, so no source is read; sources whose hash is not known are counted on stderr, and the exit code is 1.",
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--all", says: "also single frames whose names hold a number" },
    ...FORMAT_OPTIONS,
    { syntax: "--mhl", says: "an ASC MHL 2.0 list of all sources that are made: their sizes and XXH3-128" },
    DIR_ALIAS,
  ],
  settings: ["state", "platform"],
  examples: [
    ["sequences shots/", "which shots have gaps"],
    ["sequences shots/ --csv > shots.csv", "for a spreadsheet"],
    ["sequences shots/ --mhl > shots.mhl", "a hash list for whoever gets the frames"],
  ],
  run,
}
