import { writeFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { sequenceRuleFor } from "../../config/sequence-rules.ts"
import { findInstallation, type Installation } from "../../deployment/deployment-target.ts"
import { openStore } from "../../deployment/index.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { collect, done, type Result } from "../../events/result.ts"
import { sheetHtml } from "../../sheet/html.ts"
import type { Sheet } from "../../sheet/index.ts"
import { readPageParts } from "../../sheet/page-parts.ts"
import type { ObjectStore } from "../../store/index.ts"
import { makeFolder } from "../../system/folders.ts"
import { visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { DIR_ALIAS, DIR_PARAMETER, withFolderRecords } from "../open-records.ts"
import { badUsage, giveUp } from "../terminal/io.ts"
import { type Contents, contentsOf, latestOutputs, withCues } from "../views/contact-sheet/contents.ts"
import { failedOf, frameOf, linkedTo, shotOf } from "../views/contact-sheet/items.ts"
import { counted } from "../views/human.ts"
import { isSequence } from "../views/sequences.ts"

async function run(call: Call): Promise<Ending> {
  const found = findInstallation(call, call.args[0] ?? null)
  if (!found.ok) return giveUp(call.io, found.failure)
  const installation = found.value
  const parts = readPageParts()
  if (!parts.ok) return giveUp(call.io, parts.failure)
  return withFolderRecords(call, installation, async (records) => {
    const { io, cwd, clock } = call
    const store = await openStore({ kind: "folder", installation }, call)
    if (!store.ok) return giveUp(io, store.failure)
    const out = resolve(cwd, textOption(call, "out") ?? "contact-sheet.html")
    const contents = await contentsOfFolder(records, store.value, installation)
    if (!contents.ok) return giveUp(io, contents.failure)
    const addressOf = linkedTo(dirname(out), installation)
    const sheet: Sheet = {
      title: installation.bucket,
      madeAtMs: clock.nowMs(),
      generatorVersion: generatorVersion(),
      pathStart: `${installation.root}/`,
      expiresAtMs: null,
      shots: contents.value.shots.map((files) => shotOf(files, addressOf)),
      frames: contents.value.frames.map(({ made, place }) => frameOf(made, place, addressOf)),
      failures: contents.value.failures.map(({ row, place }) => failedOf(row, place)),
    }
    const problem = await save(sheetHtml(sheet, parts.value), out)
    if (problem !== null) return badUsage(io, problem)
    io.stderr.write(`${summaryOf(sheet)} on ${visible(out)}\n`)
    return 0
  })
}

const summaryOf = ({ shots, frames, failures }: Sheet): string =>
  `${shots.length === 0 ? "" : `${counted(shots.length, "sequence")}, `}${counted(frames.length, "frame")} and ${counted(failures.length, "failure")}`

type Records = Parameters<typeof latestOutputs>[0] & { readonly table: Pick<Table, "elements" | "sequences"> }

/** Shots, frames and failures of a folder, as its records have them. */
async function contentsOfFolder(
  { log, table }: Records,
  store: Pick<ObjectStore, "readRange">,
  { bucket, outputs, config }: Installation,
): Promise<Result<Contents>> {
  const latest = await latestOutputs({ log })
  if (!latest.ok) return latest
  const gone = await collect(table.elements({ states: ["removed"], bucket }))
  if (!gone.ok) return gone
  const failures = await collect(table.elements({ states: ["failed"], bucket }))
  if (!failures.ok) return failures
  const rows = await collect(table.sequences())
  if (!rows.ok) return rows
  const contents = contentsOf({
    rows: rows.value.filter((row) => row.bucket === bucket && isSequence(row)),
    made: latest.value,
    failures: failures.value,
    gone: gone.value,
    ruleOf: sequenceRuleFor(config.sequenceRules),
    outputsBucket: outputs?.place.bucket ?? null,
  })
  return done(await withCues(contents, store))
}

/** Why a file cannot be written, by the code of the system's error. */
const UNWRITABLE: Readonly<Record<string, string>> = {
  ENOENT: "lies where no file or folder can be made: name another file",
  EISDIR: "is a folder: name a file, such as sheet.html in it",
  ENOTDIR: "cannot be made, because something in its path is a file: name another file",
  EEXIST: "cannot be made, because something in its path is a file: name another file",
  EACCES: "may not be written by this user: name another file",
  EPERM: "may not be written by this user: name another file",
  EROFS: "lies on a disk that is mounted read-only: name another file",
  ENOSPC: "does not fit on its disk, which is full: make room",
}

/** Writes the page and the folders above it. Returns what is wrong with the path; null on success. */
async function save(page: string, out: string): Promise<string | null> {
  try {
    await makeFolder(dirname(out))
    await writeFile(out, page)
    return null
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error
    return `--out ${out} ${UNWRITABLE[String(error.code)] ?? `cannot be written (${error.code}): name another file`}.`
  }
}

export const contactSheet: Command = {
  details:
    "A page for a browser: a tile for each shot and version, and for each single frame. Moving over a tile scrubs it, a click plays it, frame by frame, beside what is known of it. Pictures and movies are linked relative to the page.",
  parameters: [DIR_PARAMETER],
  options: [{ syntax: "--out <file>", says: "where the page goes (default: contact-sheet.html)" }, DIR_ALIAS],
  settings: ["state", "outputs"],
  examples: [["contact-sheet shots/ --out shots.html", "open it in a browser"]],
  run,
}
