import { didYouMean } from "../../config/nearest.ts"
import { findTarget } from "../../deployment/deployment-target.ts"
import { openLog, openStore } from "../../deployment/index.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { frameNameOf } from "../../element/frame-name.ts"
import { collect, done, type Result } from "../../events/result.ts"
import { reportIn } from "../../sequence/integrity/columns.ts"
import { spaceHarborIntegrity } from "../../sequence/integrity/space-harbor.ts"
import type { ListBeside } from "../../sequence/mhl/compare.ts"
import { jsonText, visible } from "../../system/visible.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { framesListed, type ListedFrame } from "../frames-listed.ts"
import { type ListPorts, listBeside } from "../list-beside.ts"
import { DIR_OPTION, surroundingsOf, withTable } from "../open-records.ts"
import { sayingWaits, TABLE_ROWS } from "../server-waits.ts"
import { badUsage, columnsOf, endOfRows, giveUp, isUnicode } from "../terminal/io.ts"
import { print as printAll, tell } from "../terminal/streams.ts"
import { counted } from "../views/human.ts"
import { csvText, FORMAT_OPTIONS, inChosenFormat, type RowFormat } from "../views/rows.ts"
import { FINDING_FIELDS, findingRows, sequenceText } from "../views/sequence/report.ts"
import { sequenceName } from "../views/sequence/table.ts"
import { isSequence } from "../views/sequences.ts"

const SPACE_HARBOR = "space-harbor"

const run = (call: Call): Promise<Ending> =>
  inChosenFormat(call, (format) => {
    const [name, ...others] = call.args
    const form = textOption(call, "form")
    if (name === undefined || others.length > 0)
      return refused(call, "Which one? `sequence sh010/beauty.#.exr`, or any frame of it; `sequences` lists them.")
    if (form !== null && form !== SPACE_HARBOR) return refused(call, `--form is ${SPACE_HARBOR}, or left out.`)
    if (form !== null && format !== "table") return refused(call, "--form has a format of its own.")
    return withTable(call, null, async (table) => {
      const rows = await collect(sayingWaits(call, TABLE_ROWS, table.sequences()))
      if (!rows.ok) return giveUp(call.io, rows.failure)
      const found = named(rows.value, name)
      const [row] = found
      if (row === undefined) return badUsage(call.io, unknownText(name, rows.value))
      if (found.length > 1) return badUsage(call.io, `${name} may be ${found.map(wholeName).join(" or ")}.`)
      return show(call, row, form === null ? format : SPACE_HARBOR)
    })
  })

const refused = ({ io }: Call, says: string): Promise<Ending> => Promise.resolve(badUsage(io, says))

const wholeName = (row: SequenceRow): string => `s3://${row.bucket}/${sequenceName(row)}`

/** `#`, `####`, `@@@@`, `%04d` and `%d` all stand for the number. */
const NUMBER = /#+|@+|%(?:0\d+)?d/

/** The sequences that a name may mean: a whole name, its id, a frame of it; else those whose names hold it. */
function named(rows: readonly SequenceRow[], name: string): readonly SequenceRow[] {
  const written = name.replace(NUMBER, "#")
  const frame = frameNameOf(name, "always")
  const exact = rows.filter(
    (row) =>
      [sequenceName(row), wholeName(row), row.sequence_id, row.movie_key].includes(written) ||
      (frame !== null && frame.folder === row.folder && frame.head === row.head && frame.tail === row.tail),
  )
  return exact.length > 0 ? exact : rows.filter((row) => isSequence(row) && sequenceName(row).includes(written))
}

/** Names that a reader may have meant: the whole one, and the one below its folder. */
const unknownText = (name: string, rows: readonly SequenceRow[]): string =>
  `There is no sequence ${name}.${didYouMean(name, [...new Set(rows.filter(isSequence).flatMap(shortNames))])} \`sequences\` lists them.`

const shortNames = (row: SequenceRow): readonly string[] => [sequenceName(row), row.head.replace(/[._-]+$/, "")]

async function show(call: Call, row: SequenceRow, shown: RowFormat | typeof SPACE_HARBOR): Promise<Ending> {
  const { io } = call
  const report = reportIn(row)
  const list = shown === SPACE_HARBOR || (report === null && shown !== "json") ? null : await listOf(call, row)
  if (list !== null && shown !== "table") await warnOf(io, list)
  if (shown === "json") {
    const { report_json: _, version_order: _order, ...known } = row
    const hashList = list === null ? null : { key: list.key, chainProblem: list.chainProblem, ...list.comparison }
    const frames = await framesOf(call, row)
    return print(io, `${jsonText({ ...known, report, hash_list: hashList, frames })}\n`)
  }
  if (report === null) {
    await tell(
      io,
      `${visible(wholeName(row))} has no report: an older version settled it, or the report was too large.\n`,
    )
    return 1
  }
  if (shown === "csv")
    return print(
      io,
      csvText(findingRows(report, list), FINDING_FIELDS, { header: true, isScreen: io.stdout.isTTY === true }),
    )
  const validation = { atMs: row.changed_at_ms, toolVersion: generatorVersion() }
  if (shown === SPACE_HARBOR) return print(io, `${jsonText(spaceHarborIntegrity(report, validation))}\n`)
  const screen = { columns: columnsOf(io.stdout), characters: isUnicode(call.env) ? "unicode" : "ascii" } as const
  return print(io, sequenceText({ row, report, list }, screen))
}

/** What a hash list beside the frames says; where it cannot be had, a warning says why, and the report is shown without. */
async function listOf(call: Call, row: SequenceRow): Promise<ListBeside | null> {
  const list = await comparedList(call, row)
  if (list.ok) return list.value
  await tell(call.io, `warning: no hash list was compared: ${visible(list.failure.says)}\n`)
  return null
}

const comparedList = async (call: Call, row: SequenceRow): Promise<Result<ListBeside | null>> => {
  const compared = await withStore(call, (ports) => listBeside(row, ports))
  return compared.ok ? compared.value : compared
}

/** The frames of its movie one by one; where they cannot be told, a warning says why. */
async function framesOf(call: Call, row: SequenceRow): Promise<readonly ListedFrame[] | null> {
  const listed = await withStore(call, (ports) => framesListed(row, ports))
  const told = listed.ok ? listed.value : { problem: listed.failure.says }
  if (told === null || "frames" in told) return told?.frames ?? null
  await tell(call.io, `warning: its frames are not listed: ${visible(told.problem)}\n`)
  return null
}

async function withStore<T>(call: Call, ask: (ports: ListPorts) => Promise<T>): Promise<Result<T>> {
  const target = findTarget(call, null)
  if (!target.ok) return target
  const store = await openStore(target.value, call)
  if (!store.ok) return store
  const ports = { store: store.value, openLog: () => openLog(target.value, surroundingsOf(call)) }
  try {
    return done(await ask(ports))
  } finally {
    await store.value.close()
  }
}

/** What is wrong with a list, for those who read no report. */
async function warnOf(io: Call["io"], { key, chainProblem, comparison }: ListBeside): Promise<void> {
  const { problem, lieCount } = comparison
  if (problem !== null) await tell(io, `warning: ${visible(key)} cannot be read to its end: it ${visible(problem)}\n`)
  if (chainProblem !== null) await tell(io, `warning: ${visible(key)} ${visible(chainProblem)}\n`)
  if (lieCount > 0)
    await tell(io, `warning: ${visible(key)} has ${counted(lieCount, "entry", "entries")} that cannot be true\n`)
}

async function print(io: Call["io"], text: string): Promise<Ending> {
  await printAll(io, text)
  return endOfRows(io)
}

export const sequence: Command = {
  details:
    "It is of the sequence's row in the table: a bar of its frames with gaps, failures and findings marked, its movie, and all that is wrong with it. The name is as `sequences` shows it, with #, #### or %04d for the number, its id, any frame of it, or a part of the name that no other has. --json is the row, the whole report, and the frames of the movie one by one, each with its file and the hashes of its bytes, of the manifest; --csv a line for each finding. --form space-harbor is what SpaceHarbor's sequence-integrity route speaks of. Where an ASC MHL list lies in ascmhl/ beside the frames, or above them, the newest is compared with the frames that are there: which are listed only, not listed, of other bytes, and which have no hash that both sides know (xxh128). No source is read for it.",
  parameters: [{ syntax: "[name]", says: "the sequence" }],
  options: [
    ...FORMAT_OPTIONS,
    { syntax: "--form <form>", says: "space-harbor: as SpaceHarbor's route sequence-integrity has it, JSON" },
    DIR_OPTION,
  ],
  settings: ["state", "platform"],
  examples: [
    ["sequence sh010/beauty.####.exr", "what is wrong with this shot"],
    ["sequence sh010/beauty.1001.exr --json", "the same, whole, for a program"],
    ["sequence beauty --form space-harbor", "for SpaceHarbor"],
  ],
  run,
}
