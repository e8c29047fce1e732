import { describe, expect, it, onTestFinished } from "vitest"
import type { Failure } from "../events/result.ts"
import { elementOf } from "../events/testing/sequence-facts.ts"
import type { EventLog } from "../log/index.ts"
import { readAll } from "../log/testing/harness.ts"
import { BUCKET, FORMS, type Form } from "./testing/messages.ts"

type News = { readonly is: "created" | "removed"; readonly key: string }

/** One intake and the log that it appends to, for one test. */
export type IntakeUnderTest = {
  readonly log: EventLog
  /** Runs the intake, as a process of its own would; gives what stops it and tells how it ended. */
  run(): Promise<() => Promise<Failure | null>>
  /**
   * Brings news of a frame in {@link BUCKET}; the form is for intakes that take messages. False where the sender is
   * refused.
   */
  brings(news: News, form: Form): Promise<boolean>
  /** Brings what nobody can read; null where only objects come. */
  readonly bringsUnreadable: (() => Promise<void>) | null
  /** The log is out of reach until the returned function is called. */
  breakDown(): () => void
  dispose(): Promise<void>
}

/** Where intakes differ. Each is tested as declared, and printed in the suite's name. */
export type IntakeLimits = {
  /** Whether it is told of frames, in any form, or finds them. */
  readonly takes: "messages" | "objects"
  /** Who brings again what could not be taken in: the intake itself, or the sender, who is told so. */
  readonly bringsAgain: "the intake" | "the sender"
}

const anyForm = FORMS[0] as Form

/** What every intake promises: the whole suite runs against each, each test on an intake of its own. */
export function intakeContract(name: string, open: () => Promise<IntakeUnderTest>, limits: IntakeLimits): void {
  const isToldAgain = limits.bringsAgain === "the sender"
  const opened = async () => {
    const intake = await open()
    onTestFinished(() => intake.dispose())
    return intake
  }

  describe(`intake: ${name} (takes ${limits.takes}; ${limits.bringsAgain} brings again what was not taken in)`, () => {
    it("makes the same facts of the same news, whatever form they come in", async () => {
      const intake = await opened()
      await intake.run()
      const forms = limits.takes === "messages" ? FORMS : [anyForm]
      const keyOf = (form: Form): string => `sh010/${form.name.replaceAll(" ", "-")}.0001.exr`
      for (const form of forms) await intake.brings({ is: "created", key: keyOf(form) }, form)
      await eventually(async () => (await arrivals(intake)).length, forms.length)
      for (const form of forms) await intake.brings({ is: "removed", key: keyOf(form) }, form)
      await eventually(async () => (await removals(intake)).length, forms.length)
      const said = { bucket: BUCKET, keyAlternative: null, force: false, attempt: 0 }
      const nobodys = { assetId: null, jobId: null, projectId: null, shotId: null, traceparent: null, tracestate: null }
      const wanted = forms.map((form) => ({ key: keyOf(form), ...said, ...nobodys }))
      expect(await arrivals(intake)).toMatchObject(wanted)
      expect(await removals(intake)).toMatchObject(wanted)
    })

    it("gives news that come again the same ids", async () => {
      const intake = await opened()
      const news = { is: "created", key: "a.0001.exr" } as const
      const stop = await intake.run()
      await intake.brings(news, anyForm)
      await eventually(async () => (await facts(intake, "created")).length > 0, true)
      expect(await stop()).toBeNull()
      const before = (await facts(intake, "created")).length
      await intake.run()
      // A listing finds again by itself what no table knows of yet.
      if (limits.takes === "messages") await intake.brings(news, anyForm)
      await eventually(async () => (await facts(intake, "created")).length > before, true)
      expect(await arrivals(intake)).toHaveLength(1)
    })

    it("passes over what lies below a .proxies segment", async () => {
      const intake = await opened()
      await intake.run()
      for (const key of ["a/.proxies/a.0001.exr", ".proxies/b.exr", "b.0001.exr"])
        await intake.brings({ is: "created", key }, anyForm)
      await eventually(async () => (await arrivals(intake)).map(({ key }) => key), ["b.0001.exr"])
    })

    it("is not stopped by what nobody can read", async () => {
      const intake = await opened()
      expect(intake.bringsUnreadable === null).toBe(limits.takes === "objects")
      const stop = await intake.run()
      await intake.bringsUnreadable?.()
      await intake.brings({ is: "created", key: "b.0001.exr" }, anyForm)
      await eventually(async () => (await arrivals(intake)).map(({ key }) => key), ["b.0001.exr"])
      expect(await readAll(intake.log, "dead-letter")).toHaveLength(limits.takes === "messages" ? 1 : 0)
      expect(await stop()).toBeNull()
    })

    it("loses nothing while the log is out of reach, and goes on afterwards", async () => {
      const intake = await opened()
      const stop = await intake.run()
      const news = { is: "created", key: "a.0001.exr" } as const
      const heal = intake.breakDown()
      expect(await intake.brings(news, anyForm)).toBe(!isToldAgain)
      heal()
      if (isToldAgain) expect(await intake.brings(news, anyForm)).toBe(true)
      await eventually(async () => (await arrivals(intake)).map(({ key }) => key), ["a.0001.exr"])
      expect(await stop()).toBeNull()
    })

    it("leaves nothing half taken when it is stopped: the rest comes to whoever runs next", async () => {
      const intake = await opened()
      const stop = await intake.run()
      const keys = Array.from({ length: 20 }, (_, frame) => `beauty.${String(frame).padStart(4, "0")}.exr`)
      const bring = (key: string) => intake.brings({ is: "created", key }, anyForm)
      const first = keys.slice(0, 15).map(bring)
      expect(await stop()).toBeNull()
      const sent = await Promise.all(first)
      const kept = (await arrivals(intake)).length
      const brought = [...sent, ...(await Promise.all(keys.slice(15).map(bring)))]
      expect((await arrivals(intake)).length).toBe(kept)
      await intake.run()
      for (const [index, key] of keys.entries()) if (!brought[index]) await bring(key)
      await eventually(async () => (await arrivals(intake)).map(({ key }) => key).sort(), keys)
    })
  })
}

const eventually = <T>(look: () => Promise<T>, wanted: T): Promise<void> =>
  expect.poll(look, { timeout: 180_000, interval: 50 }).toEqual(wanted)

const TOPICS = {
  created: ["element-created", "element-created-backfill"],
  removed: ["removal-reported"],
} as const

async function facts({ log }: IntakeUnderTest, news: News["is"]) {
  const records = (await Promise.all(TOPICS[news].map((topic) => readAll(log, topic)))).flat()
  return records.flatMap(({ content }) => ("fact" in content ? [elementOf(content.fact)] : []))
}

/** Each once, in the order in which they were first told. */
async function distinct(intake: IntakeUnderTest, news: News["is"]) {
  return [...new Map((await facts(intake, news)).map((element) => [element.elementId, element])).values()]
}

const arrivals = (intake: IntakeUnderTest) => distinct(intake, "created")
const removals = (intake: IntakeUnderTest) => distinct(intake, "removed")
