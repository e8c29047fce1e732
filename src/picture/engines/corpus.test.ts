import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Reading, Rectangle, Rendered } from "../model.ts"
import {
  corpusFolder,
  decodeJpeg,
  decodeMovie,
  type EngineFixture,
  eachEngine,
  pixel,
  psnr,
  type Rgb,
  type Triple,
} from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

const corpus = await corpusFolder()
if (corpus === null) process.stderr.write("The shared corpus is not on this machine: its picture tests are skipped.\n")

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

type ShownFrame = { readonly reading: Reading; readonly made: Rendered; readonly thumb: Rgb }

async function show(name: string): Promise<ShownFrame> {
  const sourceFile = join(corpus ?? "", name)
  const read = await fixture.engine.read({ sourceFile, key: name, statedSpace: null, colour: SETTINGS.colour })
  if (!read.ok) throw new Error(`${name}: ${read.failure.says}`)
  const made = await fixture.render(sourceFile, read.value)
  return { reading: read.value, made, thumb: await decodeJpeg(made.files.thumbnail.path) }
}

const openexr = (name: string) => show(`openexr-images/${name}`)

const describeHere = corpus === null ? describe.skip : describeEach

describeHere("frames of the OpenEXR and OpenImageIO collections", () => {
  it("XYZ and Rec.709 primaries show the same picture", async () => {
    const [xyz, rec709] = [await openexr("Chromaticities/XYZ.exr"), await openexr("Chromaticities/Rec709.exr")]
    expect(psnr(xyz.thumb, rec709.thumb)).toBeGreaterThanOrEqual(50)
  })

  it.each([1, 6])("multi-part and single-part Beachball %i show the same hero view", async (frame) => {
    const many = await openexr(`Beachball/multipart.000${frame}.exr`)
    const one = await openexr(`Beachball/singlepart.000${frame}.exr`)
    expect([many.reading.selection.view, one.reading.selection.view]).toEqual(["right", "right"])
    expect(psnr(many.thumb, one.thumb)).toBeGreaterThanOrEqual(50)
    expect(many.made.allBlack).toBe(false)
  })

  it.each(["GrayRampsHorizontal", "GrayRampsDiagonal", "WideFloatRange"])(
    "%s, one channel, is a grey picture",
    async (name) => {
      const { made, thumb } = await openexr(`TestImages/${name}.exr`)
      expect(made.allBlack).toBe(false)
      const brightest = thumb.data.reduce((most, value) => Math.max(most, value), 0)
      expect(brightest).toBeGreaterThan(150)
    },
  )

  it("NaN and infinite pixels are counted, repaired, and throw no shadow", async () => {
    const broken = await openexr("TestImages/BrightRingsNanInf.exr")
    expect(broken.made.nonFiniteCount).toBe(18)
    const sound = await openexr("TestImages/BrightRings.exr")
    expect(sound.made.nonFiniteCount).toBe(0)
    expect(psnr(broken.thumb, sound.thumb)).toBeGreaterThanOrEqual(40)
    expect(darkest(broken.thumb)).toBeGreaterThanOrEqual(darkest(sound.thumb) - 8)
    const half = await openexr("TestImages/AllHalfValues.exr")
    expect(half.made.nonFiniteCount).toBe(3 * (2 * 1023 + 2))
  })

  it.each([
    ["openexr-images/ScanLines/Carrots.exr", "ACES2065-1"],
    ["OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx", "rec709_video"],
    ["OpenImageIO-images/libtiffpic/quad-tile.tif", "srgb_tx"],
    ["OpenImageIO-images/libtiffpic/depth/flower-rgb-contig-16.tif", "srgb_tx"],
  ])("%s is shown from %s, the same in thumbnail and movie", async (name, space) => {
    const { reading, made, thumb } = await show(name)
    expect(reading.colorspace.configSpace).toBe(space)
    expect(made.allBlack).toBe(false)
    const movie = await decodeMovie(fixture, made.files.proxy.path)
    const [small, large] = [made.files.thumbnail.picture, made.files.proxy.picture]
    const inThumb = meanOf(small, (x, y) => lumaOf(pixel(thumb, x, y)))
    const inMovie = meanOf(large, (x, y) => movie.at(x, y)[0])
    // The camera curve of scene-linear sources is darker than sRGB; display-referred ones are the same in both.
    expect(Math.abs(inMovie - inThumb)).toBeLessThan(reading.colorspace.encoding === "display" ? 3 : 25)
  })
})

/** Studio-range BT.709 luma of 8-bit RGB. */
const lumaOf = ([red, green, blue]: Triple): number =>
  16 + (219 / 255) * (0.2126 * red + 0.7152 * green + 0.0722 * blue)

/** Mean over a grid in the middle half of a picture. */
function meanOf({ x, y, width, height }: Rectangle, value: (x: number, y: number) => number): number {
  const steps = Array.from({ length: 20 }, (_, index) => 0.25 + index / 40)
  const values = steps.flatMap((down) =>
    steps.map((across) => value(Math.floor(x + across * width), Math.floor(y + down * height))),
  )
  return values.reduce((sum, one) => sum + one, 0) / values.length
}

/** Luma of the darkest pixel of a thumbnail that fills its canvas. */
function darkest({ data }: Rgb): number {
  let least = 255
  for (let at = 1; at < data.length; at += 3) least = Math.min(least, data[at] ?? 255)
  return least
}
