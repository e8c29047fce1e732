import { describe, expect, it } from "vitest"
import { describeAsMermaid, describeAsText } from "./describe.ts"
import { BACKFILL, INSPECTOR, METADATA_PROJECTOR, PROJECTOR, REMOVALS, RENDERER, TOPOLOGIES } from "./graph.ts"
import { INSPECTION_STAGES } from "./inspect/inspect-source.ts"

describe("the graph is data before it runs", () => {
  it("goes from arrival to proxy, fact by fact", () => {
    expect(RENDERER.steps.flatMap(({ appends }) => appends ?? [])).toEqual([
      "source-fetched",
      "colorspace-detected",
      "thumbnail-made",
      "proxy-made",
    ])
  })

  it("has no fact that fails without a way out, and merges before it notifies", () => {
    expect(RENDERER.failsTo).toBe("element-failed")
    expect(PROJECTOR.steps.map(({ name }) => name)).toEqual(["merge-rows", "notify"])
    expect(PROJECTOR.consumes).toContain(RENDERER.failsTo)
  })

  it("takes what a listing found the same way, as another group on a topic of its own", () => {
    expect(BACKFILL.steps).toEqual(RENDERER.steps)
    expect(BACKFILL.group).not.toBe(RENDERER.group)
    expect(BACKFILL.consumes).toEqual(["element-created-backfill"])
    for (const topic of BACKFILL.consumes) expect(PROJECTOR.consumes).toContain(topic)
  })

  it("reads headers in a second branch, whose rows have a projector of their own", () => {
    expect(INSPECTOR.consumes).toEqual([...RENDERER.consumes, ...BACKFILL.consumes])
    expect(INSPECTOR.steps.flatMap(({ appends }) => appends ?? [])).toEqual(["source-inspected"])
    expect(new Set(INSPECTOR.steps.map(({ name }) => name))).toEqual(INSPECTION_STAGES)
    expect(METADATA_PROJECTOR.consumes).toEqual(["source-inspected"])
    expect(PROJECTOR.consumes).not.toContain("source-inspected")
    expect(new Set(TOPOLOGIES.map(({ group }) => group)).size).toBe(TOPOLOGIES.length)
  })

  it("believes no report of a removal before a group of its own has looked", () => {
    expect(REMOVALS.consumes).toEqual(["removal-reported"])
    expect(REMOVALS.steps.flatMap(({ appends }) => appends ?? [])).toEqual(["element-removed"])
    expect(PROJECTOR.consumes).toContain("element-removed")
    expect(PROJECTOR.consumes).not.toContain("removal-reported")
  })

  it("is told as text, every step with what it appends", () => {
    const text = describeAsText(TOPOLOGIES)
    for (const { name } of RENDERER.steps) expect(text).toContain(name)
    expect(text).toMatch(/make-proxy .*--> proxy-made/)
    expect(text).toContain("--> element-failed")
  })

  it("is drawn as a Mermaid flowchart", () => {
    const chart = describeAsMermaid(TOPOLOGIES)
    expect(chart).toMatch(/^flowchart LR\n/)
    expect(chart).toContain("element_created([element-created]) --> renderer_locate_source")
    expect(chart).toContain("renderer_make_proxy --> proxy_made([proxy-made])")
  })
})
