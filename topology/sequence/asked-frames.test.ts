import { writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { failed, failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { MovieMaker } from "../../src/picture/index.ts"
import type { ObjectRef } from "../../src/store/index.ts"
import { type Beside, type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, REGROUP } from "../graph.ts"
import { sequencerGroup } from "./settle.ts"
import { sequencerPolicy } from "./testing/policy.ts"

const QUIET_MS = 60_000

let driver: Driver
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "asked-frames-"))
})
afterEach(async () => {
  await driver.close()
  await rm(folder, { recursive: true })
})

/** The movie waits until the test lets it be made: what happens behind our back happens before that. */
let isAssembling: boolean

const start = async (wrap: Wrap = {}): Promise<void> => {
  isAssembling = false
  const besides: readonly Beside[] = [
    (ports, stopping) => runRetelling(REGROUP, ports, stopping),
    (ports, stopping) => runWorkflow(sequencerGroup(sequencerPolicy(QUIET_MS)), ports, stopping),
    async (ports, stopping) => (isAssembling ? runGroup(ASSEMBLER, ports, stopping) : null),
  ]
  driver = await drive({ besides, ...wrap })
}

async function assemble(): Promise<void> {
  await driver.dies()
  isAssembling = true
  driver.starts()
  await driver.passes(4 * QUIET_MS)
}

const keyOf = (frame: number): string => `sh010/beauty.${String(frame).padStart(4, "0")}.exr`
const proxyOf = (frame: number): ObjectRef => ({
  bucket: "show",
  key: `sh010/.proxies/beauty.${String(frame).padStart(4, "0")}_proxy.mp4`,
})

async function arrive(frame: number, text = `frame ${frame}`): Promise<void> {
  await driver.puts(keyOf(frame), text)
  await driver.arrives({ key: keyOf(frame) })
}

async function shown(): Promise<readonly string[]> {
  const ref = { bucket: "show", key: "sh010/.proxies/beauty_movie.mp4" }
  const bytes = unwrap(await driver.store.readRange(ref, { start: 0, end: 100_000 }))
  return Buffer.from(bytes)
    .toString()
    .split("\n")
    .map((line) => line.replace("proxy of ", ""))
}

const outcomes = async () =>
  (await driver.facts("movie-made")).map(({ made, movie, failure }) => [made, movie?.frames ?? failure?.code])

const asked = async () =>
  (await driver.facts("element-created"))
    .filter(({ element: { trigger } }) => trigger === "movie")
    .map(({ element: { key, force } }) => [key, force])

/** An object under the name of a proxy, with the metadata of what was there before. */
async function restore(frame: number): Promise<() => Promise<void>> {
  const head = unwrap(await driver.store.head(proxyOf(frame)))
  const bytes = unwrap(await driver.store.readRange(head, { start: 0, end: head.sizeBytes }))
  return async () => {
    const file = join(folder, "restored")
    writeFileSync(file, bytes)
    const said = { contentType: "video/mp4", tags: {}, metadata: head.metadata }
    unwrap(await driver.store.put(proxyOf(frame), file, said))
  }
}

describe("a proxy that is not what its frame's facts say", () => {
  it("because somebody deleted it is made again, and then the movie", async () => {
    await start()
    for (const frame of [1, 2, 3]) await arrive(frame)
    await driver.passes(2 * QUIET_MS)
    driver.store.erase(proxyOf(2))
    await assemble()
    expect(await asked()).toEqual([[keyOf(2), false]])
    expect(await outcomes()).toEqual([
      ["1-3", "sequence/proxy-missing"],
      ["1-3", 3],
    ])
    expect(await shown()).toEqual(["frame 1", "frame 2", "frame 3"])
  })

  it("because somebody put an earlier one in its place is made again, and then the movie", async () => {
    await start()
    await arrive(1)
    await arrive(2)
    const putBack = await restore(2)
    await arrive(2, "frame 2 anew")
    await driver.passes(2 * QUIET_MS)
    await putBack()
    await assemble()
    expect(await asked()).toEqual([[keyOf(2), false]])
    expect(await outcomes()).toEqual([
      ["1-2", "sequence/proxy-missing"],
      ["1-2", 2],
    ])
    expect(await shown()).toEqual(["frame 1", "frame 2 anew"])
  })

  it("because its source's name is too long to tell whose it is fails for a person to see, and is not made for ever", async () => {
    await start()
    const long = (frame: number): string => `sh010/${"ö".repeat(80)}.${frame}.exr`
    for (const frame of [1, 2]) {
      await driver.puts(long(frame), `frame ${frame}`)
      await driver.arrives({ key: long(frame) })
    }
    await driver.passes(2 * QUIET_MS)
    await assemble()
    expect(await asked()).toEqual([])
    expect((await outcomes()).map(([, code]) => code)).toEqual(["sequence/proxy-missing"])
  })

  it("and whose source is gone, too, leaves the sequence", async () => {
    await start()
    for (const frame of [1, 2, 3]) await arrive(frame)
    await driver.passes(2 * QUIET_MS)
    driver.store.erase(proxyOf(2))
    driver.store.erase({ bucket: "show", key: keyOf(2) })
    await assemble()
    expect((await outcomes()).at(-1)).toEqual(["1,3", 3])
    expect(await shown()).toEqual(["frame 1", "frame 1", "frame 3"])
  })
})

describe("proxies that cannot be stitched", () => {
  const unlike = failed(failure("sequence/unlike", "Proxies of frames 3 are unlike the others: reprocess them."))
  const rendersOf = (text: string): number => driver.picture.rendered.filter((rendered) => rendered === text).length
  const stitching =
    (canStitch: () => boolean) =>
    (movies: MovieMaker): MovieMaker => ({
      ...movies,
      stitch: (order) => (canStitch() ? movies.stitch(order) : Promise.resolve(unlike)),
    })

  it("because other settings made them are rendered again, of which the fact tells, and then the movie is made", async () => {
    let quality = 80
    await start({
      settings: () => ({ thumbnailQuality: quality }),
      movies: stitching(() => rendersOf("frame 1") === 2 && rendersOf("frame 2") === 2),
    })
    await arrive(1)
    await arrive(2)
    quality = 90
    await arrive(3)
    await driver.passes(2 * QUIET_MS)
    await assemble()
    const [first] = await driver.facts("movie-made")
    expect(first?.failure).toMatchObject({ code: "sequence/unlike", says: expect.stringContaining("frames 1-2 ") })
    expect(await asked()).toEqual([
      [keyOf(1), true],
      [keyOf(2), true],
    ])
    expect((await outcomes()).at(-1)).toEqual(["1-3", 3])
    expect(rendersOf("frame 3")).toBe(1)
  })

  it("although all are as they should be are for a person: nothing is rendered again", async () => {
    await start({ movies: stitching(() => false) })
    for (const frame of [1, 2, 3]) await arrive(frame)
    await driver.passes(2 * QUIET_MS)
    await assemble()
    expect(await asked()).toEqual([])
    expect(await outcomes()).toEqual([["1-3", "sequence/unlike"]])
    expect(rendersOf("frame 3")).toBe(1)
  })
})
