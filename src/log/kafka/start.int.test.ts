import { createServer, type Server } from "node:net"
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest"
import { sharedServices } from "../../../test/services/shared.ts"
import { elementCreated } from "../../events/testing/facts.ts"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import type { KafkaEvent, Sasl } from "../../kafka/index.ts"
import { append, keysOf, readAll } from "../testing/harness.ts"
import { type KafkaLogOptions, openKafkaLog } from "./index.ts"
import { freshInstallation, optionsFor, type Servers } from "./testing/open.ts"

let servers: Servers
let options: KafkaLogOptions
let silent: Server

beforeAll(async () => {
  servers = await sharedServices("kafka", "registry")
  options = optionsFor(servers, await freshInstallation(servers, "start", 1))
  silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
})
afterAll(() => void silent.close())

const silentAddress = (): string => {
  const address = silent.address()
  return address !== null && typeof address === "object" ? `127.0.0.1:${address.port}` : ""
}

// A start fails within 15 s; on a busy machine everything around it takes its time, too.
vi.setConfig({ testTimeout: 120_000 })

/** Opens and must fail. */
async function refusal(given: Partial<KafkaLogOptions>) {
  const events: KafkaEvent[] = []
  const opened = await openKafkaLog({ ...options, ...given, observe: (event) => events.push(event) })
  return { ...failureOf(opened), told: JSON.stringify(events) }
}

const secure = (sasl: Partial<Sasl> = {}, ca = servers.kafka.secure.ca): KafkaLogOptions["kafka"] => {
  const { broker, username, password } = servers.kafka.secure
  return { brokers: [broker], tls: { ca }, sasl: { mechanism: "scram-sha-512", username, password, ...sasl } }
}

it.each(["plain", "scram-sha-256", "scram-sha-512"] as const)(
  "appends and reads over TLS with %s",
  async (mechanism) => {
    const prefix = await freshInstallation(servers, mechanism, 1)
    const log = unwrap(await openKafkaLog({ ...options, prefix, kafka: secure({ mechanism }) }))
    onTestFinished(() => log.close())
    await append(log, elementCreated({ key: "a.exr" }))
    expect(keysOf(await readAll(log, "element-created"))).toEqual(["a.exr"])
  },
)

it("names KAFKA_BROKER when nobody listens there, and what it tried", async () => {
  const found = await refusal({ kafka: { brokers: ["127.0.0.1:9"] } })
  expect(found).toMatchObject({
    code: "log/unreachable",
    says: expect.stringMatching(/^KAFKA_BROKER: .*127\.0\.0\.1:9/),
  })
})

it("names KAFKA_BROKER when the name does not exist", async () => {
  const found = await refusal({ kafka: { brokers: ["no-such-host.invalid:9092"] } })
  expect(found).toMatchObject({ code: "log/unreachable", says: expect.stringMatching(/^KAFKA_BROKER: .*no-such-host/) })
})

it("names KAFKA_BROKER when what listens there never answers", async () => {
  const found = await refusal({ kafka: { brokers: [silentAddress()] } })
  expect(found).toMatchObject({ code: "log/unreachable", says: expect.stringMatching(/^KAFKA_BROKER: /) })
})

it("names the user and password when they are wrong, and says neither", async () => {
  const found = await refusal({ kafka: secure({ password: "planted-secret-1" }) })
  expect(found).toMatchObject({
    code: "log/refused",
    says: expect.stringMatching(/^KAFKA_USERNAME and KAFKA_PASSWORD: /),
  })
  expect(found.says + found.told).not.toContain("planted-secret-1")
})

it("names the authority when it does not vouch for the broker", async () => {
  const { tls: _, ...rest } = secure()
  const found = await refusal({ kafka: { ...rest, tls: {} } })
  expect(found).toMatchObject({ code: "log/refused", says: expect.stringMatching(/^KAFKA_CA: .*certificate/) })
})

it("names the address and TLS when it speaks plainly to a TLS port", async () => {
  const found = await refusal({ kafka: { brokers: [servers.kafka.secure.broker] } })
  expect(found.says).toMatch(/^KAFKA_BROKER or KAFKA_CA: /)
})

it("names the topics that are missing, and the command that makes them", async () => {
  const found = await refusal({ prefix: "nobody-made-these." })
  expect(found).toMatchObject({ code: "log/refused" })
  expect(found.says).toMatch(/nobody-made-these\.element-created.*topics create/)
})

it("names SCHEMA_REGISTRY_URL when nobody listens there", async () => {
  const found = await refusal({ registry: { url: "http://127.0.0.1:9/apis" } })
  expect(found).toMatchObject({
    code: "registry/unreachable",
    says: expect.stringMatching(/^SCHEMA_REGISTRY_URL: .*:9/),
  })
})

it("names SCHEMA_REGISTRY_URL when what listens there never answers", async () => {
  const found = await refusal({ registry: { url: `http://${silentAddress()}` } })
  expect(found).toMatchObject({ code: "registry/unreachable", says: expect.stringMatching(/^SCHEMA_REGISTRY_URL: /) })
})

it("names SCHEMA_REGISTRY_URL when what answers is no Confluent-compatible registry", async () => {
  const found = await refusal({ registry: { url: new URL("/", servers.registry.url).href } })
  expect(found).toMatchObject({ code: "registry/refused" })
  expect(found.says).toMatch(/^SCHEMA_REGISTRY_URL: .*no Confluent-compatible/)
})

it("names SCHEMA_REGISTRY_URL when it is no address, without repeating what may be secret", async () => {
  const found = await refusal({ registry: { url: "planted-secret-2" } })
  expect(found.says).toMatch(/^SCHEMA_REGISTRY_URL/)
  expect(found.says).not.toContain("planted-secret-2")
})

it("keeps a password within the registry's address to itself", async () => {
  const found = await refusal({ registry: { url: "http://user:planted-secret-3@127.0.0.1:9/" } })
  expect(found.says + found.told).not.toContain("planted-secret-3")
})

it("refuses a subject that is not FULL_TRANSITIVE, and names the command that sets it", async () => {
  const prefix = await freshInstallation(servers, "level", 1)
  await fetch(`${servers.registry.url}/config/${prefix}proxy-made-value`, {
    method: "PUT",
    body: JSON.stringify({ compatibility: "NONE" }),
    headers: { "content-type": "application/json" },
  })
  const found = await refusal({ prefix })
  expect(found).toMatchObject({ code: "registry/refused" })
  expect(found.says).toMatch(/^SCHEMA_REGISTRY_URL: .*proxy-made-value.*NONE.*schemas register/)
})
