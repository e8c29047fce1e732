import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Ended } from "../src/cli/testing/call.ts"
import { mirroredBelow } from "../src/element/output-places.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { type Message, messagesOf } from "../src/notify/messages.ts"
import { type Driver, drive } from "./driver/index.ts"
import { answers, call, factsOf, rowsOf } from "./machine/answers.ts"
import { type Frames, filesBelow, openFrames } from "./machine/frames.ts"

describe("outputs that go to another bucket", () => {
  let t: Driver
  afterEach(() => t.close())

  const A = "s3://out/proxies/show/sh010/.proxies/a_thumb.jpg"

  it("are there, and facts, row and messages say so", async () => {
    t = await drive({ outputsFor: mirroredBelow({ bucket: "out", prefix: "proxies/" }) })
    await t.puts("sh010/a.exr", "a")
    await t.arrives({ key: "sh010/a.exr" })
    const [made] = await t.facts("proxy-made")
    expect(made).toMatchObject({ thumbnail: { bucket: "out", key: "proxies/show/sh010/.proxies/a_thumb.jpg" } })
    expect(await t.rows()).toMatchObject([{ s3_bucket: "show", s3_key: "sh010/a.exr", thumbnail_s3_key: A }])
    const told = t.told.flatMap(messagesOf).map(({ value }: Message) => value)
    expect(told).toMatchObject([
      { thumbnail_uri: A },
      { data: { s3_bucket: "show", metadata: { thumbnail_uri: A, thumbnail_url: A } } },
    ])
    expect((await t.store.head({ bucket: "out", key: made?.proxy.key ?? "" })).ok).toBe(true)
    expect((await t.store.head({ bucket: "show", key: "sh010/.proxies/a_thumb.jpg" })).ok).toBe(false)
  })

  it("are current there: an arrival of the same version renders nothing", async () => {
    t = await drive({ outputsFor: mirroredBelow({ bucket: "out", prefix: "" }) })
    await t.puts("a.exr", "a")
    await t.arrives({ key: "a.exr", elementId: "one" })
    await t.arrives({ key: "a.exr", elementId: "two" })
    expect([t.picture.rendered, (await t.facts("proxy-made")).map(({ reused }) => reused)]).toEqual([
      ["a"],
      [false, true],
    ])
  })

  it("are copied from beside the source where they were made before", async () => {
    let place: { bucket: string; prefix: string } | null = null
    t = await drive({ outputsFor: (bucket) => mirroredBelow(place)(bucket) })
    await t.puts("a.exr", "a")
    await t.arrives({ key: "a.exr", elementId: "one" })
    place = { bucket: "out", prefix: "" }
    await t.arrives({ key: "a.exr", elementId: "two" })
    expect(t.picture.rendered).toEqual(["a"])
    expect((await t.rows())[0]?.thumbnail_s3_key).toBe("s3://out/show/.proxies/a_thumb.jpg")
  })

  it("make nothing a source that lies among them", async () => {
    t = await drive({ outputsFor: mirroredBelow({ bucket: "show", prefix: "out/" }) })
    await t.puts("out/show/sh010/a.exr", "a")
    await t.puts("outside/a.exr", "a")
    await t.arrives({ key: "out/show/sh010/a.exr" })
    await t.arrives({ key: "outside/a.exr" })
    expect((await t.facts("proxy-made")).map(({ element }) => element.key)).toEqual(["outside/a.exr"])
    expect(
      unwrap(await t.store.head({ bucket: "show", key: "out/show/outside/.proxies/a_proxy.mp4" })).sizeBytes,
    ).toBeGreaterThan(0)
    expect(await t.lag("renderer")).toBe(0)
  })
})

describe("run --outputs", { timeout: 120_000 }, () => {
  let frames: Frames
  beforeEach(() => {
    frames = openFrames({ "sh010/a.exr": "window", "sh020/a.exr": "shifted" })
  })
  afterEach(() => frames.remove())

  const SOURCES = ["sh010/a.exr", "sh020/a.exr"]
  const env = (): Readonly<Record<string, string>> => ({ XDG_STATE_HOME: frames.beside("states") })
  const calls = (...argv: readonly string[]): Promise<Ended> =>
    call(argv, { env: { PATH: process.env.PATH ?? "", ...env() } })
  const runs = (...flags: readonly string[]) =>
    calls("run", frames.dir, "--scratch", frames.beside("scratch"), ...flags)
  const state = (): string => {
    const states = join(frames.beside("states"), "oiio-proxy-generator")
    return join(states, readdirSync(states)[0] ?? "")
  }
  const where = () => ({ dir: frames.dir, state: state() })
  const outputsBelow = (folder: string): readonly string[] =>
    filesBelow(folder)
      .filter((key) => !key.includes(".object-metadata/") && !key.endsWith(".frames-folder.json"))
      .toSorted()
  const MIRRORED = ["sh010", "sh020"].flatMap((shot) =>
    ["a_proxy.mp4", "a_thumb.jpg"].map((file) => `show/${shot}/.proxies/${file}`),
  )

  it("writes nothing among the frames, mirrors them elsewhere, and remembers where", async () => {
    const proxies = frames.beside("proxies")
    const before = statSync(frames.path("sh010")).mtimeMs
    expect(await runs("--outputs", proxies)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("2 frames rendered"),
    })
    expect([filesBelow(frames.dir).toSorted(), readdirSync(frames.dir)]).toEqual([SOURCES, ["sh010", "sh020"]])
    expect(statSync(frames.path("sh010")).mtimeMs).toBe(before)
    expect(outputsBelow(proxies)).toEqual(MIRRORED)
    expect((await rowsOf(where())).map(({ thumbnail_s3_key: key }) => key)).toEqual([
      "s3://proxies/show/sh010/.proxies/a_thumb.jpg",
      "s3://proxies/show/sh020/.proxies/a_thumb.jpg",
    ])
    expect(await factsOf(where(), "proxy-made")).toMatchObject([{ proxy: { bucket: "proxies" } }, {}])
    expect(await runs()).toMatchObject({ code: 0, stderr: expect.stringContaining("2 frames up to date") })
    expect(filesBelow(frames.dir).toSorted()).toEqual(SOURCES)
    const sheet = frames.beside("sheet.html")
    expect((await calls("contact-sheet", frames.dir, "--out", sheet)).code).toBe(0)
    expect(readFileSync(sheet, "utf8")).toContain("proxies/show/sh010/.proxies/a_proxy.mp4")
    const [rebuilt] = await answers<object>(["rebuild", "--json", "--dir", frames.dir, "--state", state()])
    expect(rebuilt).toMatchObject({ missing: 0, different: 0 })
  })

  it("makes anew what somebody deleted there, and prunes there what lost its source", async () => {
    const proxies = frames.beside("proxies")
    await runs("--outputs", proxies)
    rmSync(join(proxies, "show/sh010/.proxies/a_thumb.jpg"))
    rmSync(frames.path("sh020/a.exr"))
    expect((await runs()).code).toBe(0)
    expect(outputsBelow(proxies)).toEqual(MIRRORED)
    const { code, stdout } = await calls("prune", frames.dir, "--yes")
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("s3://proxies/show/sh020/.proxies/a_proxy.mp4"),
    })
    expect(outputsBelow(proxies)).toEqual(MIRRORED.slice(0, 2))
  })

  it("into a folder among the frames takes no source from there", async () => {
    const inside = frames.path("proxies")
    frames.add("proxies/not-a-source.exr", "stretched")
    expect(await runs("--outputs", inside)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("2 frames rendered"),
    })
    expect(outputsBelow(inside)).toEqual(["not-a-source.exr", ...MIRRORED])
  })

  it("elsewhere than before copies what there is, and back beside the frames, too", async () => {
    await runs("--outputs", frames.beside("one"))
    const moved = await runs("--outputs", frames.beside("two"))
    expect(moved.stderr).not.toMatch(/[1-9]\d* frames? rendered/)
    expect(outputsBelow(frames.beside("two"))).toEqual(MIRRORED)
    expect((await runs("--outputs", frames.dir)).code).toBe(0)
    expect(existsSync(frames.path("sh010/.proxies/a_thumb.jpg"))).toBe(true)
    expect((await rowsOf(where())).map(({ thumbnail_s3_key: key }) => key)).toEqual([
      "sh010/.proxies/a_thumb.jpg",
      "sh020/.proxies/a_thumb.jpg",
    ])
  })

  it("that cannot be is refused before anything is done, and doctor says so", async () => {
    for (const outputs of [join(frames.dir, ".."), "s3://out/x", frames.beside("not/there")])
      expect(await runs("--outputs", outputs)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^(?:.*\n)?error: .*outputs/),
      })
    expect(filesBelow(frames.dir).toSorted()).toEqual(SOURCES)
    const { stdout } = await calls("doctor", frames.dir, "--outputs", frames.beside("proxies"))
    expect(stdout).toMatch(/folder of outputs +ok/)
    const missing = await calls("doctor", frames.dir, "--outputs", frames.beside("not/there"))
    expect(missing.stdout).toMatch(/folder of outputs +missing .*--outputs DIR/)
  })
})
