import { describe, expect, it } from "vitest"
import { elementCreated, elementFailed, proxyMade, removalReported } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import type { ReadOptions } from "../../log/index.ts"
import { elementRow } from "../../table/testing/rows.ts"
import { openTestServing } from "../testing/serving.ts"

const address = (key: string, more = ""): string =>
  `/api/v1/elements/facts?bucket=show&key=${encodeURIComponent(key)}${more}`

describe("the facts of a frame", () => {
  it("are those of all topics about it, and of nothing else, each cause before its effect", async () => {
    const { get, records } = await openTestServing()
    const key = "sh 010/beauty.0001.exr"
    const created = elementCreated({ bucket: "show", key, elementId: "one", arrivedAtMs: 5 })
    const made = proxyMade(
      { bucket: "show", key, elementId: "one" },
      { causationId: created.value.factId, timingsMs: { fetch: 10, render: 20 }, processingTimeSeconds: 0.03 },
    )
    const others = [
      elementCreated({ bucket: "show", key: "sh 010/beauty.0002.exr" }),
      elementFailed({ bucket: "show", key: "sh 010/beauty.0001.dpx" }),
    ]
    unwrap(await records.log.append([made, ...others, created]))
    // The machine that told of the arrival was slow to be heard.
    const { state } = records
    unwrap(
      await state.write("log", () =>
        state
          .sql("UPDATE record SET ts = ts + 500 WHERE v IS NOT NULL AND k = 'show/sh 010/beauty.0001' AND id % 2 = 1")
          .run(),
      ),
    )
    unwrap(await records.log.append([removalReported({ bucket: "show", key })]))
    const { status, body } = await get(address(key))
    expect(status).toBe(200)
    expect(body.facts.map(({ topic }: { topic: string }) => topic)).toEqual([
      "element-created",
      "proxy-made",
      "removal-reported",
    ])
    expect(body.facts[0]).toEqual({
      ...{ topic: "element-created", partition: 0, offset: 1, timestamp_ms: expect.any(Number) },
      fact: JSON.parse(JSON.stringify(created.value)),
    })
    expect(body.attempts).toMatchObject([
      {
        element_id: "one",
        outcome: "made",
        stages: [
          { name: "fetch", ms: 10 },
          { name: "render", ms: 20 },
        ],
      },
    ])
    expect(body.attempts[0].waited_ms).toBe(body.attempts[0].ended_at_ms - 5 - 30)
    expect(body).toMatchObject({ read: { since_ms: null, until_ms: null }, left_out: 0 })
  })

  it("tell of records that nobody can decode, and why", async () => {
    const { get, records } = await openTestServing()
    unwrap(await records.log.append([elementCreated({ bucket: "show", key: "a.exr" })]))
    const { state } = records
    unwrap(await state.write("log", () => state.sql("UPDATE record SET v = x'07' WHERE k = 'show/a'").run()))
    const { body } = await get(address("a.exr"))
    expect(body.facts).toMatchObject([
      { fact: null, undecodable: { code: "log/undecodable", says: expect.any(String) } },
    ])
  })

  it("come to an end where they are causes of each other", async () => {
    const { get, records } = await openTestServing()
    const of = { bucket: "show", key: "a.exr" }
    const one = elementCreated(of)
    const failing = elementFailed(of, { causationId: one.value.factId })
    const circle = { ...one, value: { ...one.value, causationId: failing.value.factId } }
    unwrap(await records.log.append([circle, failing]))
    expect((await get(address("a.exr"))).body.facts).toHaveLength(2)
  })

  it("are read on servers around the arrival that the row tells of", async () => {
    const asked: ReadOptions[] = []
    const row = elementRow({
      ...{ bucket: "show", key: "a.exr", state: "done", changed_at_ms: 9_000_000 },
      version_order: "000000000000001~000000000000002|000000008000000|000000|id|2",
    })
    const { get, merge, records } = await openTestServing({
      opened: (opened) => ({
        ...opened,
        folder: null,
        log: {
          ...opened.log,
          read: (topics, options = {}) => {
            asked.push(options)
            return opened.log.read(topics, options)
          },
        },
      }),
    })
    await merge({ elements: [row] })
    expect((await get(address("a.exr"))).body.read).toEqual({ since_ms: 7_940_000, until_ms: 12_600_000 })
    expect(asked).toEqual([{ key: "show/a", sinceMs: 7_940_000, untilMs: 12_600_000 }])
    expect((await get(address("a.exr", "&since_ms=5"))).body.read).toEqual({ since_ms: 5, until_ms: 12_600_000 })
    const unknown = await get(address("b.exr"))
    expect(unknown.body).toMatchObject({ facts: [], read: { until_ms: null } })
    unwrap(await records.log.append([elementCreated({ bucket: "show", key: "b.exr" })]))
    expect((await get(address("b.exr"))).body.facts).toHaveLength(1)
  })

  it("are asked for by bucket and key", async () => {
    const { get } = await openTestServing()
    expect(await get("/api/v1/elements/facts?bucket=show")).toMatchObject({ status: 400 })
  })
})
