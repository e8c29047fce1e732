import { existsSync } from "node:fs"
import sharp from "sharp"
import { afterEach, describe, expect, it } from "vitest"
import type { OutputProfile } from "../src/element/profiles.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { type Message, messagesOf } from "../src/notify/messages.ts"
import { type Driver, drive, type Wrap } from "./driver/index.ts"
import { call, factsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

/** No source file knows it. */
const SQUARE: OutputProfile = {
  name: "square",
  canvas: { kind: "letterbox", width: 128, height: 128 },
  look: "sRGB",
  encoder: { format: "jpeg", quality: 80 },
  suffix: "_square.jpg",
  contentType: "image/jpeg",
  isNotified: true,
}

describe("an output profile that is handed in", () => {
  let t: Driver
  afterEach(() => t.close())

  const key = "sh010/a.exr"
  const square = { bucket: "show", key: "sh010/.proxies/a_square.jpg" }

  async function withOutputs(wrap: Wrap): Promise<void> {
    t = await drive(wrap)
    await t.puts(key, "a")
    await t.arrives({ key, elementId: "one" })
  }

  it("is made, and seen in fact, object metadata and tags, and notifications", async () => {
    await withOutputs({ furtherOutputs: [SQUARE] })
    const head = unwrap(await t.store.head(square))
    const [made] = await t.facts("proxy-made")
    expect(made?.furtherOutputs).toMatchObject([
      {
        name: "square",
        isNotified: true,
        output: { key: square.key, bucket: null, contentType: "image/jpeg", sizeBytes: head.sizeBytes },
      },
    ])
    expect(head.metadata).toEqual(
      unwrap(await t.store.head({ bucket: "show", key: made?.thumbnail.key ?? "" })).metadata,
    )
    expect(unwrap(await t.store.tags(square))).toMatchObject({ media_type: "square" })
    const uri = `s3://show/${square.key}`
    expect(t.told.flatMap(messagesOf).map(({ value }: Message) => value)).toMatchObject([
      { square_uri: uri, square_size_bytes: head.sizeBytes },
      { data: { metadata: { square_uri: uri, square_url: uri } } },
    ])
  })

  it("is stored after the proxy and before the thumbnail", async () => {
    const stored: string[] = []
    const store: Wrap["store"] = (inner) => ({
      ...inner,
      put: (ref, ...rest) => {
        stored.push(ref.key.replace(/^.*a_/, ""))
        return inner.put(ref, ...rest)
      },
    })
    await withOutputs({ furtherOutputs: [SQUARE], store })
    expect(stored).toEqual(["proxy.mp4", "square.jpg", "thumb.jpg"])
  })

  it("is current with the others, and made again with them where it alone is lost", async () => {
    await withOutputs({ furtherOutputs: [SQUARE] })
    await t.arrives({ key, elementId: "two" })
    expect(t.picture.rendered).toEqual(["a"])
    t.store.erase(square)
    await t.arrives({ key, elementId: "three" })
    expect(t.picture.rendered).toEqual(["a", "a"])
    expect((await t.store.head(square)).ok).toBe(true)
  })

  it("is copied with the others where the same bytes lie under another name", async () => {
    await withOutputs({ furtherOutputs: [SQUARE] })
    await t.puts("sh011/b.exr", "a")
    await t.arrives({ key: "sh011/b.exr" })
    expect(t.picture.rendered).toEqual(["a"])
    expect((await t.facts("proxy-made")).at(-1)?.furtherOutputs).toMatchObject([
      { name: "square", output: { key: "sh011/.proxies/b_square.jpg" } },
    ])
    expect((await t.store.head({ bucket: "show", key: "sh011/.proxies/b_square.jpg" })).ok).toBe(true)
  })

  it("makes outputs anew when it is switched on or off, and is told of no more once it is off", async () => {
    const wrap: { furtherOutputs?: readonly OutputProfile[] } = {}
    await withOutputs(wrap)
    wrap.furtherOutputs = [SQUARE]
    await t.arrives({ key, elementId: "two" })
    delete wrap.furtherOutputs
    await t.arrives({ key, elementId: "three" })
    expect(t.picture.rendered).toEqual(["a", "a", "a"])
    const facts = await t.facts("proxy-made")
    expect(facts.map(({ furtherOutputs }) => furtherOutputs.length)).toEqual([0, 1, 0])
    expect(facts[2]?.renderKey).toBe(facts[0]?.renderKey)
    expect(facts[1]?.renderKey).not.toBe(facts[0]?.renderKey)
    expect(JSON.stringify(t.told.slice(2).flatMap(messagesOf))).not.toContain("square")
  })
})

describe.each(["in-process", "oiiotool"])("the preview, by the engine %s", (engine) => {
  let frames: Frames
  afterEach(() => frames.remove())

  const made = async () => new Map((await factsOf(frames, "proxy-made")).map((fact) => [fact.element.key, fact]))
  const render = async (...settings: readonly string[]): Promise<string> => {
    const { code, stderr } = await call(["run", frames.dir, "--engine", engine, ...settings])
    expect(code).toBe(0)
    return stderr
  }

  it("is the whole picture in its own shape, of the edge that is set, in the thumbnail's colours", async () => {
    frames = openFrames({ "window.exr": "window", "ball.exr": "beachball" })
    await render("--preview-edge-px", "256")
    for (const [key, { thumbnail, furtherOutputs }] of await made()) {
      const [preview] = furtherOutputs
      const file = frames.path(preview?.output.key ?? "")
      expect(file).toBe(frames.path(`.proxies/${key.replace(/\..*/, "")}_preview.jpg`))
      const { format, width, height, space } = await sharp(file).metadata()
      expect({ format, space, longest: Math.max(width, height) }).toEqual({
        format: "jpeg",
        space: "srgb",
        longest: 256,
      })
      expect(width / height).toBeCloseTo(thumbnail.pictureWidth / thumbnail.pictureHeight, 1)
      expect(preview?.output).toMatchObject({ width, height, pictureX: 0, pictureY: 0, pictureWidth: width })
      expect(await difference(file, frames.path(thumbnail.key), thumbnail)).toBeLessThan(4)
    }
  })

  it("is never enlarged; switched off again it is told of no more, and the next run finds all current", async () => {
    frames = openFrames({ "window.exr": "window" })
    await render("--preview-edge-px", "8192")
    const file = frames.path(".proxies/window_preview.jpg")
    expect(await sharp(file).metadata()).toMatchObject({ width: 400, height: 300 })
    expect(await render()).toContain("1 frame rendered")
    expect((await made()).get("window.exr")?.furtherOutputs).toEqual([])
    expect(existsSync(file)).toBe(true)
    expect(await render()).not.toContain("1 frame rendered")
  })
})

type Placed = { readonly pictureX: number; readonly pictureY: number } & Record<
  "pictureWidth" | "pictureHeight",
  number
>

/** Mean difference in code values between a picture and the thumbnail's, which has the same size. */
async function difference(picture: string, thumbnail: string, placed: Placed): Promise<number> {
  const { pictureX: left, pictureY: top, pictureWidth: width, pictureHeight: height } = placed
  const full = await sharp(picture).raw().toBuffer()
  const shown = await sharp(thumbnail).extract({ left, top, width, height }).raw().toBuffer()
  expect(full.length).toBe(shown.length)
  return full.reduce((sum, value, at) => sum + Math.abs(value - (shown[at] ?? 0)), 0) / full.length
}
