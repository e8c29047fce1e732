import { dismiss } from "../../../topology/project/dismiss.ts"
import type { OpenTarget } from "../../deployment/roles.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { collect, done, failed, failure, type Result } from "../../events/result.ts"
import { jsonText, visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { bucketOf, DIR_ALIAS, DIR_OPTION, DIR_PARAMETER, withRecordsOfKeys, withTable } from "../open-records.ts"
import { sayingWaits, TABLE_ROWS } from "../server-waits.ts"
import { badUsage, endOfRows, giveUp } from "../terminal/io.ts"
import { counted } from "../views/human.ts"
import { FORMAT_OPTIONS, inChosenFormat, writeRows } from "../views/rows.ts"
import { sequenceName } from "../views/sequence/table.ts"
import type { Column } from "../views/text-table.ts"

/** Criteria that a failure must all meet to be selected. */
type FailureChoice = {
  /** Keys, or s3://bucket/key; empty selects all. */
  readonly names: readonly string[]
  readonly prefix: string | null
  readonly code: string | null
  /** Only those of one bucket. */
  readonly bucket: string | undefined
}

/** Rows of the selected failures; dismissed ones only if named. Fails if a name belongs to no failure. */
async function chosenFailures(table: Table, choice: FailureChoice): Promise<Result<readonly ElementRow[]>> {
  const { names, code, prefix, bucket } = choice
  const states = names.length === 0 ? (["failed"] as const) : (["failed", "dismissed"] as const)
  const all = await collect(table.elements({ states, ...(bucket === undefined ? {} : { bucket }) }))
  if (!all.ok) return all
  const unknown = names.find((name) => !all.value.some((row) => spellings(row).includes(name)))
  if (unknown !== undefined)
    return failed(failure("source/gone", `${unknown} is no frame that failed; \`failures list\` names them.`))
  return done(
    all.value.filter(
      (row) =>
        (names.length === 0 || spellings(row).some((name) => names.includes(name))) &&
        (prefix === null || spellings(row).some((name) => name.startsWith(prefix))) &&
        (code ?? row.failure_code) === row.failure_code,
    ),
  )
}

const spellings = ({ bucket, key }: ElementRow): readonly string[] => [key, `s3://${bucket}/${key}`]

type FailedRow = {
  readonly bucket: string
  readonly key: string
  readonly stage: string
  readonly code: string
  readonly kind: string
  readonly says: string
  readonly attempts: number
  readonly failedAt: string
}

const FIELDS = ["bucket", "key", "stage", "code", "kind", "says", "attempts", "failedAt"] as const

const COLUMNS: readonly Column<FailedRow>[] = FIELDS.map((field) => ({
  title: field,
  of: (row) => String(row[field]),
  ...(field === "says" ? { tooWide: "wrap" } : {}),
}))

const failedRow = (row: ElementRow): FailedRow => ({
  bucket: row.bucket,
  key: row.key,
  stage: row.stage ?? "",
  code: row.failure_code ?? "",
  kind: row.failure_kind ?? "",
  says: row.failure_says ?? "",
  attempts: row.attempts,
  failedAt: new Date(row.changed_at_ms).toISOString(),
})

async function* failedRows(rows: AsyncIterable<Result<ElementRow>>): AsyncGenerator<Result<FailedRow>> {
  for await (const row of rows) {
    // After `prune`, the row of a dismissed failure keeps only the source version to leave alone, no code.
    if (row.ok && row.value.failure_code === null) continue
    yield row.ok ? done(failedRow(row.value)) : row
  }
}

const list = (call: Call): Promise<Ending> =>
  inChosenFormat(call, (format) =>
    withTable(call, call.args[0] ?? null, async (table, bucket) => {
      const states = call.options.all === true ? (["failed", "dismissed"] as const) : (["failed"] as const)
      const query = { states, ...(bucket === undefined ? {} : { bucket }) }
      const rows = failedRows(sayingWaits(call, TABLE_ROWS, table.elements(query)))
      const written = await writeRows({ rows, format, fields: FIELDS, columns: COLUMNS, io: call.io })
      return written.ok ? endOfRows(call.io) : giveUp(call.io, written.failure)
    }),
  )

export const failuresList: Command = {
  parameters: [DIR_PARAMETER],
  options: [{ syntax: "--all", says: "those too that were dismissed" }, ...FORMAT_OPTIONS, DIR_ALIAS],
  settings: ["state", "platform"],
  examples: [["failures list shots/ --json", "one object a line, with the codes that `docs failures` explains"]],
  run: list,
}

const dismissChosen = async (call: Call): Promise<Ending> => {
  const { args, options, io } = call
  if (args.length === 0 && options.prefix === undefined && options.code === undefined)
    return badUsage(io, "Say which failures: keys as `failures list` names them, --prefix or --code.")
  // Keys name exactly what is dismissed; a prefix or a code may select more than was meant, so it needs --yes.
  const isDone = args.length > 0 || options.yes === true
  const access = isDone ? ({ mode: "own", command: "failures dismiss" } as const) : ({ mode: "read" } as const)
  return withRecordsOfKeys(call, access, async (opened) => {
    const chosen = await chosenFailures(opened.records.table, {
      names: args,
      prefix: textOption(call, "prefix"),
      code: textOption(call, "code"),
      bucket: bucketOf(opened),
    })
    if (!chosen.ok) return giveUp(io, chosen.failure)
    const rows = chosen.value.filter(({ state }) => state === "failed")
    return isDone ? dismissAll(call, opened, rows) : sayWhatIsMeant(call, rows)
  })
}

function sayWhatIsMeant(call: Call, rows: readonly ElementRow[]): Ending {
  showRows(call, rows)
  call.io.stderr.write(
    rows.length === 0 ? "Nothing to dismiss.\n" : `Would dismiss ${counted(rows.length, "failure")}. --yes does it.\n`,
  )
  return 0
}

/** Facts appended at once. */
const BATCH = 500

async function dismissAll(call: Call, opened: OpenTarget, rows: readonly ElementRow[]): Promise<Ending> {
  const { io, clock, interrupts } = call
  const ports = { ...opened.records, generatorVersion: generatorVersion() }
  const by = textOption(call, "by")
  let dismissed = 0
  while (dismissed < rows.length && !interrupts.drain.aborted) {
    const batch = rows.slice(dismissed, dismissed + BATCH)
    const told = await dismiss(ports, batch, { nowMs: clock.nowMs(), by, trigger: "dismiss" })
    if (!told.ok) return giveUp(io, told.failure)
    showRows(call, batch)
    dismissed += batch.length
  }
  io.stderr.write(rows.length === 0 ? "Nothing to dismiss.\n" : `Dismissed ${counted(dismissed, "failure")}.\n`)
  return dismissed < rows.length ? "stopped" : 0
}

/** Prints one line per row on stdout, whether it was dismissed or would be. */
function showRows({ io, options }: Call, rows: readonly ElementRow[]): void {
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
  run: dismissChosen,
}

/** Rows of sequences whose movie failed; of those that are named whatever became of it: a WAV may have come since. */
async function chosenMovies(
  table: Pick<Table, "sequences">,
  { names, ...choice }: Pick<FailureChoice, "names" | "code" | "bucket">,
): Promise<Result<readonly SequenceRow[]>> {
  const rows = await collect(table.sequences())
  if (!rows.ok) return rows
  return done(
    rows.value.filter(
      (row) =>
        (names.length === 0 ? row.state === "failed" : names.includes(sequenceName(row))) &&
        row.bucket === (choice.bucket ?? row.bucket) &&
        row.failure_code === (choice.code ?? row.failure_code),
    ),
  )
}

const retry = (call: Call): Promise<Ending> =>
  withRecordsOfKeys(call, { mode: "own", command: "failures retry" }, async (opened) => {
    const { requeue } = await import("../requeue.ts")
    const choice = { names: call.args, prefix: null, code: textOption(call, "code"), bucket: bucketOf(opened) }
    const movies = (table: Table) => chosenMovies(table, choice)
    const rows = async (table: Table): Promise<Result<readonly ElementRow[]>> => {
      const found = await movies(table)
      if (!found.ok) return found
      const ofMovies = new Set(found.value.map(sequenceName))
      const names = call.args.filter((name) => !ofMovies.has(name))
      const areAllMovies = names.length === 0 && call.args.length > 0
      return areAllMovies ? done([]) : chosenFailures(table, { ...choice, names })
    }
    return requeue(call, opened, { trigger: "retry", force: call.options.force === true, rows, movies })
  })

export const failuresRetry: Command = {
  details:
    "In a folder it works until they are done; on servers it queues them for the workers and ends. Movies that failed are tried again, too; by themselves they are named as `sequences` names them, sh010/beauty.#.exr. A movie that is named and did not fail is made anew where a WAV beside its frames came, went or was replaced since.",
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
  run: retry,
}
