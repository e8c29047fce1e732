import { setTimeout as sleep } from "node:timers/promises"
import type { S3Client } from "@aws-sdk/client-s3"
import type { RecordByTopic } from "../../src/events/fact.ts"
import type { ElementRow, ProxyOutputRow } from "../../src/table/rows.ts"
import { answers, call, type Record, type Status } from "../machine/answers.ts"
import { eventually } from "../machine/eventually.ts"
import { freshBucket, freshName, freshSchema, freshTopic } from "../services/fresh.ts"
import type { Addresses } from "../services/index.ts"
import { s3Client } from "../services/s3.ts"
import { runSql } from "../services/trino-sql.ts"
import { type Process, startProcess } from "./process.ts"

export type Env = Readonly<{ [name: string]: string }>

/** A stream deployment on real servers, with topics, schemas, a bucket and tables of its own. */
export type Deployment = {
  readonly env: Env
  readonly bucket: string
  /** `vast."bucket/schema"`. */
  readonly tables: string
  /** An ordinary client, straight to the server. */
  readonly s3: S3Client
  /** A process of the deployment, killed with the test if it is still there. */
  readonly starts: (command: string, env?: Env) => Promise<Process>
  /** A command that must end well; its stdout as JSON lines. */
  readonly asks: <T>(command: string, env?: Env) => Promise<readonly T[]>
  readonly sql: (statement: string) => Promise<readonly (readonly unknown[])[]>
  /** Rows of proxy_outputs, asked for twice a second at most. */
  readonly rowCount: () => Promise<number>
  /** All rows of proxy_outputs, so that one too many would be seen. */
  readonly rows: () => Promise<readonly ProxyOutputRow[]>
  /** Keys of the view proxy_outputs_current, as any reader of Trino finds them: one for each row. */
  readonly currentKeys: () => Promise<readonly string[]>
  readonly facts: <T extends keyof RecordByTopic>(topic: T) => Promise<readonly RecordByTopic[T][]>
  readonly records: (topic: string) => Promise<readonly Record[]>
  readonly status: () => Promise<Status>
  /** Resolves once every group has taken in everything there is. */
  readonly settles: () => Promise<void>
  readonly failedElements: () => Promise<readonly ElementRow[]>
}

export type Plan = {
  /** In the names of what the deployment makes. */
  readonly of: string
  readonly partitions: number
  /** Settings beside those that every deployment has. */
  readonly env?: Env
}

/** Settings of a deployment whose frames arrive by the store's own notifications. */
async function settingsOf({ kafka, registry, s3, trino }: Addresses, { of, env }: Plan): Promise<Env> {
  const schema = await freshSchema(trino, of)
  return {
    KAFKA_BROKER: kafka.broker,
    KAFKA_TOPIC_PREFIX: `${freshName(of)}.`,
    KAFKA_TOPIC: await freshTopic(kafka, `${of}-proxy`),
    KAFKA_COMPLETION_TOPIC: await freshTopic(kafka, `${of}-completion`),
    SCHEMA_REGISTRY_URL: registry.url,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_ACCESS_KEY: s3.accessKey,
    S3_SECRET_KEY: s3.secretKey,
    S3_BUCKETS: await freshBucket(s3, of),
    VAST_DB_ENDPOINT: trino.url,
    VAST_DB_BUCKET: schema.slice(0, schema.indexOf("/")),
    OIIO_INTAKE_TOPICS: `${s3.notificationTopic}:versitygw`,
    OIIO_INTAKE_HTTP: "false",
    OIIO_HTTP_HOST: "127.0.0.1",
    OIIO_RECONCILE_MINUTES: "0",
    OIIO_RENDERS_IN_FLIGHT: "1",
    OIIO_LOG_FORMAT: "json",
    // A server that is busy is no reason to end a start.
    OIIO_START_RETRY_SECONDS: "300",
    PATH: process.env.PATH ?? "",
    ...env,
  }
}

/** Makes everything that a deployment needs before its processes start, with our own commands. */
export async function deploy(servers: Addresses, plan: Plan): Promise<Deployment> {
  const env = await settingsOf(servers, plan)
  const asks = <T>(command: string, more: Env = {}): Promise<readonly T[]> =>
    answers<T>(command.split(" "), { env: { ...env, ...more } })
  for (const command of [`topics create --partitions ${plan.partitions}`, "schemas register"]) {
    const { code, stderr } = await call(command.split(" "), { env })
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`)
  }
  const status = async (): Promise<Status> => {
    const [found] = await asks<Status>("status --json")
    if (found === undefined) throw new Error("status said nothing")
    return found
  }
  const sql = (statement: string) => runSql(servers.trino.url, statement)
  const tables = `${servers.trino.catalog}."${env.VAST_DB_BUCKET}/exr_metadata"`
  const records = (topic: string): Promise<readonly Record[]> => asks<Record>(`events ${topic} --json`)
  return {
    env,
    asks,
    status,
    records,
    bucket: env.S3_BUCKETS ?? "",
    tables,
    s3: s3Client(servers.s3),
    starts: (command, more = {}) => startProcess(command, { ...env, ...more }),
    sql,
    rowCount: async () => {
      await sleep(ASKED_EVERY_MS)
      return Number((await sql(`SELECT count(*) FROM ${tables}.proxy_outputs`))[0]?.[0])
    },
    rows: () => asks("outputs --all --json"),
    currentKeys: async () => {
      await sleep(ASKED_EVERY_MS)
      const rows = await sql(`SELECT s3_key FROM ${tables}.proxy_outputs_current ORDER BY s3_key`)
      return rows.map(([key]) => String(key))
    },
    facts: async <T extends keyof RecordByTopic>(topic: T) =>
      (await records(topic)).map(({ value }) => value as RecordByTopic[T]),
    settles: () => settling(status),
    failedElements: () => asks("failures list --json"),
  }
}

const SETTLES_WITHIN_MS = 240_000
/** Asking is work for the servers, too. */
const ASKED_EVERY_MS = 500

/** What still lags is said, where it never ends. */
async function settling(status: () => Promise<Status>): Promise<void> {
  let lagging: Status["lag"] = []
  const isSettled = async (): Promise<boolean> => {
    await sleep(ASKED_EVERY_MS)
    const { lag } = await status()
    lagging = lag.filter((position) => position.lag > 0)
    return lag.length > 0 && lagging.length === 0
  }
  await eventually("every group is at the end", isSettled, SETTLES_WITHIN_MS).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(lagging)}`)
  })
}
