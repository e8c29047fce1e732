import { createServer as createHttpServer } from "node:http"
import { createServer } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Ended, run, start } from "../machine/process.ts"
import { freshBucket } from "../services/fresh.ts"
import type { Addresses } from "../services/index.ts"
import { freePort } from "../services/ports.ts"
import { sharedServices } from "../services/shared.ts"
import { runSql } from "../services/trino-sql.ts"
import { type Deployment, deploy, type Env } from "./deployment.ts"
import { openGate } from "./http-gate.ts"
import { type Secured, secured } from "./secure.ts"

/** A start fails within 15 s; on a busy machine the program itself takes a while before these begin. */
const WITHIN_MS = 120_000

let servers: Addresses
let deployment: Deployment
let safe: Secured
let silent: { readonly port: number; readonly close: () => void }
let website: { readonly port: number; readonly close: () => void }

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "starts", partitions: 1 })
  safe = secured(servers)
  silent = await listening(createServer(() => undefined))
  website = await listening(createHttpServer((_, answer) => void answer.end("<html>Welcome</html>")))
})
afterAll(() => {
  deployment.s3.destroy()
  safe.remove()
  silent.close()
  website.close()
})

async function listening(server: ReturnType<typeof createServer>) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () => void server.close(),
  }
}

/** A start that gives up at once. */
const starts = async (env: Env, role = "all"): Promise<Ended> => {
  const atOnce = { OIIO_START_RETRY_SECONDS: "0", OIIO_HTTP_PORT: String(await freePort()) }
  return run([role], { env: { ...deployment.env, ...atOnce, ...env } })
}

/** What it said on giving up: one line, one sentence after another on it. */
function refusalOf({ code, stderr }: Ended): string {
  const errors = stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { readonly level: string; readonly msg: string })
    .filter(({ level }) => level === "error")
  expect([code, errors.length, stderr]).toEqual([3, 1, expect.any(String)])
  return errors[0]?.msg ?? ""
}

type Case = readonly [string, () => Env, RegExp]

const CASES: readonly Case[] = [
  ["a broker where nobody listens", () => ({ KAFKA_BROKER: "127.0.0.1:9" }), /KAFKA_BROKER.*127\.0\.0\.1:9/],
  ["a broker of no such name", () => ({ KAFKA_BROKER: "no-such-host.invalid:9092" }), /KAFKA_BROKER.*no-such-host/],
  ["a broker that never answers", () => ({ KAFKA_BROKER: `127.0.0.1:${silent.port}` }), /KAFKA_BROKER/],
  ["a wrong Kafka password", () => ({ ...safe.env, KAFKA_PASSWORD: "planted-secret" }), /KAFKA_PASSWORD/],
  ["no authority for the brokers", () => withoutCa(), /KAFKA_CA/],
  ["topics that nobody made", () => ({ KAFKA_TOPIC_PREFIX: "nobody." }), /KAFKA_TOPIC_PREFIX.*topics create/],
  ["no topic for proxy.generated", () => ({ KAFKA_TOPIC: "no.such.topic" }), /KAFKA_TOPIC.*no\.such\.topic/],
  ["no topic of arrivals", () => ({ OIIO_INTAKE_TOPICS: "no.arrivals" }), /OIIO_INTAKE_TOPICS.*no\.arrivals/],
  ["a registry where nobody listens", () => ({ SCHEMA_REGISTRY_URL: "http://127.0.0.1:9" }), /SCHEMA_REGISTRY_URL.*:9/],
  ["a registry that is a website", () => ({ SCHEMA_REGISTRY_URL: http(website) }), /SCHEMA_REGISTRY_URL.*no Confluent/],
  ["a registry of another kind", () => ({ SCHEMA_REGISTRY_URL: servers.s3.endpoint }), /SCHEMA_REGISTRY_URL/],
  ["an S3 where nobody listens", () => ({ S3_ENDPOINT: "http://127.0.0.1:9" }), /127\.0\.0\.1:9 \(S3_ENDPOINT\)/],
  ["an S3 that never answers", () => ({ S3_ENDPOINT: http(silent) }), /S3_ENDPOINT/],
  ["a wrong S3 secret", () => ({ S3_SECRET_KEY: "planted-secret" }), /S3_SECRET_KEY/],
  ["a wrong S3 access key", () => ({ S3_ACCESS_KEY: "planted-secret" }), /S3_ACCESS_KEY/],
  ["a missing bucket", () => ({ S3_BUCKETS: "no-such-bucket" }), /no-such-bucket.*S3_BUCKETS/],
  [
    "a Trino where nobody listens",
    () => ({ VAST_DB_ENDPOINT: "http://127.0.0.1:9" }),
    /127\.0\.0\.1:9.*VAST_DB_ENDPOINT/,
  ],
  ["a Trino that never answers", () => ({ VAST_DB_ENDPOINT: http(silent) }), /VAST_DB_ENDPOINT/],
  ["a Trino that is a website", () => ({ VAST_DB_ENDPOINT: http(website) }), /VAST_DB_ENDPOINT/],
  ["a wrong Trino password", () => ({ ...safe.env, VAST_DB_SECRET_KEY: "planted-secret" }), /VAST_DB_SECRET_KEY/],
  ["a missing catalog", () => ({ VAST_DB_CATALOG: "nowhere" }), /VAST_DB_CATALOG.*nowhere/],
]

const http = ({ port }: { readonly port: number }): string => `http://127.0.0.1:${port}`

const withoutCa = (): Env => {
  const { KAFKA_CA: _, ...rest } = safe.env
  return { ...rest, KAFKA_TLS: "true" } as Env
}

describe("a start that cannot succeed ends with exit code 3 and a sentence that names the setting", () => {
  it.each(CASES)("%s", { timeout: WITHIN_MS }, async (_, env, says) => {
    const refusal = refusalOf(await starts(env()))
    expect(refusal).toMatch(says)
    expect(refusal).toMatch(/^[^\n]+\.$/)
    expect(refusal).not.toContain("planted-secret")
  })

  it("a subject whose compatibility somebody loosened", { timeout: WITHIN_MS }, async () => {
    const other = await deploy(servers, { of: "level", partitions: 1 })
    const subject = `${other.env.KAFKA_TOPIC_PREFIX}proxy-made-value`
    await fetch(`${servers.registry.url}/config/${subject}`, {
      method: "PUT",
      body: JSON.stringify({ compatibility: "NONE" }),
      headers: { "content-type": "application/json" },
    })
    expect(refusalOf(await starts(other.env, "worker"))).toMatch(/SCHEMA_REGISTRY_URL.*proxy-made-value.*NONE/)
    other.s3.destroy()
  })
})

describe("a table that may not be written", () => {
  const asReader = { VAST_DB_USER: "reader" }

  it("fails the start where it would have to be made", { timeout: WITHIN_MS }, async () => {
    const refusal = refusalOf(await starts({ ...asReader, VAST_DB_BUCKET: "reader-has-none" }, "projector"))
    expect(refusal).toMatch(/VAST_DB_USER/)
  })

  it("fails the start where it is there", { timeout: 2 * WITHIN_MS }, async () => {
    const projector = await deployment.starts("projector")
    await projector.stops()
    expect(await runSql(servers.trino.url, `SELECT count(*) FROM ${deployment.tables}.proxy_outputs`)).toEqual([[0]])
    expect(refusalOf(await starts(asReader, "projector"))).toMatch(/VAST_DB_USER/)
  })
})

describe("a start that may wait", () => {
  it("goes on once the server is there", { timeout: 2 * WITHIN_MS }, async () => {
    const port = await freePort()
    const worker = start(["worker"], {
      env: {
        ...deployment.env,
        S3_ENDPOINT: `http://127.0.0.1:${port}`,
        S3_BUCKETS: await freshBucket(servers.s3, "late"),
        OIIO_HTTP_PORT: String(await freePort()),
        OIIO_START_RETRY_SECONDS: "100",
      },
    })
    await worker.says("the start waits up to 100 s for a server")
    const gate = await openGate(servers.s3.endpoint, port)
    await worker.says('"ready"')
    worker.send("SIGTERM")
    expect(await worker.ended).toMatchObject({ code: 0 })
    await gate.close()
  })
})
