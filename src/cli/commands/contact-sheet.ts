import { writeFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { sequenceRuleFor } from "../../config/sequence-rules.ts"
import { openStore } from "../../deployment/index.ts"
import { platformOutputs } from "../../deployment/outputs-elsewhere.ts"
import type { OpenTarget } from "../../deployment/roles.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { collect, done, type Result } from "../../events/result.ts"
import { sheetHtml } from "../../sheet/html.ts"
import type { Sheet } from "../../sheet/index.ts"
import { type AddressOf, failedOf, frameOf, shotOf } from "../../sheet/items.ts"
import { readPageParts } from "../../sheet/page-parts.ts"
import { MOST_SIGNED_SECONDS, type ObjectStore } from "../../store/index.ts"
import { makeFolder } from "../../system/folders.ts"
import { visible } from "../../system/visible.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { bucketOf, DIR_ALIAS, DIR_PARAMETER, withRecords } from "../open-records.ts"
import { badUsage, giveUp } from "../terminal/io.ts"
import { embedded, linkedTo, objectsOf, secondsOf, signedFor } from "../views/contact-sheet/addresses.ts"
import { type Contents, contentsOf, latestOutputs, withCues } from "../views/contact-sheet/contents.ts"
import { counted } from "../views/human.ts"
import { sequenceName } from "../views/sequence/table.ts"
import { isSequence } from "../views/sequences.ts"

/** How the page gets its pictures, as the command line asks for it. */
type Wish = {
  /** Bytes that pictures and movies inside the page may take; null: they are linked. */
  readonly embedBytes: number | null
  /** How long signed addresses hold. */
  readonly seconds: number
  readonly prefix: string
}

const MEBIBYTE = 2 ** 20

/** A sentence where an option is none. */
function wishOf(call: Call): Wish | string {
  const [embed, expires] = [textOption(call, "embed"), textOption(call, "expires")]
  if (embed !== null && expires !== null) return "--embed needs no addresses, so that --expires has no meaning."
  const mebibytes = embed === null ? null : Number(embed)
  if (mebibytes !== null && !(mebibytes > 0 && mebibytes <= 400))
    return `--embed ${embed}: a number of MiB, at most 400.`
  const seconds = secondsOf(expires ?? "1h", MOST_SIGNED_SECONDS)
  if (seconds === null)
    return `--expires ${expires}: minutes, hours or days, such as 30m, 12h, 7d, which is the longest.`
  return {
    embedBytes: mebibytes === null ? null : mebibytes * MEBIBYTE,
    seconds,
    prefix: textOption(call, "prefix") ?? "",
  }
}

async function run(call: Call): Promise<Ending> {
  const { io, cwd } = call
  const wish = wishOf(call)
  if (typeof wish === "string") return badUsage(io, wish)
  const parts = readPageParts()
  if (!parts.ok) return giveUp(io, parts.failure)
  return withRecords(call, call.args[0] ?? null, { mode: "read" }, async (opened) => {
    if (opened.kind === "folder" && textOption(call, "expires") !== null)
      return badUsage(io, "--expires is for buckets: a folder's files are linked, and nothing ends.")
    const store = await openStore(opened, call)
    if (!store.ok) return giveUp(io, store.failure)
    try {
      const out = resolve(cwd, textOption(call, "out") ?? "contact-sheet.html")
      const shown = await shownOf(opened, store.value, { ...wish, pageFolder: dirname(out) })
      if (!shown.ok) return giveUp(io, shown.failure)
      const made = { madeAtMs: call.clock.nowMs(), generatorVersion: generatorVersion() }
      const problem = await save(sheetHtml({ ...made, ...shown.value.sheet }, parts.value), out)
      if (problem !== null) return badUsage(io, problem)
      io.stderr.write(`${summaryOf(shown.value.sheet)} on ${visible(out)}\n${remarkOn(shown.value, wish)}`)
      return 0
    } finally {
      await store.value.close()
    }
  })
}

type Shown = { readonly sheet: Omit<Sheet, "madeAtMs" | "generatorVersion">; readonly left: number }

const summaryOf = ({ shots, frames, failures }: Shown["sheet"]): string =>
  `${shots.length === 0 ? "" : `${counted(shots.length, "sequence")}, `}${counted(frames.length, "frame")} and ${counted(failures.length, "failure")}`

function remarkOn({ sheet: { expiresAtMs }, left }: Shown, { embedBytes }: Wish): string {
  if (expiresAtMs !== null)
    return `Whoever has the page can see its pictures and movies until ${new Date(expiresAtMs).toISOString().slice(0, 16)}Z.\n`
  if (embedBytes === null || left === 0) return ""
  return `${counted(left, "picture or movie", "pictures and movies")} did not fit into ${embedBytes / MEBIBYTE} MiB, or are not there.\n`
}

/** What the page shows, with the addresses that were wished for. */
async function shownOf(
  opened: OpenTarget,
  store: ObjectStore,
  wish: Wish & { readonly pageFolder: string },
): Promise<Result<Shown>> {
  const known = await contentsOfTarget(opened, wish.prefix)
  if (!known.ok) return known
  const contents = await withCues(known.value, store)
  const { all, posters } = objectsOf(contents)
  const sheetWith = (addressOf: AddressOf) => ({
    title: bucketOf(opened) ?? titleOf(contents),
    shots: contents.shots.map((files) => shotOf(files, addressOf)),
    frames: contents.frames.map(({ made, place }) => frameOf(made, place, addressOf)),
    failures: contents.failures.map(({ row, place }) => failedOf(row, place)),
  })
  if (wish.embedBytes !== null) {
    const { addressOf, left } = await embedded(all, store, wish.embedBytes)
    return done({ sheet: { ...sheetWith(addressOf), pathStart: "", expiresAtMs: null }, left })
  }
  if (opened.kind === "folder") {
    const { installation } = opened
    const sheet = sheetWith(linkedTo(wish.pageFolder, installation))
    return done({ sheet: { ...sheet, pathStart: `${installation.root}/`, expiresAtMs: null }, left: 0 })
  }
  const signed = await signedFor([...all, ...posters], store, wish.seconds)
  if (!signed.ok) return signed
  const { addressOf, expiresAtMs } = signed.value
  const ends = Number.isFinite(expiresAtMs) ? expiresAtMs : null
  return done({ sheet: { ...sheetWith(addressOf), pathStart: "s3://", expiresAtMs: ends }, left: 0 })
}

/** Of buckets, the one that all is in, else how many there are. */
function titleOf({ shots, frames, failures }: Contents): string {
  const buckets = new Set([
    ...shots.map(({ row }) => row.bucket),
    ...frames.map(({ made }) => made.element.bucket),
    ...failures.map(({ row }) => row.bucket),
  ])
  const [only] = buckets
  return only !== undefined && buckets.size === 1 ? only : counted(buckets.size, "bucket")
}

/** Shots, frames and failures, as the records have them. */
async function contentsOfTarget(opened: OpenTarget, prefix: string): Promise<Result<Contents>> {
  const { log, table } = opened.records
  const bucket = bucketOf(opened)
  const query = { prefix, ...(bucket === undefined ? {} : { bucket }) }
  const latest = await latestOutputs({ log }, prefix)
  if (!latest.ok) return latest
  const gone = await collect(table.elements({ ...query, states: ["removed"] }))
  if (!gone.ok) return gone
  const failures = await collect(table.elements({ ...query, states: ["failed"] }))
  if (!failures.ok) return failures
  const rows = await collect(table.sequences())
  if (!rows.ok) return rows
  const { config } = opened.kind === "folder" ? opened.installation : opened.platform
  const outputs = opened.kind === "folder" ? done(opened.installation.outputs?.place ?? null) : platformOutputs(config)
  if (!outputs.ok) return outputs
  const isShown = (row: SequenceRow): boolean =>
    row.bucket === (bucket ?? row.bucket) && sequenceName(row).startsWith(prefix) && isSequence(row)
  return done(
    contentsOf({
      rows: rows.value.filter(isShown),
      ...{ made: latest.value, failures: failures.value, gone: gone.value },
      ruleOf: sequenceRuleFor(config.sequenceRules),
      outputsBucket: outputs.value?.bucket ?? null,
    }),
  )
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
    "A page for a browser: a tile for each shot and version, and for each single frame. Moving over a tile scrubs it, a click plays it, frame by frame, beside what is known of it. Pictures and movies of a folder are linked relative to the page. Those of buckets are linked by addresses that are signed for a stated time: whoever has the page can see them until then. `docs contact-sheet` tells more.",
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--out <file>", says: "where the page goes (default: contact-sheet.html)" },
    { syntax: "--prefix <prefix>", says: "only what begins with it" },
    {
      syntax: "--embed <MiB>",
      says: "one file to mail: pictures inside the page, then movies, as many as fit into so many MiB",
    },
    { syntax: "--expires <time>", says: "how long addresses in buckets hold: 30m, 12h, at most 7d (default: 1h)" },
    DIR_ALIAS,
  ],
  settings: ["state", "outputs", "platform"],
  examples: [
    ["contact-sheet shots/ --out shots.html", "open it in a browser"],
    ["contact-sheet shots/ --prefix sh010/ --embed 20 --out sh010.html", "mail it"],
    ["contact-sheet --expires 12h", "of the buckets of KAFKA_BROKER's deployment, for today"],
  ],
  run,
}
