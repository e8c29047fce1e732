import { afterEach, describe, expect, it } from "vitest"
import { folderOf } from "../../src/element/key.ts"
import { type Fact, subjectOf } from "../../src/events/fact.ts"
import type { ProxyMade } from "../../src/events/records.generated.ts"
import { done, failed, failure } from "../../src/events/result.ts"
import { failureDismissed, removalReported } from "../../src/events/testing/facts.ts"
import { type Driver, drive } from "../../test/driver/index.ts"
import type { FlowPorts } from "../ports.ts"
import { runGroup } from "./run-group.ts"
import { chain, type FactGroup, type Step } from "./step.ts"

/** A proxy in its folder, as this group sees it. */
type Seen = { readonly kind: "frame" | "plate"; readonly folder: string; readonly made: ProxyMade }

type Ledger = { readonly order: string[] }

/** Takes a virtual minute, and asks about the folder: a fact of another key than the one that it is about. */
const askAboutFolder: Step<Seen, Seen, FlowPorts & Ledger> = {
  name: "ask-about-folder",
  says: "asks whether the folder is still there",
  appends: ["removal-reported"],
  run: async (state, { clock, order }, { signal }) => {
    const { folder, made } = state
    order.push(`begins ${made.element.key}`)
    await clock.sleep(60_000, signal)
    order.push(`ends ${made.element.key}`)
    const asked = removalReported({ key: `${folder}all.txt` }).value
    return done({ state, facts: [{ topic: "removal-reported", about: [made.factId], value: asked }] })
  },
}

const refusePlate: Step<Seen, Seen, FlowPorts> = {
  name: "refuse-plate",
  says: "wants no plates",
  run: () => Promise.resolve(failed(failure("source/unsupported-type", "A plate is no frame."))),
}

const closeFolder: Step<Seen, Seen, FlowPorts> = {
  name: "close-folder",
  says: "is done",
  run: (state) => Promise.resolve(done({ state })),
}

/** A group of facts that are no arrivals: proxies, in the order of their folders. */
const FOLDERS: FactGroup<Seen, FlowPorts, Ledger> = {
  name: "folders",
  group: "folders",
  consumes: ["proxy-made", "element-removed"],
  stages: chain<Seen, FlowPorts & Ledger>()
    .fork("kind", {
      frame: (frames) => frames.through(askAboutFolder),
      plate: (plates) => plates.through(refusePlate),
    })
    .through(closeFolder).stages,
  remember: () => ({ order: [] }),
  keyOf: (fact: Fact) => folderOf(subjectOf(fact).key),
  begin: (fact) => {
    if (fact.topic !== "proxy-made") return null
    const { key } = fact.value.element
    return { kind: key.includes("plate") ? "plate" : "frame", folder: folderOf(key), made: fact.value }
  },
  subjectOf: ({ folder, made }) => ({ bucket: made.element.bucket, key: folder }),
  failsTo: "failure-dismissed",
  failed: ({ made }, { step }) => ({
    topic: "failure-dismissed",
    about: [made.factId, step],
    value: { ...failureDismissed({ key: made.element.key }).value, dismissedBy: step },
  }),
  withLess: (state) => state,
  closingStep: closeFolder.name,
}

let driver: Driver
afterEach(() => driver.close())

async function proxiesOf(...keys: readonly string[]): Promise<{ readonly order: readonly string[] }> {
  const ledger: Ledger = { order: [] }
  const besides = { ...FOLDERS, remember: () => ledger }
  driver = await drive({ besides: [(ports, stopping) => runGroup(besides, ports, stopping)] })
  for (const key of keys) {
    await driver.puts(key, `frame ${key}`)
    await driver.arrives({ key })
  }
  return ledger
}

describe("a group of facts that are no arrivals", () => {
  it("works on those of one key of its own one after the other, and on other keys meanwhile", async () => {
    const { order } = await proxiesOf("sh010/a.exr", "sh010/b.exr", "sh020/c.exr")
    expect(order).toEqual(["begins sh010/a.exr", "begins sh020/c.exr"])
    await driver.passes(60_000)
    expect(order).toContain("begins sh010/b.exr")
    expect(order.indexOf("begins sh010/b.exr")).toBeGreaterThan(order.indexOf("ends sh010/a.exr"))
    expect(await driver.lag("folders")).toBe(2)
    await driver.passes(60_000)
    expect(await driver.lag("folders")).toBe(0)
  })

  it("appends facts of other keys, which name the fact that caused them", async () => {
    await proxiesOf("sh010/a.exr")
    const [made] = await driver.facts("proxy-made")
    await driver.passes(60_000)
    const [asked, ...more] = await driver.facts("removal-reported")
    expect(more).toEqual([])
    expect(asked).toMatchObject({ causationId: made?.factId, element: { key: "sh010/all.txt" } })
    expect(asked?.recordedAtMs).toBeGreaterThan(made?.recordedAtMs ?? Number.POSITIVE_INFINITY)
  })

  it("tells of a failure by a fact of its own, and goes on", async () => {
    await proxiesOf("sh010/plate.exr", "sh010/a.exr")
    expect(await driver.facts("failure-dismissed")).toMatchObject([
      { dismissedBy: "refuse-plate", element: { key: "sh010/plate.exr" } },
    ])
    expect(driver.observed).toContainEqual(
      expect.objectContaining({ kind: "failed", step: "refuse-plate", bucket: "show", key: "sh010/" }),
    )
    await driver.passes(60_000)
    expect(await driver.facts("removal-reported")).toHaveLength(1)
    expect(await driver.lag("folders")).toBe(0)
  })

  it("counts a fact that it has nothing to do with as done", async () => {
    await proxiesOf("sh010/plate.exr")
    await driver.log.append([removalReported({ key: "gone.exr" })])
    await driver.passes(1_000)
    expect(await driver.facts("element-removed")).toHaveLength(1)
    expect(await driver.lag("folders")).toBe(0)
  })
})
