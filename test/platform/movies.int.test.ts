import { readFileSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GetObjectCommand } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, expect, it } from "vitest"
import { decodedPictures } from "../../src/picture/encode/mp4/testing/ffmpeg.ts"
import { call } from "../machine/answers.ts"
import { eventually } from "../machine/eventually.ts"
import { sheetIn } from "../machine/sheet.ts"
import { quietKafka } from "../services/kafka-admin.ts"
import { readValues } from "../services/kafka-traffic.ts"
import { freePort } from "../services/ports.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { outputKey, putFrame } from "./uploads.ts"

const FRAMES = [1001, 1002, 1003].map((frame) => `shots/sh010/beauty.${frame}.exr`)
const [FIRST = "", SECOND = "", THIRD = ""] = FRAMES
const MOVIE = "shots/sh010/.proxies/beauty_movie.mp4"

let deployment: Deployment
let folder: string
let broker: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "movies-"))
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  broker = servers.kafka.broker
  const env = { OIIO_SEQUENCE_QUIET_SECONDS: "5" }
  deployment = await deploy(servers, { of: "movies", partitions: 3, env })
})
afterAll(async () => {
  deployment.s3.destroy()
  await rm(folder, { recursive: true })
})

async function shownIn(key: string): Promise<readonly string[]> {
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket: deployment.bucket, Key: key }))
  const file = join(folder, crypto.randomUUID())
  writeFileSync(file, (await Body?.transformToByteArray()) ?? "")
  return (await decodedPictures(file)).map(([, sum]) => sum)
}

const shownAlone = async (keys: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(keys.map((key) => shownIn(outputKey(key, "proxy"))))).flat()

const sequences = () =>
  deployment.sql(`SELECT head, state, frames_made, frames_missing, movie_key FROM ${deployment.tables}.sequences`)

const isMade = (made: string, missing: string) => async (): Promise<boolean> =>
  JSON.stringify(await sequences()) === JSON.stringify([["beauty.", "made", made, missing, MOVIE]])

/** The contact sheet of the bucket: addresses that a browser without credentials reads the shot's files by, until they end. */
async function isShownByAddresses(): Promise<void> {
  const page = join(folder, "sheet.html")
  const made = await call(["contact-sheet", "--expires", "10m", "--out", page], { env: deployment.env })
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining("1 sequence, 3 frames and 0 failures") })
  const { title, shots, pathStart, expiresAtMs, madeAtMs } = sheetIn(page)
  expect({ title, pathStart }).toEqual({ title: deployment.bucket, pathStart: "s3://" })
  expect(Math.abs((expiresAtMs ?? 0) - madeAtMs - 600_000)).toBeLessThan(300_000)
  const [shot] = shots
  const urls = [shot?.movie, shot?.poster, shot?.thumbnail, shot?.sprites?.url]
  const types = await Promise.all(urls.map(async (url) => (await fetch(url ?? "")).headers.get("content-type")))
  expect(types).toEqual(["video/mp4", "image/jpeg", "image/jpeg", "image/jpeg"])
  const policy = /content="(default-src[^"]*)"/.exec(readFileSync(page, "utf8"))?.[1]
  expect(policy).toContain(`media-src ${new URL(shot?.movie ?? "").origin};`)
  expect(readFileSync(page, "utf8")).not.toContain(deployment.env.S3_SECRET_KEY)
}

/** The API over the same servers: a shot and its frames, at addresses that anybody may GET until they end, and nobody may alter. */
async function isServed(): Promise<void> {
  const port = await freePort()
  const serve = await deployment.starts("serve", { OIIO_SERVE_PORT: String(port) })
  const api = `http://127.0.0.1:${port}/api/v1`
  const get = async (path: string) => (await fetch(`${api}${path}`)).json() as Promise<ServedAnswer>
  const { tiles = [], total } = await get("/tiles")
  expect(total).toBe(1)
  const [shot] = tiles
  expect(shot).toMatchObject({ kind: "shot", name: "beauty.#.exr", frames_made: "1001-1003", state: "made" })
  const movie = shot?.urls.movie?.url ?? ""
  const thumbnail = shot?.urls.thumbnail?.url ?? ""
  const part = await fetch(movie, { headers: { range: "bytes=4-7" } })
  expect([part.status, await part.text(), part.headers.get("content-type")]).toEqual([206, "ftyp", "video/mp4"])
  expect((await fetch(thumbnail)).headers.get("content-type")).toBe("image/jpeg")
  expect((await fetch(thumbnail.replace("_thumb", "_proxy"))).status).toBe(403)
  expect((await fetch(thumbnail, { method: "DELETE" })).status).toBe(403)
  const sequence = await get(`/sequences/${shot?.id}`)
  expect(sequence).toMatchObject({ frames_missing: "", report: { isSound: expect.any(Boolean) } })
  // Its cues lie in a bucket that lets no page of another origin read them: the server reads them.
  const cells = { width: expect.any(Number), moments: expect.arrayContaining([[0, 0]]) }
  expect(await get(`/sequences/${shot?.id}/sprites`)).toMatchObject(cells)
  const found = await get(`/lookup?source=${encodeURIComponent(`s3://${deployment.bucket}/${SECOND}`)}`)
  expect(found).toMatchObject({ state: "done", proxy: { url: expect.stringContaining(deployment.bucket) } })
  expect((await get("/outputs?order=newest&limit=2")).outputs).toHaveLength(2)
  const page = await fetch(`http://127.0.0.1:${port}/`)
  expect(page.headers.get("content-security-policy")).toContain(
    `media-src 'self' blob: data: ${new URL(movie).origin};`,
  )
  const { stderr } = await serve.stops()
  expect(stderr).not.toContain(deployment.env.S3_SECRET_KEY)
}

type ServedAnswer = {
  readonly total?: number
  readonly outputs?: readonly unknown[]
  readonly tiles?: readonly {
    readonly id: string
    readonly urls: { readonly [name: string]: { readonly url: string } | null }
  }[]
}

it("the movie of a shot in S3 is there soon after its last frame, and again after a late one, whichever worker makes it", async () => {
  const workers = [await deployment.starts("worker"), await deployment.starts("worker")]
  await deployment.starts("projector")
  await deployment.starts("ingest --serve")
  for (const key of [FIRST, THIRD]) await putFrame(deployment, key, key === FIRST ? "window" : "shifted")
  await eventually("its movie has a row", isMade("1001,1003", "1002"))
  expect(await shownIn(MOVIE)).toEqual(await shownAlone([FIRST, FIRST, THIRD]))

  await workers[0]?.stops()
  await putFrame(deployment, SECOND, "stretched")
  await eventually("the movie is made anew", isMade("1001-1003", ""))
  expect(await shownIn(MOVIE)).toEqual(await shownAlone(FRAMES))

  await isShownByAddresses()
  await isServed()

  // Messages may repeat: of each revision the first is taken.
  const ids = new Set<string>()
  const isOfAnother = (value: string): boolean => {
    const { type, id } = JSON.parse(value) as { type: string; id: string }
    return type === "sequence.generated" && ids.size < ids.add(id).size
  }
  await readValues(quietKafka(broker), deployment.env.KAFKA_COMPLETION_TOPIC ?? "", 2, isOfAnother)
  expect(ids.size).toBe(2)
})
