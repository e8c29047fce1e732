import { expect, it } from "vitest"
import { elementCreated } from "../../events/testing/facts.ts"
import { acknowledge, append, consume, keyOf, keysOf, lagOf, type Suite } from "./harness.ts"

const lookAhead = 1000

const framesOf = (folder: string, count: number) =>
  Array.from({ length: count }, (_, at) => elementCreated({ key: `${folder}/${String(at).padStart(4, "0")}.exr` }))

export function settingAsideCases({ open, limits }: Suite): void {
  it("lets others go on while a folder waits: its deliveries hold no credits, and no more of it come", async () => {
    const { log } = await open()
    await append(log, ...framesOf("shut", 30), ...framesOf("open", 30))
    const consumer = consume(log, { credits: 4, lookAhead })
    const aside: (() => void)[] = []
    const opened: string[] = []
    while (opened.length < 30) {
      const delivery = await consumer.next()
      if (keyOf(delivery).startsWith("shut/")) aside.push(delivery.setAside())
      else {
        opened.push(keyOf(delivery))
        await acknowledge(delivery)
      }
    }
    expect(aside.length).toBeLessThanOrEqual(4)
    await consumer.staysQuiet(limits.quietMs)
    expect(await lagOf(log, "renderer")).toBeGreaterThanOrEqual(30)
    for (const takeUp of aside) takeUp()
    for (const takeUp of aside) takeUp()
  })

  it("goes on with a folder that waited, in its order, and counts the credits again", async () => {
    const { log } = await open()
    await append(log, ...framesOf("shut", 8))
    const consumer = consume(log, { credits: 2, lookAhead })
    const first = await consumer.take(2)
    const takeUps = first.map((delivery) => delivery.setAside())
    await consumer.staysQuiet(limits.quietMs)
    for (const takeUp of takeUps) takeUp()
    await consumer.staysQuiet(limits.quietMs)
    for (const delivery of first) await acknowledge(delivery)
    const delivered = keysOf(first)
    while (delivered.length < 8) {
      const delivery = await consumer.next()
      delivered.push(keyOf(delivery))
      await acknowledge(delivery)
    }
    expect(delivered).toEqual(framesOf("shut", 8).map(({ value }) => value.element.key))
  })
}
