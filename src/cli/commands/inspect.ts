import { realpathSync, statSync } from "node:fs"
import { basename, dirname, relative, resolve, sep } from "node:path"
import type { Config } from "../../config/index.ts"
import { findInstallation, findPlatform } from "../../deployment/deployment-target.ts"
import { openStore } from "../../deployment/index.ts"
import { headerLimitsOf, looksBesideOf, settingsOf } from "../../deployment/machine.ts"
import { withLookBeside } from "../../element/looks-beside.ts"
import { statedSpaceOf } from "../../element/source.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { examine } from "../../picture/inspect/inspector.ts"
import { openLookBytes } from "../../picture/looks/look.ts"
import { readGrowing } from "../../picture/read/header/read.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../../store/index.ts"
import type { Call, Command, Ending } from "../command.ts"
import { badUsage, columnsOf, giveUp, isUnicode } from "../terminal/io.ts"
import { headerText, type InspectedHeader, inspectionJson } from "../views/inspect/header-text.ts"
import { ASCII_CHARACTERS, UNICODE_CHARACTERS } from "../views/inspect/windows.ts"

const S3_ADDRESS = /^s3:\/\/([^/]+)\/(.+)$/s
async function run(call: Call): Promise<Ending> {
  const { io, options } = call
  const [name] = call.args
  if (name === undefined) return badUsage(io, "Which one? `inspect FILE` or `inspect s3://bucket/key`.")
  const target = await targetOf(call, name)
  if (!target.ok) return giveUp(io, target.failure)
  const inspected = await look({ ...target.value, clock: call.clock }, name)
  await target.value.store.close()
  if (!inspected.ok) return giveUp(io, inspected.failure)
  // Lines of box-drawing characters where the locale has them.
  const characters = isUnicode(call.env) ? UNICODE_CHARACTERS : ASCII_CHARACTERS
  const layout = { columns: columnsOf(io.stdout), isScreen: io.stdout.isTTY === true, characters }
  io.stdout.write(options.json === true ? inspectionJson(inspected.value) : headerText(inspected.value, layout))
  return 0
}

type Target = {
  readonly store: ObjectStore
  readonly ref: ObjectRef
  readonly config: Config
}

function targetOf(call: Call, name: string): Promise<Result<Target>> {
  const [, bucket, key] = S3_ADDRESS.exec(name) ?? []
  return bucket === undefined || key === undefined ? fileTarget(call, name) : objectTarget(call, { bucket, key })
}

async function objectTarget(call: Call, ref: ObjectRef): Promise<Result<Target>> {
  const platform = findPlatform(call)
  if (!platform.ok) return platform
  // S3_BUCKETS does not restrict which object may be inspected.
  const config = { ...platform.value.config, s3Buckets: [], outputs: null }
  const store = await openStore({ kind: "platform", platform: { ...platform.value, config } }, call)
  if (!store.ok) return store
  return done({ store: store.value, ref, config })
}

/** A file in a folder of frames is read with that folder's settings, any other file with those of environment and flags. */
async function fileTarget(call: Call, name: string): Promise<Result<Target>> {
  const path = realPathOf(resolve(call.cwd, name))
  if (path === null) return failed(failure("source/gone", `${name} does not exist or cannot be read.`))
  if (statSync(path).isDirectory())
    return failed(
      failure("config/invalid", `${name} is a folder: name one file in it. \`run --dry-run\` lists its frames.`),
    )
  const installation = findInstallation({ ...call, cwd: dirname(path) }, null)
  if (!installation.ok) return installation
  const { root, bucket, config } = installation.value
  const key = relative(root, path).split(sep).join("/")
  const inRoot = key !== "" && !key.startsWith("../")
  const frames = inRoot ? installation.value : { ...installation.value, root: dirname(path) }
  const store = await openStore({ kind: "folder", installation: frames }, call)
  if (!store.ok) return store
  const ref = { bucket, key: inRoot ? key : basename(path) }
  return done({ store: store.value, ref, config })
}

function realPathOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch (error) {
    if (error instanceof Error && "code" in error) return null
    throw error
  }
}

async function look(
  { store, ref, config, clock }: Target & Pick<Call, "clock">,
  name: string,
): Promise<Result<InspectedHeader>> {
  const head = await store.head(ref)
  if (!head.ok) return head
  const tags = await store.tags(ref)
  const statedSpace = statedSpaceOf(tags.ok ? tags.value : {}, head.value.metadata)
  const beside = { store, clock, heldLooks: openLookBytes() }
  const settings = await withLookBeside(settingsOf(config)(ref), ref, (await looksBesideOf(config, beside)).looksBeside)
  if (!settings.ok) return settings
  const [limits, { colour, choice }] = [headerLimitsOf(config), settings.value]
  const ownReaders = config.engine !== "oiiotool"
  const request = { key: ref.key, statedSpace, colour, ...(choice && { choice }), configHash: "", limits, ownReaders }
  const grown = await readGrowing(readableOf(store, head.value), (file) => examine(file, request), limits)
  if (!grown.ok) return grown
  const { value, bytesRead } = grown.value
  return done({ ...value, name, sizeBytes: head.value.sizeBytes, bytesRead })
}

const readableOf = (store: ObjectStore, { bucket, key, etag, sizeBytes }: ObjectHead) => ({
  sizeBytes,
  readSpan: ({ offset, lengthBytes }: { readonly offset: number; readonly lengthBytes: number }) =>
    store.readRange({ bucket, key }, { start: offset, end: offset + lengthBytes, ifMatch: etag }),
})

export const inspect: Command = {
  details:
    "Windows drawn to scale, parts, channels by layer, frame rate and timecode, the colour space and its evidence, the pictures and passes of data that can be chosen and the flags that choose them, and what would be rendered and why. Reads the header only, 64 KiB of most files, and starts no tool. Exit code 1 where the header cannot be read.",
  parameters: [{ syntax: "[file]", says: "a file, or an object as s3://bucket/key" }],
  options: [{ syntax: "--json", says: "everything that the header holds, as one JSON object" }],
  settings: ["shown", "colour", "platform"],
  examples: [
    ["inspect shots/beauty.0101.exr", "before asking why a picture looks as it does"],
    ["inspect shots/beauty.0101.exr --layer diffuse", "to see what a choice would show"],
    ["inspect s3://renders/beauty.0101.exr --json", "for a script"],
  ],
  run,
}
