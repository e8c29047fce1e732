import type { DeploymentTarget, Installation } from "../deployment/deployment-target.ts"
import { openGroups } from "../deployment/expected-groups.ts"
import { openStore, openTarget } from "../deployment/index.ts"
import { platformOutputs } from "../deployment/outputs-elsewhere.ts"
import type { AdapterSurroundings, Folder, FolderRecords, OpenTarget, Records } from "../deployment/roles.ts"
import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { openPatiently } from "../service/run-service.ts"
import type { ObjectStore } from "../store/index.ts"
import { openMediaKey } from "./media-key.ts"
import type { Opened } from "./ports.ts"

export type Opening = AdapterSurroundings & {
  /** Ends the wait for servers that are away. */
  readonly stop: AbortSignal
  readonly waits: (failure: Failure) => void
}

/** Opens what the API answers from: a folder's state beside whoever owns it, or servers, which are waited for. */
export const openServing = (target: DeploymentTarget, opening: Opening): Promise<Result<Opened>> =>
  target.kind === "folder" ? openFolder(target.installation, opening) : openServers(target, opening)

async function openFolder(installation: Installation, opening: Opening): Promise<Result<Opened>> {
  const target = { kind: "folder", installation } as const
  const opened = await openUpToDate(target, opening)
  if (!opened.ok) return opened
  const store = await openStore(target, opening)
  if (store.ok) {
    const close = closing([opened.value.records, store.value])
    return done({ ...servingFolder(installation, opened.value.records, { ...opening, store: store.value }), close })
  }
  await opened.value.records.close()
  return store
}

/**
 * The tables of a state that an older version wrote last lack what pages are read by: it is made before, as its owner. Where
 * somebody else owns it, that waits for the next run, and tiles are refused until then.
 */
async function openUpToDate(target: Folder, opening: Opening): Promise<Result<OpenTarget<Folder>>> {
  const opened = await openTarget(target, { mode: "read" }, opening)
  if (!opened.ok) return opened
  const { records } = opened.value
  const tiles = await records.table.tilesPage({ order: "name", limit: 1 })
  if (tiles.ok || tiles.failure.code !== "table/refused") return opened
  const owned = await openTarget(target, { mode: "own", command: "serve" }, opening)
  if (!owned.ok) return opened
  await records.close()
  await owned.value.records.close()
  return openTarget(target, { mode: "read" }, opening)
}

/** What the API answers from where a folder's records are open already; closing is the caller's. */
export const servingFolder = (
  { config, root, bucket, outputs }: Installation,
  { log, table, state }: FolderRecords,
  { clock, store }: Pick<AdapterSurroundings, "clock"> & { readonly store: ObjectStore },
): Omit<Opened, "close"> => ({
  ...{ config, clock, log, table, store },
  buckets: [bucket],
  outputs: outputs?.place ?? null,
  readOnly:
    state.mode === "own"
      ? null
      : "The state is read beside whoever owns it: `run --watch --serve` owns it and takes what is asked for here.",
  folder: root,
  mediaKey: openMediaKey(state.folder),
  clockSkewMs: 0,
  addressOrigins: [],
})

async function openServers(
  target: Extract<DeploymentTarget, { kind: "platform" }>,
  { stop, waits, ...surroundings }: Opening,
): Promise<Result<Opened>> {
  const { config } = target.platform
  const outputs = platformOutputs(config)
  if (!outputs.ok) return outputs
  if (config.s3Buckets.length === 0) return noBuckets
  const patience = { forSeconds: config.startRetrySeconds, clock: surroundings.clock, stop, waits }
  const opened = await openPatiently({ ...patience, open: () => openTarget(target, { mode: "read" }, surroundings) })
  if (!opened.ok) return opened
  const records: Records = opened.value.records
  const store = await openPatiently({ ...patience, open: () => openStore(target, surroundings) })
  if (!store.ok) {
    await records.close()
    return store
  }
  const buckets = [...config.s3Buckets]
  const groups = await openGroups(config, surroundings)
  if (!groups.ok) {
    await closing([records, store.value])()
    return groups
  }
  return done({
    ...{ config, clock: surroundings.clock, log: records.log, table: records.table, store: store.value },
    buckets,
    outputs: outputs.value,
    readOnly: null,
    folder: null,
    mediaKey: null,
    clockSkewMs: await skewOf(store.value, { bucket: buckets[0] ?? "", clock: surroundings.clock }),
    addressOrigins: await originsOf(store.value, [...buckets, ...(outputs.value ? [outputs.value.bucket] : [])]),
    groups: groups.value.groups,
    close: closing([groups.value, records, store.value]),
  })
}

const noBuckets = failed(
  failure(
    "config/invalid",
    "S3_BUCKETS is not set: it names the buckets that addresses may be signed for; without it there are none.",
  ),
)

const closing = (parts: readonly { close(): Promise<void> }[]) => async (): Promise<void> => {
  for (const part of parts) await part.close()
}

/** Where a browser goes for what the store signs: of each bucket, since some servers name it in the host. */
async function originsOf(store: ObjectStore, buckets: readonly string[]): Promise<readonly string[]> {
  const signed = await Promise.all(buckets.map((bucket) => store.sign?.({ bucket, key: "any" }, { seconds: 60 })))
  return [...new Set(signed.flatMap((one) => (one?.ok ? [new URL(one.value.url).origin] : [])))]
}

/** Any answer states the store's time; whether the object is there does not matter. */
async function skewOf(
  store: ObjectStore,
  { bucket, clock }: Pick<AdapterSurroundings, "clock"> & { readonly bucket: string },
): Promise<number> {
  await store.head({ bucket, key: ".proxies/time" })
  return store.nowMs() - clock.nowMs()
}
