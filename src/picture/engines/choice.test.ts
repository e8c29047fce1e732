import { join } from "node:path"
import { expect, it } from "vitest"
import type { PictureChoice } from "../model.ts"
import { decodeJpeg, distance, type EngineFixture, eachEngine, pixel, type Triple } from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine(async (opened) => {
  fixture = opened
  await fixture.oiiotool(
    ...constant("0.8,0.1,0.1", "rgba", "left"),
    ...constant("0.1,0.8,0.1", "rgba", "right"),
    ...appended,
    ...constant("0.1,0.1,0.8", "diffuse", "left"),
    ...appended,
    ...constant("0.8,0.8,0.1", "diffuse", "right"),
    ...appended,
    "-o",
    "parts.exr",
  )
  const layers = ["R,G,B", "diffuse.R,diffuse.G,diffuse.B", "spec.R,spec.G,spec.B"]
  const colours = ["0.8,0.1,0.1", "0.1,0.8,0.1", "0.1,0.1,0.8"]
  const [first, second, third] = layers.map((names, at) => [
    ...["--pattern", `constant:color=${colours[at]}`, "64x36", "3", "--chnames", names],
  ])
  await fixture.oiiotool(
    ...(first ?? []),
    ...(second ?? []),
    "--chappend",
    ...(third ?? []),
    "--chappend",
    "-o",
    "layers.exr",
  )
  await fixture.oiiotool(
    ...(first ?? []),
    ...(second ?? []),
    "--chappend",
    "--compression",
    "dwaa:45",
    "-o",
    "dwaa.exr",
  )
  const pages = colours.map((colour) => ["--pattern", `constant:color=${colour}`, "64x36", "3", "-d", "uint8"])
  await fixture.oiiotool(...(pages[0] ?? []), ...(pages[1] ?? []), "--siappend", "-o", "pages.tif")
})

/** A part of one colour, named as Nuke names them. */
const constant = (colour: string, layer: string, view: string): readonly string[] => [
  ...["--pattern", `constant:color=${colour}`, "64x36", "3"],
  ...["--sattrib", "oiio:subimagename", `${layer}.${view}`, "--sattrib", "view", view],
]
const appended = ["--siappend"]

const SMALL = { proxyPreset: "ultrafast", proxyWidthPx: 320, proxyHeightPx: 180 }
const [DARK, LIGHT] = [89, 231]
const RED: Triple = [LIGHT, DARK, DARK]
const GREEN: Triple = [DARK, LIGHT, DARK]
const BLUE: Triple = [DARK, DARK, LIGHT]
const YELLOW: Triple = [LIGHT, LIGHT, DARK]

async function middle(file: string, choice: PictureChoice): Promise<Triple> {
  const request = {
    sourceFile: join(fixture.folder, file),
    key: file,
    statedSpace: null,
    colour: SETTINGS.colour,
    choice,
  }
  const read = await fixture.engine.read(request)
  if (!read.ok) throw new Error(read.failure.says)
  const made = await fixture.render(file, read.value, { choice, ...SMALL })
  return pixel(await decodeJpeg(made.files.thumbnail.path), 128, 128)
}

describeEach("what was chosen is what is seen", () => {
  it.each<readonly [string, PictureChoice, Triple]>([
    ["parts.exr", {}, RED],
    ["parts.exr", { view: "right" }, GREEN],
    ["parts.exr", { layer: "diffuse" }, BLUE],
    ["parts.exr", { layer: "diffuse", view: "right" }, YELLOW],
    ["parts.exr", { part: 2 }, BLUE],
    ["layers.exr", {}, RED],
    ["layers.exr", { layer: "spec" }, BLUE],
    ["layers.exr", { layer: "diffuse", channels: ["G", "R", "B"] }, RED],
    ["layers.exr", { channels: ["diffuse.G"] }, [LIGHT, LIGHT, LIGHT]],
    ["layers.exr", { channels: ["R", "diffuse.G", "B"] }, YELLOW],
    ["dwaa.exr", { layer: "diffuse" }, GREEN],
    ["pages.tif", { part: 1 }, [26, 204, 26]],
    ["pages.tif", { channels: ["R"] }, [204, 204, 204]],
  ])("%s %j", async (file, choice, expected) => {
    expect(distance(await middle(file, choice), expected)).toBeLessThanOrEqual(3)
  })
})
