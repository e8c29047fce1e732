import { readFile } from "node:fs/promises"
import { createFile, MP4BoxBuffer } from "mp4box"
import { expect, it } from "vitest"
import type { RenderSettings } from "../model.ts"
import {
  decodeJpeg,
  decodeMovie,
  distance,
  type EngineFixture,
  eachEngine,
  pixel,
  type Triple,
} from "./testing/engine-fixture.ts"
import { boxOf, type ReadingParts, reading, SETTINGS } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const SIZE = 128
const window = { displayWindow: boxOf(SIZE, SIZE), dataWindow: boxOf(SIZE, SIZE) }
const tiff: ReadingParts = {
  selection: { format: "tiff", ...window },
  colorspace: { configSpace: "srgb_tx", encoding: "display" },
}

/** A file of one colour; `value` in 0..1. */
async function patch(file: string, value: Triple, ...options: readonly string[]): Promise<string> {
  await fixture.oiiotool(
    "--pattern",
    `constant:color=${value.join(",")}`,
    `${SIZE}x${SIZE}`,
    "3",
    ...options,
    "-o",
    file,
  )
  return file
}

const centres = async (file: string, parts: ReadingParts, settings?: Partial<RenderSettings>) => {
  const {
    files: { thumbnail, proxy },
    ...rest
  } = await fixture.render(file, reading(parts), settings)
  const jpeg = await decodeJpeg(thumbnail.path)
  const movie = await decodeMovie(fixture, proxy.path)
  return { thumb: pixel(jpeg, 128, 128), yuv: movie.at(320, 180), bar: movie.at(3, 180), proxy: proxy.path, ...rest }
}

/** BT.709 studio-range YUV as 8-bit full-range RGB, the inverse of what the encode must do. */
function toRgb([y, u, v]: Triple): Triple {
  const [luma, blue, red] = [((y - 16) * 255) / 219, ((u - 128) * 255) / 224, ((v - 128) * 255) / 224]
  return [luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue]
}

describeEach("the colour of the outputs", () => {
  it("is BT.709 to a code value, from the source to the decoded movie", async () => {
    const file = await patch("patch.tif", [192 / 255, 64 / 255, 32 / 255], "-d", "uint8")
    const { yuv, thumb, bar } = await centres(file, tiff)
    expect(distance(yuv, [92, 101, 186]), `${yuv}`).toBeLessThanOrEqual(1)
    expect(distance(thumb, [192, 64, 32]), `${thumb}`).toBeLessThanOrEqual(2)
    expect(bar).toEqual([16, 128, 128])
  })

  it("has white at 235 and black at 16, exactly", async () => {
    const white = await centres(await patch("white.exr", [1, 1, 1], "-d", "half"), { selection: window })
    expect(white.yuv).toEqual([235, 128, 128])
    expect(white.thumb).toEqual([255, 255, 255])
    const black = await centres(await patch("black.exr", [0, 0, 0], "-d", "half"), { selection: window })
    expect(black.yuv).toEqual([16, 128, 128])
    expect(black).toMatchObject({ thumb: [0, 0, 0], allBlack: true })
  })

  it("is tagged as it is, in the stream and in the container, with the index first", async () => {
    const file = await patch("tagged.exr", [0.2, 0.3, 0.4], "-d", "half")
    const { proxy } = await centres(file, { selection: window }, { proxyPreset: SETTINGS.proxyPreset })
    await fixture.ffmpeg("-y", "-i", proxy, "-c", "copy", "-f", "h264", "tagged.h264")
    const stream = await fixture.ffmpeg("-i", "tagged.h264", "-f", "null", "-")
    expect(stream).toMatch(/h264 \(High\), yuv420p\(tv, bt709, progressive\), 640x360/)
    const { colour, order, track } = await boxes(proxy)
    expect(colour).toMatchObject({
      colour_type: "nclx",
      colour_primaries: 1,
      transfer_characteristics: 1,
      matrix_coefficients: 1,
      full_range_flag: 0,
    })
    expect(order.indexOf("moov")).toBeLessThan(order.indexOf("mdat"))
    expect(track).toMatchObject({ width: 640, height: 360, samples: 1 })
  })

  it.each<[string, Triple, string[], ReadingParts]>([
    ["8-bit TIFF", [128 / 255, 128 / 255, 128 / 255], ["-d", "uint8"], tiff],
    ["16-bit TIFF", [0.1, 0.1, 0.1], ["-d", "uint16"], tiff],
    ["16-bit TIFF, coloured", [0.1, 0.5, 0.9], ["-d", "uint16"], tiff],
    ["video DPX", [0.5, 0.5, 0.5], ["-d", "uint10"], video()],
    ["dark video DPX", [0.1, 0.1, 0.1], ["-d", "uint10"], video()],
    [
      "a space that is data",
      [0.1, 0.5, 0.9],
      ["-d", "half"],
      { selection: window, colorspace: { configSpace: "data", encoding: "display" } },
    ],
  ])("leaves the code values of %s as they are, in both outputs", async (name, value, options, parts) => {
    const extension = { tiff: "tif", dpx: "dpx" }[parts.selection?.format ?? ""] ?? "exr"
    const { thumb, yuv } = await centres(await patch(`same ${name}.${extension}`, value, ...options), parts)
    const code = value.map((part) => part * 255) as unknown as Triple
    // JPEG and 4:2:0 round saturated colours by up to two; greys are exact to one.
    const allowed = new Set(value).size === 1 ? 1 : 2
    expect(distance(thumb, code), `thumbnail ${thumb}`).toBeLessThanOrEqual(allowed)
    expect(distance(toRgb(yuv), code), `proxy ${toRgb(yuv)}`).toBeLessThanOrEqual(allowed)
  })

  it("is the plain conversion that the contract names: 0.18 is 0.461 in sRGB and 0.409 in Rec.709", async () => {
    const { thumb, yuv } = await centres(await patch("grey.exr", [0.18, 0.18, 0.18], "-d", "half"), {
      selection: window,
    })
    expect(distance(thumb, [117.7, 117.7, 117.7])).toBeLessThanOrEqual(1)
    expect(Math.abs(yuv[0] - (16 + 219 * 0.409))).toBeLessThanOrEqual(1)
  })

  it("is the ACES look where it was asked for", async () => {
    const parts = { selection: window, colorspace: { look: "aces-sdr" } }
    const { thumb, yuv } = await centres(await patch("aces.exr", [1, 1, 1], "-d", "half"), parts)
    expect(Math.abs(thumb[0] - 0.81 * 255)).toBeLessThanOrEqual(2)
    expect(Math.abs(yuv[0] - (16 + 219 * 0.82))).toBeLessThanOrEqual(2)
  })

  it("takes Cineon codes for light: 685 is white, 95 is black", async () => {
    const parts = { selection: { format: "dpx", ...window }, colorspace: { configSpace: "KodakLog", encoding: "log" } }
    const white = await centres(
      await patch("log white.dpx", [685 / 1023, 685 / 1023, 685 / 1023], "-d", "uint10"),
      parts,
    )
    expect(white.thumb).toEqual([255, 255, 255])
    const grey = await centres(await patch("log grey.dpx", [445 / 1023, 445 / 1023, 445 / 1023], "-d", "uint10"), parts)
    expect(distance(grey.thumb, [108, 108, 108])).toBeLessThanOrEqual(1)
    const black = await centres(await patch("log black.dpx", [95 / 1023, 95 / 1023, 95 / 1023], "-d", "uint10"), parts)
    expect(black).toMatchObject({ thumb: [0, 0, 0], allBlack: true })
  })

  it("converts foreign primaries with the file's matrix, and AP1 as the config does", async () => {
    const matrix = [0, 0, 1, 0, 1, 0, 1, 0, 0]
    const swapped = await centres(await patch("swap.exr", [0.8, 0.2, 0.05], "-d", "half"), {
      selection: window,
      colorspace: { matrix },
    })
    const plain = await centres(await patch("plain.exr", [0.05, 0.2, 0.8], "-d", "half"), { selection: window })
    expect(distance(swapped.yuv, plain.yuv)).toBeLessThanOrEqual(1)
    const ap1 = await centres(await patch("ap1.exr", [0.5, 0.5, 0.5], "-d", "half"), {
      selection: window,
      colorspace: { configSpace: "ACEScg" },
    })
    expect(ap1.thumb).toEqual([188, 188, 188])
  })

  it.each([
    ["g22_adobergb", "g22_adobergb_scene"],
    ["srgb_p3d65", "srgb_p3d65_scene"],
    ["g18_rec709", "g18_rec709_scene"],
    ["srgb_ap1", "srgb_ap1_scene"],
    ["g26_p3d65", "g26_p3d65_display"],
    ["pq_rec2020", "pq_rec2020_display"],
    ["hlg_rec2020", "hlg_rec2020_display"],
  ])("shows what is coded as %s in the colours that it means, whatever the look", async (configSpace, theirs) => {
    const code: Triple = [0.6, 0.4, 0.3]
    const file = await patch("coded.exr", code, "-d", "float")
    const oracle = ["--colorconfig", "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"]
    const said = await fixture.oiiotool(...oracle, file, "--colorconvert", theirs, "srgb_rec709_scene", "--printstats")
    const [, ...averages] = /Stats Avg: (\S+) (\S+) (\S+)/.exec(said) ?? []
    const wanted = averages.map((value) => 255 * Math.min(1, Math.max(0, Number(value)))) as unknown as Triple
    const colorspace = { configSpace, encoding: "display", look: "aces-sdr" } as const
    // Hardly quantised, since a flat patch is a code or two off at the default rate factor, and a code of chroma is two of blue.
    const { thumb, yuv } = await centres(file, { selection: window, colorspace }, { proxyCrf: 1 })
    expect(distance(thumb, wanted), `${thumb} for ${wanted}`).toBeLessThanOrEqual(2)
    expect(distance(toRgb(yuv), wanted), `${toRgb(yuv)} for ${wanted}`).toBeLessThanOrEqual(2)
  })
})

function video(): ReadingParts {
  return { selection: { format: "dpx", ...window }, colorspace: { configSpace: "rec709_video", encoding: "display" } }
}

async function boxes(path: string) {
  const bytes = await readFile(path)
  const file = createFile()
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0))
  file.flush()
  const entry = file.moov?.traks[0]?.mdia.minf.stbl.stsd.entries[0] as unknown as {
    colr?: object
    boxes?: readonly { type: string }[]
    width: number
    height: number
  }
  return {
    order: file.boxes.map(({ type }) => type),
    colour: entry.boxes?.find(({ type }) => type === "colr"),
    track: { width: entry.width, height: entry.height, samples: file.moov?.traks[0]?.mdia.minf.stbl.stsz.sample_count },
  }
}
