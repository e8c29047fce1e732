import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest"
import { type Services, startServices } from "../../../test/services/index.ts"
import { currentSchemas } from "../../events/codec.ts"
import { elementCreated, factBytes, proxyMade } from "../../events/testing/facts.ts"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { append, keyOf, lagOf, readAll } from "../testing/harness.ts"
import { openKafkaLog } from "./index.ts"
import { freshInstallation, optionsFor, type Servers, sendForeign, storeSchema } from "./testing/open.ts"
import { createGate, startWorker } from "./testing/workers.ts"

let services: Services<{ kafka: true; registry: true }>
let servers: Servers

beforeAll(async () => {
  services = await startServices({ kafka: true, registry: true })
  servers = { kafka: services.kafka.address, registry: services.registry.address }
})
afterAll(() => services.close())

const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 180_000, interval: 50 })

const frames = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => elementCreated({ key: `shots/frame.${from + index}.exr` }))

async function installation(partitions: number) {
  const prefix = await freshInstallation(servers, "outage", partitions)
  const options = optionsFor(servers, prefix)
  const log = unwrap(await openKafkaLog(options))
  onTestFinished(() => log.close())
  return { prefix, options, log }
}

it("goes on after the broker was killed, keeps what was in work, and loses nothing", async () => {
  const { options, log } = await installation(3)
  const job = createGate()
  const worker = await startWorker(options, {
    work: async (delivery) => (keyOf(delivery) === "shots/frame.0.exr" ? job.pass() : undefined),
    facts: (delivery) => [proxyMade({ key: keyOf(delivery) })],
  })
  await append(log, ...frames(100))
  await eventually(() => expect(worker.finished).toHaveLength(99))
  await services.kafka.kill("SIGKILL")
  expect(failureOf(await log.append(frames(1, 100)))).toMatchObject({ code: "log/unreachable", kind: "outage" })
  await services.kafka.restart()
  await eventually(async () => unwrap(await log.append(frames(100, 100))))
  job.open()
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
  expect(new Set(worker.finished).size).toBe(200)
  expect(worker.taken.filter((delivery) => keyOf(delivery) === "shots/frame.0.exr")).toHaveLength(1)
  expect(new Set((await readAll(log, "proxy-made")).map(keyOf)).size).toBe(200)
  expect(worker.events.some(({ kind }) => kind === "outage")).toBe(true)
})

it("waits while the registry hangs, and never takes a record for undecodable because of it", async () => {
  const { prefix, options, log } = await installation(1)
  const worker = await startWorker(options)
  await append(log, ...frames(1))
  await eventually(() => expect(worker.finished).toHaveLength(1))
  // A fresh process would have to ask for the schema; this one has asked, so a new id stands for it.
  const id = await storeOtherVersion(prefix)
  await services.registry.kill("SIGSTOP")
  const value = Buffer.concat([factBytes(elementCreated({ key: "b.exr" }), id), Buffer.from([0])])
  await sendForeign(servers.kafka, prefix, { topic: "element-created", key: "k", value })
  await append(log, ...frames(5, 1))
  const isTold = (): boolean => worker.events.some((event) => event.kind === "outage" && event.says.includes(`/${id}`))
  await eventually(() => expect(isTold()).toBe(true))
  expect(worker.taken).toHaveLength(1)
  await services.registry.kill("SIGCONT")
  await eventually(() => expect(worker.finished).toHaveLength(7))
  expect(worker.finished).toContain("b.exr")
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
})

/** A later version of the schema: with one more field, which is null. */
function storeOtherVersion(prefix: string): Promise<number> {
  const schema = JSON.parse(currentSchemas.get("element-created") ?? "")
  schema.fields.push({ name: "note", type: ["null", "string"], default: null })
  return storeSchema(servers, `${prefix}element-created-value`, JSON.stringify(schema))
}
