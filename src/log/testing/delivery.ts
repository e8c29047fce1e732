import { expect, it } from "vitest"
import { elementCreated, elementFailed, proxyMade } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { acknowledge, append, consume, keyOf, keysOf, lagOf, readAll, type Suite } from "./harness.ts"

const frames = (count: number) => Array.from({ length: count }, (_, index) => elementCreated({ key: `a/${index}.exr` }))
const names = (count: number) => frames(count).map(({ value }) => value.element.key)

export function deliveryCases({ open, limits }: Suite): void {
  it("delivers what was appended, from the earliest record, in order", async () => {
    const { log } = await open()
    await append(log, ...frames(3))
    const consumer = consume(log)
    expect(keysOf(await consumer.take(3))).toEqual(names(3))
  })

  it("delivers what is appended while it waits", async () => {
    const { log } = await open()
    const consumer = consume(log)
    const waiting = consumer.next()
    await append(log, elementCreated({ key: "late.exr" }))
    expect(keyOf(await waiting)).toBe("late.exr")
  })

  it("keeps the order of one key across many appends", async () => {
    const { log } = await open()
    const again = Array.from({ length: 40 }, (_, attempt) => elementCreated({ key: "one.exr", attempt }))
    for (let from = 0; from < 40; from += 8) await append(log, ...again.slice(from, from + 8))
    const records = await consume(log).take(40)
    expect(records.map(({ content }) => ("fact" in content ? elementOf(content.fact).attempt : null))).toEqual(
      again.map(({ value }) => value.element.attempt),
    )
  })

  it("delivers several topics to one reader, none starving another", async () => {
    const { log } = await open()
    await append(log, ...frames(50), proxyMade(), elementFailed())
    const records = await consume(log, {
      topics: ["element-created", "proxy-made", "element-failed"],
      credits: 20,
    }).take(20)
    expect(new Set(records.map(({ at }) => at.topic)).size).toBe(3)
  })

  it("never has more deliveries out than credits, and goes on as they return", async () => {
    const { log } = await open()
    await append(log, ...frames(6))
    const consumer = consume(log, { credits: 2 })
    const [first] = await consumer.take(2)
    await consumer.staysQuiet(limits.quietMs)
    await acknowledge(first)
    expect(keyOf(await consumer.next())).toBe("a/2.exr")
    await consumer.staysQuiet(limits.quietMs)
  })

  it("serves groups independently", async () => {
    const { log } = await open()
    await append(log, ...frames(2))
    const [one] = await consume(log, { group: "renderer" }).take(2)
    unwrap((await one?.acknowledge().then((result) => result)) ?? (await log.append([])))
    const other = await consume(log, { group: "inspector" }).take(2)
    expect(keysOf(other)).toEqual(names(2))
    expect([await lagOf(log, "renderer"), await lagOf(log, "inspector")]).toEqual([1, 2])
  })
}

export function fairnessCases({ open }: Suite): void {
  const lookAhead = 1000
  const framesOf = (folder: string, count: number) =>
    Array.from({ length: count }, (_, at) => elementCreated({ key: `${folder}/${String(at).padStart(4, "0")}.exr` }))

  it("lets folders take turns: ten frames of one do not wait for hundreds of another", async () => {
    const { log } = await open()
    await append(log, ...framesOf("large", 400), ...framesOf("small", 10))
    const consumer = consume(log, { credits: 20, lookAhead })
    const delivered: string[] = []
    while (delivered.filter((key) => key.startsWith("small/")).length < 10) {
      const delivery = await consumer.next()
      delivered.push(keyOf(delivery))
      await acknowledge(delivery)
    }
    expect(delivered.length).toBeLessThan(200)
    expect(await lagOf(log, "renderer")).toBeGreaterThan(200)
  })

  it("keeps the order of each key, and delivers everything once, while folders take turns", async () => {
    const { log } = await open()
    const attempts = Array.from({ length: 30 }, (_, attempt) =>
      ["a/1.exr", "a/2.exr", "b/1.exr"].map((key) => elementCreated({ key, attempt })),
    ).flat()
    await append(log, ...attempts)
    const records = await consume(log, { lookAhead }).take(attempts.length)
    for (const key of ["a/1.exr", "a/2.exr", "b/1.exr"]) {
      const order = records.flatMap((record) =>
        keyOf(record) === key && "fact" in record.content ? [elementOf(record.content.fact).attempt] : [],
      )
      expect(order).toEqual(Array.from({ length: 30 }, (_, attempt) => attempt))
    }
  })

  it("moves the offset up to the first record that is not done, whatever was done ahead of it, and loses none", async () => {
    const opened = await open()
    await append(opened.log, ...framesOf("large", 30), ...framesOf("small", 3))
    const all = await consume(opened.log, { lookAhead }).take(33)
    for (const delivery of all) if (keyOf(delivery) !== "large/0000.exr") await acknowledge(delivery)
    const again = await consume(await opened.reopen(), { lookAhead }).take(1)
    expect(keysOf(again)).toContain("large/0000.exr")
  })
}

export function acknowledgeCases({ open }: Suite): void {
  it("moves the group to the first record that is not done", async () => {
    const { log } = await open()
    await append(log, ...frames(4))
    const [a, b, c] = await consume(log).take(4)
    await acknowledge(b)
    await acknowledge(c)
    expect(await lagOf(log, "renderer")).toBe(4)
    await acknowledge(a)
    expect(await lagOf(log, "renderer")).toBe(1)
  })

  it("delivers again what was not acknowledged when the process died", async () => {
    const opened = await open()
    await append(opened.log, ...frames(4))
    const [first, second] = await consume(opened.log).take(4)
    await acknowledge(first)
    await acknowledge(second)
    const records = await consume(await opened.reopen()).take(2)
    expect(keysOf(records)).toEqual(["a/2.exr", "a/3.exr"])
  })

  it("delivers again from the first gap", async () => {
    const opened = await open()
    await append(opened.log, ...frames(3))
    const [, second] = await consume(opened.log).take(3)
    await acknowledge(second)
    expect(keysOf(await consume(await opened.reopen()).take(3))).toEqual(names(3))
  })

  it("appends the facts of an acknowledgement, in order, for all to see", async () => {
    const opened = await open()
    await append(opened.log, elementCreated())
    const delivery = await consume(opened.log).next()
    const facts = [proxyMade({}, { recipe: 1 }), proxyMade({}, { recipe: 2 }), elementFailed()]
    unwrap(await delivery.acknowledge(facts))
    const log = await opened.reopen()
    const made = await readAll(log, "proxy-made")
    expect(made.map(({ content }) => content)).toEqual(facts.slice(0, 2).map((fact) => ({ fact })))
    expect(await readAll(log, "element-failed")).toHaveLength(1)
    expect(await lagOf(log, "renderer")).toBe(0)
  })

  it("takes a repeated acknowledgement for one", async () => {
    const { log } = await open()
    await append(log, elementCreated())
    const delivery = await consume(log).next()
    await Promise.all([delivery.acknowledge([proxyMade()]), delivery.acknowledge([proxyMade()])])
    unwrap(await delivery.acknowledge([proxyMade()]))
    expect(await readAll(log, "proxy-made")).toHaveLength(1)
  })
}

export function misfitCases({ open }: Suite): void {
  it("refuses a fact that does not fit its schema, naming the field, writes nothing of its batch, and goes on", async () => {
    const { log } = await open()
    const misfit = elementCreated({ sizeBytes: 2 ** 53 })
    const refused = { ok: false, failure: { code: "log/unencodable", says: expect.stringContaining("sizeBytes") } }
    expect(await log.append([elementCreated({ key: "a.exr" }), misfit])).toMatchObject(refused)
    expect(await log.append([elementCreated({ key: 7 as unknown as string })])).toMatchObject({ ok: false })
    await append(log, elementCreated())
    const delivery = await consume(log).next()
    expect(await delivery.acknowledge([proxyMade(), misfit])).toMatchObject(refused)
    unwrap(await delivery.acknowledge([proxyMade()]))
    expect(
      [await readAll(log, "element-created"), await readAll(log, "proxy-made")].map(({ length }) => length),
    ).toEqual([1, 1])
  })
}

export function stopCases({ open, limits }: Suite): void {
  it("ends at stop, and still takes acknowledgements of what is out", async () => {
    const { log } = await open()
    await append(log, ...frames(3))
    const consumer = consume(log, { credits: 1 })
    const delivery = await consumer.next()
    expect(await consumer.stops()).toEqual([])
    unwrap(await delivery.acknowledge([proxyMade()]))
    expect([await lagOf(log, "renderer"), (await readAll(log, "proxy-made")).length]).toEqual([2, 1])
  })

  it("ends at once when it was stopped before it began", async () => {
    const { log } = await open()
    await append(log, ...frames(1))
    const answer = await consume(log, { stop: AbortSignal.abort() }).raw()
    expect(answer.done).toBe(true)
  })

  it("ends its readers when it is closed", async () => {
    const { log } = await open()
    const consumer = consume(log)
    await consumer.staysQuiet(limits.quietMs)
    await log.close()
    expect((await consumer.raw()).done).toBe(true)
  })
}
