import { fork } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, it, onTestFinished, vi } from "vitest"
import { sharedServices } from "../../../test/services/shared.ts"
import { elementCreated, proxyMade } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { append, keyOf, lagOf, readAll } from "../testing/harness.ts"
import { openKafkaLog } from "./index.ts"
import { freshInstallation, optionsFor, type Servers } from "./testing/open.ts"
import { createGate, startWorker, type Worker } from "./testing/workers.ts"

const WAIT = { timeout: 180_000, interval: 50 }

const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, WAIT)

const frames = (count: number, of = "frame") =>
  Array.from({ length: count }, (_, index) => elementCreated({ key: `shots/${of}.${index}.exr` }))

async function installation(partitions: number) {
  const servers: Servers = await sharedServices("kafka", "registry")
  const prefix = await freshInstallation(servers, "group", partitions)
  const options = optionsFor(servers, prefix)
  const log = unwrap(await openKafkaLog(options))
  onTestFinished(() => log.close())
  return { servers, prefix, options, log }
}

const finishedBy = (...workers: readonly Worker[]): readonly string[] =>
  workers.flatMap(({ finished }) => finished).toSorted()

it("shares partitions between two members, each record at one of them", async () => {
  const { options, log } = await installation(4)
  const [one, other] = [await startWorker(options), await startWorker(options)]
  await eventually(() => expect([one.held(), other.held()]).toEqual([2, 2]))
  await append(log, ...frames(80))
  await eventually(() => expect(finishedBy(one, other)).toHaveLength(80))
  expect(new Set(finishedBy(one, other)).size).toBe(80)
  expect(Math.min(one.finished.length, other.finished.length)).toBeGreaterThan(0)
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
})

it("keeps its partitions while a job runs far longer than the session, and delivers what lies behind", async () => {
  const { options, log } = await installation(1)
  const job = createGate()
  const isSlow = (key: string): boolean => key.includes("slow")
  await append(log, elementCreated({ key: "slow.exr" }))
  const worker = await startWorker(options, {
    work: async (delivery) => (isSlow(keyOf(delivery)) ? job.pass() : undefined),
  })
  await eventually(() => expect(worker.taken).toHaveLength(1))
  await append(log, ...frames(200))
  await eventually(() => expect(worker.finished).toHaveLength(200))
  await sleep(2 * (options.timing?.sessionTimeoutMs ?? 0) + 1_000)
  expect(worker.taken[0]?.lost.aborted).toBe(false)
  expect(await lagOf(log, "renderer")).toBe(201)
  job.open()
  await eventually(() => expect(worker.finished).toHaveLength(201))
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
  expect(worker.taken).toHaveLength(201)
})

it("leaves its work to a member that keeps its partition when another joins while all is paused", async () => {
  const { options, log } = await installation(2)
  await append(log, ...frames(1_500))
  const jobs = createGate()
  // The credits are out, far more is fetched, every partition is paused.
  const one = await startWorker(options, { credits: 4, work: jobs.pass })
  await eventually(() => expect(one.taken).toHaveLength(4))
  const other = await startWorker(options, { credits: 50 })
  await eventually(() => expect([one.held(), other.held()]).toEqual([1, 1]))
  const kept = one.taken.filter(({ lost }) => !lost.aborted)
  const lost = one.taken.filter(({ lost: { aborted } }) => aborted)
  expect(new Set(kept.map(({ at }) => at.partition)).size).toBe(1)
  for (const delivery of lost) {
    expect(await delivery.acknowledge([proxyMade()])).toMatchObject({ failure: { code: "log/lost-ownership" } })
  }
  jobs.open()
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
  expect(new Set(finishedBy(one, other)).size).toBe(1_500)
  expect(await readAll(log, "proxy-made")).toEqual([])
})

it("delivers to the others what a killed process had not finished, and nothing that it had", async () => {
  const { options, log } = await installation(4)
  const { clock: _, ...order } = options
  const child = fork(`${import.meta.dirname}/testing/member.ts`, [JSON.stringify(order)], { stdio: "ignore" })
  onTestFinished(() => void child.kill("SIGKILL"))
  const taken = new Set<string>()
  child.on("message", (key) => taken.add(String(key)))
  await append(log, ...frames(20), ...frames(5, "slow"))
  await eventually(() => expect(taken.size).toBe(25))
  // Each partition waits at its first unfinished frame; the rest is done and committed, as far as it lies before.
  await eventually(async () => expect(new Set((await readAll(log, "proxy-made")).map(keyOf)).size).toBe(20))
  child.kill("SIGKILL")
  const worker = await startWorker(options, { facts: (delivery) => [proxyMade({ key: keyOf(delivery) })] })
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
  const made = (await readAll(log, "proxy-made")).map(keyOf)
  expect(new Set(made)).toEqual(new Set([...frames(20), ...frames(5, "slow")].map(({ value }) => value.element.key)))
  expect(worker.taken.map(keyOf).filter((key) => key.includes("slow"))).toHaveLength(5)
})

it("keeps the order of each key, over members that come and go", async () => {
  const { options, log } = await installation(3)
  const seen = new Map<string, number[]>()
  const note = async ({ content }: Worker["taken"][number]): Promise<void> => {
    if (!("fact" in content)) return
    const { key, attempt } = elementOf(content.fact)
    seen.set(key, [...(seen.get(key) ?? []), attempt])
  }
  const one = await startWorker(options, { work: note })
  for (let attempt = 0; attempt < 30; attempt++) {
    await append(log, ...["a", "b", "c", "d"].map((key) => elementCreated({ key: `${key}.exr`, attempt })))
    if (attempt === 10) await startWorker(options, { work: note })
    if (attempt === 20) await one.stop()
  }
  await eventually(async () => expect(await lagOf(log, "renderer")).toBe(0))
  // A hand-over may repeat what was not committed; leaving the repeats out, each key is in order and without a gap.
  for (const attempts of seen.values()) {
    expect([...new Set(attempts)]).toEqual(Array.from({ length: 30 }, (_, attempt) => attempt))
  }
})

it("keeps one projector at work, whoever joins, and lets a standby take over when it leaves", async () => {
  const { options, log } = await installation(4)
  const of = { group: "projector", topic: "proxy-made" } as const
  const first = await startWorker(options, of)
  await append(log, ...made(0, 40))
  await eventually(() => expect(first.finished).toHaveLength(40))
  const standby = await startWorker(options, of)
  await eventually(() => expect(standby.events.some(({ kind }) => kind === "joined")).toBe(true))
  expect([first.held(), standby.held()]).toEqual([4, 0])
  await append(log, ...made(40, 80))
  await eventually(() => expect(first.finished).toHaveLength(80))
  expect(standby.taken).toEqual([])
  await first.stop()
  await append(log, ...made(80, 120))
  await eventually(() => expect(standby.finished).toHaveLength(40))
  expect(new Set(standby.finished).size).toBe(40)
})

const made = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, index) => proxyMade({ key: `shots/${from + index}.exr` }))
