import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import { frameNameOf } from "../../src/element/frame-name.ts"
import { rangesText } from "../../src/element/frame-ranges.ts"
import { decodedPictures } from "../../src/picture/encode/mp4/testing/ffmpeg.ts"
import { seeded } from "../crash/seeded.ts"
import { eventually } from "../machine/eventually.ts"
import { anyColour, flatScan } from "../machine/flat-scan.ts"
import { FULL_PROXIES } from "../machine/frames.ts"
import type { Addresses } from "../services/index.ts"
import { withAdmin } from "../services/kafka-admin.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { lookFromOutside } from "./outside.ts"
import type { Process } from "./process.ts"
import { outputKey, putBytes } from "./uploads.ts"

const KILLS = Number(process.env.CRASH_KILLS ?? 50)
const UPLOADS = Number(process.env.CRASH_UPLOADS ?? 300)
const SEED = Number(process.env.CRASH_SEED ?? Math.trunc(Math.random() * 2 ** 31))
/** Fewer names than uploads: many are overwritten, and some come again after they were deleted. */
const NAMES = Math.ceil((2 * UPLOADS) / 3)
/** Of all changes; so every fifth or so takes an object away. */
const DELETIONS = 0.18
/** A start takes one to two seconds: some kills hit it, most hit work. */
const LONGEST_LIFE_MS = 3_000

const ROLES = { ingest: "ingest --serve", projector: "projector", first: "worker", second: "worker" } as const

let servers: Addresses
let deployment: Deployment

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry", "s3", "trino")
  // What is looked at from outside are outputs as users get them.
  // Sequences that were quiet for a moment have their movies; those that go on are settled again and again.
  const env = { ...FULL_PROXIES, OIIO_SEQUENCE_QUIET_SECONDS: "3" }
  deployment = await deploy(servers, { of: "kills", partitions: 6, env })
})
afterAll(() => deployment.s3.destroy())

const nameOf = (number: number): string => `shots/sh0${number % 5}/plate.${String(1001 + number).padStart(4, "0")}.tif`

/** Uploads, overwrites and deletions by an ordinary client, in an order that the seed decides. */
async function change(live: Set<string>, random: () => number): Promise<"upload" | "deletion"> {
  const candidates = [...live]
  if (candidates.length > 0 && random() < DELETIONS) {
    const key = candidates[Math.floor(random() * candidates.length)] ?? ""
    await deployment.s3.send(new DeleteObjectCommand({ Bucket: deployment.bucket, Key: key }))
    live.delete(key)
    return "deletion"
  }
  const key = nameOf(Math.floor(random() * NAMES))
  await putBytes(deployment, key, flatScan(anyColour(random)))
  live.add(key)
  return "upload"
}

async function changeAll(random: () => number): Promise<readonly string[]> {
  const live = new Set<string>()
  for (let uploads = 0; uploads < UPLOADS; ) {
    if ((await change(live, random)) === "upload") uploads += 1
    await sleep(random() * 700)
  }
  return [...live].toSorted()
}

/** Ends one process after another in an instant that the seed decides, and starts it again. */
async function killAgainAndAgain(random: () => number): Promise<readonly Process[]> {
  const names = Object.keys(ROLES) as (keyof typeof ROLES)[]
  const running = new Map<string, Process>()
  for (const name of names) running.set(name, await deployment.starts(ROLES[name]))
  for (let kills = 0; kills < KILLS; kills += 1) {
    const name = names[Math.floor(random() * names.length)] ?? "first"
    await sleep(random() * LONGEST_LIFE_MS)
    const process = running.get(name)
    process?.send("SIGKILL")
    expect(await process?.ended).toMatchObject({ signal: "SIGKILL" })
    running.set(name, await deployment.starts(ROLES[name]))
  }
  return [...running.values()]
}

/** The intake has taken in every notification there is: until then nobody else can know of the object. */
async function intakeIsDone(): Promise<boolean> {
  const { broker } = servers.kafka
  const topic = servers.s3.notificationTopic ?? ""
  return withAdmin(broker, async (admin) => {
    const groupId = `${deployment.env.KAFKA_TOPIC_PREFIX}ingest`
    const [[committed], ends] = await Promise.all([
      admin.fetchOffsets({ groupId, topics: [topic] }),
      admin.fetchTopicOffsets(topic),
    ])
    const at = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    return ends.every(({ partition, high }) => Number(high) === 0 || (at.get(partition) ?? -1) >= Number(high))
  })
}

/** The frames of each folder that has at least two, as their sequence's row must list them. */
function sequencesOf(live: readonly string[]): readonly string[] {
  const folders = Map.groupBy(live, (key) => key.slice(0, key.lastIndexOf("/") + 1))
  return [...folders]
    .filter(([, keys]) => keys.length > 1)
    .map(([folder, keys]) => {
      const frames = Float64Array.from(keys, (key) => frameNameOf(key)?.frame ?? Number.NaN).sort()
      return `${folder} ${rangesText(frames)}`
    })
    .toSorted()
}

const moviesAreMade = (live: readonly string[]) => async (): Promise<boolean> => {
  const rows = await deployment.sql(
    `SELECT folder, frames_made FROM ${deployment.tables}.sequences WHERE state = 'made'`,
  )
  await sleep(1_000)
  return (
    rows
      .map((row) => row.join(" "))
      .toSorted()
      .join() === sequencesOf(live).join()
  )
}

type Manifest = {
  readonly revision: string
  readonly frames: readonly {
    readonly frame: number
    readonly key: string
    readonly proxy: { key: string; etag: string }
  }[]
}

const bytesOf = async (key: string): Promise<Uint8Array> => {
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket: deployment.bucket, Key: key }))
  return (await Body?.transformToByteArray()) ?? new Uint8Array()
}

async function shownIn(folder: string, key: string): Promise<readonly string[]> {
  const file = join(folder, "shown.mp4")
  writeFileSync(file, await bytesOf(key))
  return (await decodedPictures(file)).map(([, sum]) => sum)
}

/** The movie of a folder is of the proxies that there are, and shows what they show: the first, the middle and the last of them are looked at. */
async function movieIsRight(shot: string, live: readonly string[]): Promise<void> {
  const stem = `${shot}.proxies/plate`
  const { revision, frames }: Manifest = JSON.parse(Buffer.from(await bytesOf(`${stem}_sequence.json`)).toString())
  expect(frames.map(({ key }) => key)).toEqual(live.filter((key) => key.startsWith(shot)))
  const head = (Key: string) => deployment.s3.send(new HeadObjectCommand({ Bucket: deployment.bucket, Key }))
  const { Metadata } = await head(`${stem}_movie.mp4`)
  expect([shot, Metadata?.revision]).toEqual([shot, revision])
  for (const { proxy } of frames)
    expect([proxy.key, (await head(proxy.key)).ETag]).toEqual([proxy.key, `"${proxy.etag}"`])
  const folder = mkdtempSync(join(tmpdir(), "kills-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const shown = await shownIn(folder, `${stem}_movie.mp4`)
  const [first = 0, last = 0] = [frames[0]?.frame, frames.at(-1)?.frame]
  expect([shot, shown.length]).toEqual([shot, last - first + 1])
  for (const at of new Set([0, frames.length >> 1, frames.length - 1])) {
    const { frame = 0, proxy } = frames[at] ?? {}
    expect([proxy?.key, shown[frame - first]]).toEqual([proxy?.key, ...(await shownIn(folder, proxy?.key ?? ""))])
  }
}

it(`every live object has one current row and right outputs after ${KILLS} kills, and what is gone has none`, async () => {
  process.stderr.write(`kills on servers: ${KILLS} kills, ${UPLOADS} uploads, CRASH_SEED=${SEED}\n`)
  const [live, running] = await Promise.all([changeAll(seeded(SEED)), killAgainAndAgain(seeded(SEED + 1))])
  await eventually("every notification is taken in", intakeIsDone, 240_000)
  await deployment.settles()
  await eventually("every sequence has the movie of its frames", moviesAreMade(live), 240_000)

  for (const [shot, keys] of Map.groupBy(live, (key) => key.slice(0, key.lastIndexOf("/") + 1)))
    if (keys.length > 1) await movieIsRight(shot, live)

  const input = { servers, deployment, live }
  const seen = await lookFromOutside(input)
  expect(seen.problems).toEqual([])
  expect(seen).toMatchObject({ live: live.length, rows: live.length })
  expect(seen.facts).toBeGreaterThanOrEqual(live.length)
  expect(await deployment.failedElements()).toEqual([])

  // Deleted frames have left their outputs behind, until somebody asks for them to go.
  await deployment.asks("prune --yes --json")
  expect(await lookFromOutside(input)).toEqual({ ...seen, orphans: 0 })

  // The look from outside does see what is wrong.
  const [anyKey = ""] = live
  await putBytes(deployment, outputKey(anyKey, "thumb"), "no picture of ours")
  await expect(lookFromOutside(input)).rejects.toThrow("cannot identify image file")
  for (const process of running) expect(await process.stops()).toMatchObject({ code: 0 })
}, 1_500_000)
