import { copyFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { madeFromMetadata, madeToMetadata } from "../src/element/output-metadata.ts"
import { renderKeyOf } from "../src/events/identity.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { SETTINGS as DEFAULTS } from "../src/picture/engines/testing/readings.ts"
import { BUNDLED_BEFORE } from "../src/picture/recipes.ts"
import { openDirectoryStore } from "../src/store/directory.ts"
import type { ObjectStore } from "../src/store/index.ts"

import { call, factsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

/** What the runs here are set to. */
const SETTINGS = { ...DEFAULTS, proxyWidthPx: 320, proxyHeightPx: 180 }

let frames: Frames
beforeEach(() => {
  frames = openFrames({ "sh010/light.exr": "window", "sh010/finished.tif": "quad" })
})
afterEach(() => frames.remove())

const run = async () => (await call(["run", frames.dir])).stderr

/** What the in-process engine of the release before wrote beside its outputs. */
const BEFORE = { recipe: 2, configHash: [...BUNDLED_BEFORE][0] ?? "" }

/** Makes the outputs of a frame those of the release before, as its metadata tell; the pictures stay. */
async function age(store: ObjectStore, key: string, settings: object = SETTINGS): Promise<void> {
  const stem = key.replace("sh010/", "sh010/.proxies/").replace(/\.[a-z]+$/, "")
  for (const output of [`${stem}_proxy.mp4`, `${stem}_thumb.jpg`]) {
    const ref = { bucket: "show", key: output }
    const head = unwrap(await store.head(ref))
    const made = madeFromMetadata(head.metadata, key.slice(key.lastIndexOf("/") + 1))
    if (made === null) throw new Error(`${output} does not say what it is.`)
    const renderKey = renderKeyOf({ bucket: "show", key, sourceVersion: made.sourceVersion }, settings, BEFORE)
    const colorspace = { ...made.colorspace, configHash: BEFORE.configHash }
    const before = { ...made, renderKey, recipe: BEFORE.recipe, colorspace, contentHash: null, pictureKey: null }
    const options = {
      contentType: head.contentType ?? "",
      tags: {},
      metadata: madeToMetadata(before),
      ifMatch: head.etag,
    }
    const file = frames.beside("output")
    copyFileSync(frames.path(output), file)
    unwrap(await store.put(ref, file, options))
    rmSync(file)
  }
}

const aged = async (settings?: object): Promise<void> => {
  await run()
  rmSync(join(frames.dir, ".oiio-proxy-generator"), { recursive: true })
  const store = unwrap(await openDirectoryStore(new Map([["show", frames.dir]])))
  await age(store, "sh010/light.exr", settings)
  await age(store, "sh010/finished.tif", settings)
  await store.close()
}

describe("outputs of the release before", () => {
  it("are kept where the header tells that they show the same, and only the others are made again", async () => {
    await aged()
    expect(await run()).toMatch(/^1 frame rendered in .*, 1 up to date, 0 failed\.$/m)
    const facts = await factsOf(frames, "proxy-made")
    expect(facts.map(({ element, reused }) => `${element.key} ${reused}`).sort()).toEqual([
      "sh010/finished.tif false",
      "sh010/light.exr true",
    ])
  })

  it("are looked at once: the next run has nothing to do", async () => {
    await aged()
    await run()
    expect(await run()).toMatch(/^Nothing to do: 2 frames up to date\.$/m)
  })

  it("are kept where nobody had chosen a preset, too, though another one was the default", async () => {
    await aged({ ...SETTINGS, proxyPreset: "medium" })
    expect(await run()).toMatch(/^1 frame rendered in .*, 1 up to date, 0 failed\.$/m)
  })

  it("are all made again where the settings were others, too", async () => {
    await aged({ ...SETTINGS, thumbnailQuality: 70 })
    expect(await run()).toMatch(/^2 frames rendered in .*, 0 up to date, 0 failed\.$/m)
  })

  it("are made again by reprocess, whatever they show", async () => {
    await aged()
    await run()
    const { stderr } = await call(["reprocess", "--prefix", "sh010/", "--dir", frames.dir])
    expect(stderr).toMatch(/^2 frames taken up again: 2 rendered, /m)
  })

  it("of a sequence are its pictures as they are: its movie is made, and none of its frames", async () => {
    frames.add("sh010/a.1.exr", "window")
    frames.add("sh010/a.2.exr", "window")
    await aged()
    const store = unwrap(await openDirectoryStore(new Map([["show", frames.dir]])))
    for (const key of ["sh010/a.1.exr", "sh010/a.2.exr"]) await age(store, key)
    await store.close()
    rmSync(join(frames.dir, "sh010/.proxies/a_movie.mp4"))
    expect(await run()).toMatch(/^1 frame rendered in .*, 3 up to date, 0 failed\.$/m)
    expect((await factsOf(frames, "movie-made")).map(({ made, movie }) => [made, movie?.frames])).toEqual([["1-2", 2]])
  })
})
