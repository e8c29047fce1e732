import fc from "fast-check"
import { afterEach, describe, expect, it } from "vitest"
import { createDecoder, currentSchemas, encodeFact } from "../src/events/codec.ts"
import { HOSTILE_NUMBERS, hostileFact } from "../src/events/testing/hostile-facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { elementOf } from "../src/events/testing/sequence-facts.ts"
import type { EventLog, StoredRecord } from "../src/log/index.ts"
import type { PictureEngine } from "../src/picture/index.ts"
import type { ObjectHead, ObjectStore } from "../src/store/index.ts"
import { project, unprojectable } from "../topology/project/project.ts"
import { type Driver, drive } from "./driver/index.ts"

const HOUR = 3_600_000
const GROUPS = ["renderer", "projector"] as const

let driver: Driver
afterEach(() => driver.close())

const lags = (): Promise<readonly number[]> => Promise.all(GROUPS.map((group) => driver.lag(group)))

async function deadLetters(): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = []
  for await (const letter of driver.log.read("dead-letter")) found.push(unwrap(letter))
  return found
}

/** A bad and a good frame arrive; both end, and the good one has its row. */
async function bothEnd(): Promise<void> {
  for (const key of ["bad.exr", "good.exr"]) {
    await driver.puts(key, key)
    await driver.arrives({ key })
  }
  await driver.passes(HOUR)
  expect((await driver.rows()).map((row) => row.s3_key)).toContain("good.exr")
  const ended = [...(await driver.facts("proxy-made")), ...(await driver.facts("element-failed"))]
  expect(ended.map(({ element }) => element.key).sort()).toEqual(["bad.exr", "good.exr"])
  expect(await lags()).toEqual([0, 0])
}

describe("a store that tells absurd numbers of one object", () => {
  const lying =
    (lie: Partial<ObjectHead>) =>
    (store: ObjectStore): ObjectStore => ({
      ...store,
      head: async (ref) => {
        const head = await store.head(ref)
        return head.ok && ref.key === "bad.exr" ? { ok: true, value: { ...head.value, ...lie } } : head
      },
    })

  it.each(HOSTILE_NUMBERS)("a size of %s costs that element, and no other", async (sizeBytes) => {
    driver = await drive({ store: lying({ sizeBytes }) })
    await bothEnd()
  })

  it.each(HOSTILE_NUMBERS)("a time of %s costs that element at most", async (lastModifiedMs) => {
    driver = await drive({ store: lying({ lastModifiedMs }) })
    await bothEnd()
  })
})

describe("a decoder that tells absurd numbers of one picture", () => {
  it.each(HOSTILE_NUMBERS)("%s in the closing fact costs that element at most", async (nonFiniteCount) => {
    driver = await drive()
    const { render } = driver.picture
    const telling: PictureEngine["render"] = async (order) => {
      const rendered = await render(order)
      return rendered.ok && driver.picture.rendered.at(-1) === "bad.exr"
        ? { ok: true, value: { ...rendered.value, nonFiniteCount, timingsMs: { decode: nonFiniteCount } } }
        : rendered
    }
    Object.assign(driver.picture, { render: telling })
    await bothEnd()
    const [failure] = await driver.facts("element-failed")
    if (failure !== undefined) expect(failure).toMatchObject({ code: "log/unencodable", stage: "acknowledge" })
  })
})

/** A log that hands out the arrival of bad.exr with a size that it would not write itself. */
const unwritable = (log: EventLog): EventLog => ({
  ...log,
  async *deliver(subscription) {
    for await (const delivery of log.deliver(subscription)) {
      const content = delivery.ok ? delivery.value.content : null
      const isBad = content !== null && "fact" in content && elementOf(content.fact).key === "bad.exr"
      if (isBad && delivery.ok) Object.assign(elementOf(content.fact), { sizeBytes: 2 ** 53 })
      yield delivery
    }
  },
})

describe("facts that other producers write", () => {
  const TOPICS = ["element-created", "proxy-made", "element-failed", "source-inspected"] as const
  const encodable = fc
    .constantFrom(...TOPICS)
    .chain((topic) => hostileFact(topic, { hostile: 3, misfit: 0 }))
    .filter((fact) => encodeFact(fact, 1).ok)
    // A log holds no half characters: what is compared is what its readers get.
    .map((fact) => {
      const decode = createDecoder(() => currentSchemas.get(fact.topic) ?? null)
      return unwrap(decode(fact.topic, unwrap(encodeFact(fact, 1))))
    })

  it("become rows that every table takes, or a reason", async () => {
    driver = await drive()
    const { table } = driver
    const property = fc.asyncProperty(encodable, async (fact) => {
      const says = unprojectable(fact)
      if (says === null) expect(await table.merge(project([fact]))).toEqual({ ok: true, value: undefined })
      else expect([project([fact]).elements, says.length > 0]).toEqual([[], true])
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it("are merged or kept as dead letters, and whoever comes after them is served", async () => {
    driver = await drive({ inspector: true })
    const facts = fc.sample(encodable, { numRuns: 400, seed: 7 })
    for (const fact of facts) unwrap(await driver.log.append([fact]))
    await driver.puts("good.exr", "a frame")
    await driver.arrives({ key: "good.exr" })
    await driver.passes(HOUR)
    expect((await driver.rows()).map((row) => row.s3_key)).toContain("good.exr")
    const misfits = facts.filter((fact) => unprojectable(fact) !== null)
    const letters = await deadLetters()
    expect(misfits.length).toBeGreaterThan(3)
    expect(letters).toHaveLength(misfits.length)
    for (const group of ["renderer", "projector", "inspector", "projector-metadata"] as const)
      expect([group, await driver.lag(group)]).toEqual([group, 0])
  })

  it("an arrival of which not even the failure can be told ends as a dead letter with its coordinates", async () => {
    driver = await drive({ log: unwritable })
    for (const key of ["bad.exr", "good.exr"]) {
      await driver.puts(key, key)
      await driver.arrives({ key })
    }
    await driver.passes(HOUR)
    expect((await driver.rows()).map((row) => row.s3_key)).toEqual(["good.exr"])
    const [letter] = await deadLetters()
    expect(letter?.content).toMatchObject({ deadLetter: { at: { topic: "element-created", partition: 0, offset: 0 } } })
    expect(await lags()).toEqual([0, 0])
  })
})
