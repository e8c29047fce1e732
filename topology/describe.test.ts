import { describe, expect, it } from "vitest"
import { describeAsMermaid, describeAsText, stepsOf, type TopologyGraph } from "./describe.ts"
import { chain, type Step } from "./flow/step.ts"
import {
  ASSEMBLER,
  BACKFILL,
  HINTS,
  INSPECTOR,
  METADATA_PROJECTOR,
  PROJECTOR,
  REGROUP,
  REMOVALS,
  RENDERER,
  REVIEWER,
  SEQUENCER,
  TOPOLOGIES,
} from "./graph.ts"
import { INSPECTION_STAGES } from "./inspect/inspect-source.ts"
import { SEQUENCE_STEPS } from "./sequence/assemble.ts"

const namesOf = ({ stages }: TopologyGraph): readonly string[] => stepsOf(stages).map(({ name }) => name)
const appendedBy = ({ stages }: TopologyGraph): readonly string[] =>
  stepsOf(stages).flatMap(({ appends = [] }) => appends)

describe("the graph is data before it runs", () => {
  it("goes from arrival to proxy, fact by fact, whether the outputs are current or have to be made", () => {
    const [located, fork, published] = RENDERER.stages
    expect([located, published]).toMatchObject([{ name: "locate-source" }, { name: "publish-outputs" }])
    if (fork === undefined || !("branches" in fork)) throw new Error("the renderer has no fork")
    for (const branch of Object.values(fork.branches)) {
      expect(stepsOf(branch).flatMap(({ appends = [] }) => appends)).toEqual(["source-fetched", "colorspace-detected"])
    }
    expect(published).toMatchObject({ appends: ["thumbnail-made", "proxy-made"], isClosing: true })
  })

  it("has no fact that fails without a way out, and merges before it notifies", () => {
    expect(RENDERER.failsTo).toBe("element-failed")
    expect(namesOf(PROJECTOR)).toEqual(["merge-rows", "notify"])
    expect(PROJECTOR.consumes).toContain(RENDERER.failsTo)
  })

  it("takes what a listing found the same way, as another group on a topic of its own", () => {
    expect(BACKFILL.stages).toBe(RENDERER.stages)
    expect(BACKFILL.group).not.toBe(RENDERER.group)
    expect(BACKFILL.consumes).toEqual(["element-created-backfill"])
    for (const topic of BACKFILL.consumes) expect(PROJECTOR.consumes).toContain(topic)
  })

  it("reads headers in a second branch, whose rows have a projector of their own", () => {
    expect(INSPECTOR.consumes).toEqual([...RENDERER.consumes, ...BACKFILL.consumes])
    expect(appendedBy(INSPECTOR)).toEqual(["source-inspected"])
    expect(new Set(namesOf(INSPECTOR))).toEqual(INSPECTION_STAGES)
    expect(METADATA_PROJECTOR.consumes).toEqual(["source-inspected"])
    expect(PROJECTOR.consumes).not.toContain("source-inspected")
    const groups = TOPOLOGIES.flatMap(({ group }) => group ?? [])
    expect(new Set(groups).size).toBe(groups.length)
  })

  it("gathers frames into sequences, settles them and makes their movies, each in a group of its own", () => {
    expect(appendedBy(REGROUP)).toEqual(["sequence-frame", "hint-reported"])
    expect([HINTS.consumes, appendedBy(HINTS)]).toEqual([["hint-reported"], ["sequence-stated"]])
    expect(REGROUP.consumes).toEqual(PROJECTOR.consumes.slice(0, 5))
    expect([SEQUENCER.consumes, appendedBy(SEQUENCER)]).toEqual([["sequence-frame"], ["sequence-settled"]])
    expect([ASSEMBLER.consumes, appendedBy(ASSEMBLER), ASSEMBLER.failsTo]).toEqual([
      ["sequence-settled"],
      ["movie-made", "element-created"],
      "movie-made",
    ])
    expect([REVIEWER.consumes, appendedBy(REVIEWER), REVIEWER.failsTo]).toEqual([
      ["movie-made"],
      ["review-made"],
      "review-made",
    ])
    const steps = [...namesOf(REGROUP), ...namesOf(HINTS), SEQUENCER.name, ...namesOf(ASSEMBLER), ...namesOf(REVIEWER)]
    expect(new Set(steps)).toEqual(SEQUENCE_STEPS)
  })

  it("believes no report of a removal before a group of its own has looked", () => {
    expect(REMOVALS.consumes).toEqual(["removal-reported"])
    expect(appendedBy(REMOVALS)).toContain("element-removed")
    expect(PROJECTOR.consumes).toContain("element-removed")
    expect(PROJECTOR.consumes).not.toContain("removal-reported")
  })

  it("begins with what comes in from outside, and ends in no topic that nobody wrote", () => {
    const appended = new Set(TOPOLOGIES.flatMap((graph) => [...appendedBy(graph), graph.failsTo ?? []].flat()))
    for (const { isOutside, consumes } of TOPOLOGIES) {
      if (isOutside) continue
      for (const topic of consumes) expect([...appended, "failure-dismissed"]).toContain(topic)
    }
    expect(describeAsText(TOPOLOGIES)).toMatch(
      /^ingest \(consumer group ingest\)\n {2}consumes .*\n {4}take-in .*--> element-created, removal-reported, hint-reported, dead-letter\n/,
    )
  })

  it("is told as text, every step with what it appends and what it waits for", () => {
    const text = describeAsText(TOPOLOGIES)
    for (const name of TOPOLOGIES.flatMap(namesOf)) expect(text).toContain(name)
    expect(text).toMatch(/outputs current:\n +recall-outputs .*--> source-fetched, colorspace-detected\n/)
    expect(text).toMatch(/outputs outdated:\n +fetch-source .*at most sourcesHeld at once, until acknowledged/)
    expect(text).toMatch(/publish-outputs .*--> thumbnail-made, proxy-made/)
    expect(text).toMatch(/a step that gives up +--> element-failed/)
    expect(text).toMatch(/merge-rows .*--> elements, proxy_outputs/)
  })

  it("is drawn as a Mermaid flowchart", () => {
    const chart = describeAsMermaid(TOPOLOGIES)
    expect(chart).toMatch(/^flowchart LR\n/)
    expect(chart).toContain("element_created([element-created]) --> renderer_locate_source")
    expect(chart).toContain("renderer_locate_source -- outputs current --> renderer_recall_outputs")
    expect(chart).toContain("renderer_reuse_outputs -- picture copied --> renderer_describe_source")
    expect(chart).toContain("renderer_recall_outputs --> renderer_publish_outputs")
    expect(chart).toContain("renderer_publish_outputs --> proxy_made([proxy-made])")
  })

  it("is told anew when a step changes, since what is told is what runs", () => {
    type Counted = { readonly count: number }
    const count: Step<Counted, Counted, object> = {
      name: "count-one",
      says: "adds one",
      appends: ["source-inspected"],
      run: (state) => Promise.resolve({ ok: true, value: { state: { count: state.count + 1 } } }),
    }
    const told = (step: Step<Counted, Counted, object>): string =>
      describeAsText([{ ...INSPECTOR, stages: chain<Counted, object>().through(step).stages }])
    const before = told(count)
    expect(before).toMatch(/count-one {2}adds one {2}--> source-inspected\n/)
    const changed = told({ ...count, appends: ["proxy-made"], needs: { permit: "rendersInFlight", until: "step" } })
    expect(changed).toMatch(/count-one {2}adds one \(at most rendersInFlight at once\) {2}--> proxy-made\n/)
  })
})
