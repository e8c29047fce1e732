import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { samplePath } from "../machine/frames.ts"
import { freshBucket } from "./fresh.ts"
import { quietKafka } from "./kafka-admin.ts"
import { readValues } from "./kafka-traffic.ts"
import { NOTIFICATION_TOPIC, type S3Address, s3Client } from "./s3.ts"
import { runSql } from "./trino-sql.ts"
import { deployLines, served, typed } from "./walk.ts"

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

const SCRIPT = join(import.meta.dirname, "../../scripts/services")

let folder: string

const services = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, SERVICES_FOLDER: folder }
    execFile(SCRIPT, args, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })

const settingsIn = (lines: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...lines.matchAll(/^export (\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]))

const s3Of = (settings: Readonly<Record<string, string>>): S3Address => ({
  endpoint: settings.S3_ENDPOINT ?? "",
  region: "us-east-1",
  accessKey: settings.S3_ACCESS_KEY ?? "",
  secretKey: settings.S3_SECRET_KEY ?? "",
  notificationTopic: NOTIFICATION_TOPIC,
})

describe("scripts/services", () => {
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "oiio-command-")), "run")
  })
  afterAll(async () => {
    await services("wipe")
    await rm(join(folder, ".."), { recursive: true, force: true })
  })

  it("starts servers that outlive it, prints their settings, and keeps data and settings over stop and start", async () => {
    const first = await services("start", "kafka", "s3")
    expect(first).toMatchObject({ code: 0 })
    const settings = settingsIn(first.stdout)
    expect(settingsIn(await readFile(join(folder, "environment"), "utf8"))).toEqual(settings)
    expect(settings).toMatchObject({ S3_BUCKETS: "renders", OIIO_INTAKE_TOPICS: "s3-events:versitygw" })
    const client = s3Client(s3Of(settings))
    await client.send(new PutObjectCommand({ Bucket: "renders", Key: "there.exr", Body: "from the start" }))
    const Bucket = await freshBucket(s3Of(settings), "dev")
    await client.send(new PutObjectCommand({ Bucket, Key: "a.exr", Body: "kept" }))

    await services("stop")
    await expect(client.send(new GetObjectCommand({ Bucket, Key: "a.exr" }))).rejects.toThrow("ECONNREFUSED")
    const second = await services("start", "kafka", "s3")
    expect(settingsIn(second.stdout)).toEqual(settings)
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "a.exr" }))
    expect(await Body?.transformToString()).toBe("kept")
    const kafka = quietKafka(settings.KAFKA_BROKER ?? "")
    expect(await readValues(kafka, NOTIFICATION_TOPIC, 1, (value) => value.includes(Bucket))).toHaveLength(1)
    client.destroy()
  })

  it("tells what runs, and starts again what has ended", async () => {
    const { code, stdout } = await services("status")
    expect(code).toBe(0)
    const pid = Number(/^s3 .* pid (\d+)/m.exec(stdout)?.[1])
    expect(stdout).toMatch(/^kafka .*runs, pid \d+/m)
    expect(stdout).toMatch(/^trino .*not started/m)
    process.kill(pid, "SIGKILL")
    await expect.poll(async () => (await services("status")).stdout).toMatch(/^s3 .*has ended/m)
    expect((await services("status")).code).toBe(3)
    const again = await services("start", "s3")
    expect(Object.keys(settingsIn(again.stdout))).toContain("KAFKA_BROKER")
    expect((await services("status")).stdout).toMatch(/^s3 .*runs, pid \d+/m)
  })

  it("shows a server's log", async () => {
    const { code } = await services("logs", "kafka")
    expect(code).toBe(0)
    expect((await services("logs", "trino")).stderr).toContain("trino has no log yet")
  })

  it("says what it understands when it is asked for something else", async () => {
    expect(await services("begin")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("usage: scripts/services"),
    })
    const unknown = await services("start", "minio")
    expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining("no server is called minio") })
  })

  it("starts servers with whose environment the README's lines lead from an upload to a row", async () => {
    const [set = "", once = "", ...rest] = deployLines()
    expect(set).toContain("make services && source .cache/run/environment")
    const started = await services("start")
    expect(started).toMatchObject({ code: 0 })
    const settings = settingsIn(started.stdout)
    const environment = join(folder, "environment")
    expect(await typed(environment, once)).toMatchObject({ code: 0 })
    const [look = "", ...serving] = rest.toReversed()
    const processes = await Promise.all(serving.map((line) => served(environment, line)))
    expect(processes).toHaveLength(3)
    expect(await typed(environment, look)).toMatchObject({ code: 0 })

    const client = s3Client(s3Of(settings))
    const Body = await readFile(samplePath("window"))
    await client.send(new PutObjectCommand({ Bucket: "renders", Key: "sh010/a.0001.exr", Body }))
    const sql = `SELECT s3_key FROM vast."renders/exr_metadata".proxy_outputs_current WHERE s3_key LIKE 'sh010/%'`
    const rows = () => runSql(settings.VAST_DB_ENDPOINT ?? "", sql)
    await expect.poll(rows, { interval: 1_000 }).toEqual([["sh010/a.0001.exr"]])
    client.destroy()
    for (const process of processes) process.send("SIGTERM")
    for (const { ended } of processes) expect(await ended).toMatchObject({ code: 0 })
  })

  it("leaves neither processes nor files after wipe", async () => {
    const { stdout } = await services("status")
    const pids = [...stdout.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]))
    expect(pids).toHaveLength(4)
    expect((await services("wipe")).code).toBe(0)
    expect(existsSync(folder)).toBe(false)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH")
  })
})
