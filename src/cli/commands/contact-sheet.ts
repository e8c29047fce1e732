import { writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { sequenceRuleFor } from "../../config/sequence-rules.ts"
import { findInstallation, type Installation } from "../../deployment/deployment-target.ts"
import { openStore } from "../../deployment/index.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { frameNameOf } from "../../element/frame-name.ts"
import type { Output, ProxyMade } from "../../events/records.generated.ts"
import { collect, done, type Result } from "../../events/result.ts"
import type { EventLog } from "../../log/index.ts"
import type { ObjectRef, ObjectStore } from "../../store/index.ts"
import { makeFolder } from "../../system/folders.ts"
import { visible } from "../../system/visible.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { DIR_ALIAS, DIR_PARAMETER, withFolderRecords } from "../open-records.ts"
import { badUsage, giveUp } from "../terminal/io.ts"
import { contactSheet as pageOf, type Sheet, type SheetFile, type SheetFrame } from "../views/contact-sheet.ts"
import { counted } from "../views/human.ts"
import { sequenceName } from "../views/sequence/table.ts"
import { isSequence } from "../views/sequences.ts"
import { sheetFailure } from "./failures.ts"

async function run(call: Call): Promise<Ending> {
  const found = findInstallation(call, call.args[0] ?? null)
  if (!found.ok) return giveUp(call.io, found.failure)
  const installation = found.value
  return withFolderRecords(call, installation, async ({ log, table }) => {
    const { io, cwd, clock } = call
    const { bucket } = installation
    const store = await openStore({ kind: "folder", installation }, call)
    if (!store.ok) return giveUp(io, store.failure)
    const latest = await latestPerKey(log)
    if (!latest.ok) return giveUp(io, latest.failure)
    const removed = await collect(table.elements({ states: ["removed"], bucket }))
    if (!removed.ok) return giveUp(io, removed.failure)
    const failures = await collect(table.elements({ states: ["failed"], bucket }))
    if (!failures.ok) return giveUp(io, failures.failure)
    const rows = await collect(table.sequences())
    if (!rows.ok) return giveUp(io, rows.failure)
    const out = resolve(cwd, textOption(call, "out") ?? "contact-sheet.html")
    const unshown = new Set([...failures.value, ...removed.value].map(({ key }) => key))
    const made = latest.value.filter(({ element }) => !unshown.has(element.key))
    const frames = await Promise.all(made.map((fact) => frameOf(fact, store.value, installation)))
    const shots = rows.value.filter((row) => row.bucket === bucket && isSequence(row))
    const grouped = await bySequence(shots, { frames, store: store.value, installation })
    const page = pageOf({
      title: bucket,
      madeAtMs: clock.nowMs(),
      generatorVersion: generatorVersion(),
      pageFolder: dirname(out),
      ...grouped,
      failures: failures.value.map(sheetFailure),
    })
    const problem = await save(page, out)
    if (problem !== null) return badUsage(io, problem)
    io.stderr.write(
      `${shots.length === 0 ? "" : `${counted(shots.length, "sequence")}, `}${counted(frames.length, "frame")} and ${counted(failures.value.length, "failure")} on ${visible(out)}\n`,
    )
    return 0
  })
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

/** The newest ProxyMade of each key, by key. */
async function latestPerKey(log: EventLog): Promise<Result<readonly ProxyMade[]>> {
  const latest = new Map<string, ProxyMade>()
  for await (const record of log.read("proxy-made")) {
    if (!record.ok) return record
    const { content } = record.value
    if (!("fact" in content) || content.fact.topic !== "proxy-made") continue
    const made = content.fact.value
    const known = latest.get(made.element.key)
    if (known === undefined || known.generatedAtUs <= made.generatedAtUs) latest.set(made.element.key, made)
  }
  return done([...latest.values()].sort((a, b) => (a.element.key < b.element.key ? -1 : 1)))
}

/** Far more than any thumbnail has; a larger file under that name was not made by this program. */
const MOST_THUMBNAIL_BYTES = 1_000_000

const folderOf = ({ root, bucket, outputs }: Installation, of: string | null): string =>
  outputs !== null && of === outputs.place.bucket && of !== bucket ? outputs.root : root

async function frameOf(made: ProxyMade, store: ObjectStore, installation: Installation): Promise<SheetFrame> {
  const { element, source, selection, colorspace, thumbnail, proxy, furtherOutputs } = made
  const { bucket, key } = element
  const refOf = (output: Output): ObjectRef => ({ bucket: output.bucket ?? bucket, key: output.key })
  const fileOf = async (output: Output): Promise<string | null> => {
    const head = await store.head(refOf(output))
    return head.ok ? join(folderOf(installation, output.bucket), output.key) : null
  }
  const jpeg = await store.readRange(refOf(thumbnail), { start: 0, end: MOST_THUMBNAIL_BYTES })
  const furtherFiles: SheetFile[] = []
  for (const { name, output } of furtherOutputs) {
    const file = await fileOf(output)
    if (file !== null) furtherFiles.push({ name, file, ...sizesOf(output) })
  }
  return {
    bucket,
    key,
    thumbnailJpeg: jpeg.ok ? jpeg.value : null,
    proxyFile: await fileOf(proxy),
    furtherFiles,
    format: selection.format,
    compression: selection.compression,
    colourSpace: colorspace.name,
    colourRule: colorspace.rule,
    colourEvidence: colorspace.evidence,
    look: colorspace.look,
    selectionReason: selection.reason,
    displayWindow: selection.displayWindow,
    dataWindow: selection.dataWindow,
    pixelAspect: selection.pixelAspect,
    frameRate: selection.frameRate,
    timecode: selection.timecode,
    warnings: made.warnings,
    allBlack: made.allBlack,
    reused: made.reused,
    sourceSizeBytes: source.sizeBytes,
    thumbnailSizeBytes: thumbnail.sizeBytes,
    proxySizeBytes: proxy.sizeBytes,
    timingsMs: made.timingsMs,
  }
}

type FramesInFolder = {
  readonly frames: readonly SheetFrame[]
  readonly store: ObjectStore
  readonly installation: Installation
}

/** Frames below the movies of their sequences, and those that are of none. */
async function bySequence(
  rows: readonly SequenceRow[],
  { frames, store, installation }: FramesInFolder,
): Promise<Pick<Sheet, "sequences" | "frames">> {
  const { bucket, outputs, config } = installation
  const ruleOf = sequenceRuleFor(config.sequenceRules)
  const names = new Set(rows.map(sequenceName))
  const nameOf = ({ key }: SheetFrame): string | null => {
    const named = frameNameOf(key, ruleOf({ bucket, key }))
    return named !== null && names.has(sequenceName(named)) ? sequenceName(named) : null
  }
  const framesOf = Map.groupBy(frames, nameOf)
  const place = outputs?.place.bucket ?? null
  const fileOf = async (key: string | null): Promise<string | null> => {
    if (key === null) return null
    const head = await store.head({ bucket: place ?? bucket, key })
    return head.ok ? join(folderOf(installation, place), key) : null
  }
  const sequences = await Promise.all(
    rows.map(async (row) => ({
      row,
      movieFile: await fileOf(row.movie_key),
      posterFile: await fileOf(row.poster_key),
      frames: framesOf.get(sequenceName(row)) ?? [],
    })),
  )
  return { sequences, frames: framesOf.get(null) ?? [] }
}

const sizesOf = ({ width, height, sizeBytes }: Output): Omit<SheetFile, "name" | "file"> => ({
  width,
  height,
  sizeBytes,
})

export const contactSheet: Command = {
  details:
    "Thumbnails are inside the page, movies, posters and proxies are linked relative to it. Frames of a sequence are folded away below its movie.",
  parameters: [DIR_PARAMETER],
  options: [{ syntax: "--out <file>", says: "where the page goes (default: contact-sheet.html)" }, DIR_ALIAS],
  settings: ["state", "outputs"],
  examples: [["contact-sheet shots/ --out shots.html", "open it in a browser"]],
  run,
}
