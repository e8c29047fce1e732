import { describe, expect, it } from "vitest"
import {
  boxText,
  contactSheet,
  rateText,
  relativeUrl,
  type Sheet,
  type SheetFailure,
  type SheetFrame,
} from "./contact-sheet.ts"

const frame = (change: Partial<SheetFrame> = {}): SheetFrame => ({
  bucket: "shots",
  key: "sh010/beauty.0001.exr",
  thumbnailJpeg: new Uint8Array([0xff, 0xd8, 0xff]),
  proxyFile: "/srv/shots/sh010/.proxies/beauty.0001_proxy.mp4",
  furtherFiles: [],
  format: "exr",
  compression: "zip",
  colourSpace: "ACEScg",
  colourRule: "chromaticities",
  colourEvidence: "The header's chromaticities are those of AP1.",
  look: "un-tone-mapped",
  selectionReason: "The only part has R, G and B.",
  displayWindow: { xMin: 0, yMin: 0, xMax: 399, yMax: 299 },
  dataWindow: { xMin: -5, yMin: 10, xMax: 404, yMax: 289 },
  pixelAspect: 1,
  frameRate: { num: 24000, den: 1001 },
  timecode: "01:00:06:03",
  warnings: [],
  allBlack: false,
  reused: false,
  sourceSizeBytes: 52428800,
  thumbnailSizeBytes: 14213,
  proxySizeBytes: 96121,
  timingsMs: { fetch: 12, render: 840.4 },
  ...change,
})

const failureOf = (change: Partial<SheetFailure> = {}): SheetFailure => ({
  bucket: "shots",
  key: "broken.exr",
  stage: "detect-colorspace",
  code: "picture/damaged",
  kind: "permanent",
  says: "The offset table lies beyond the end of the file.",
  attempts: 1,
  ...change,
})

const page = (change: Partial<Sheet> = {}): string =>
  contactSheet({
    title: "shots",
    madeAtMs: Date.UTC(2026, 3, 1, 12),
    generatorVersion: "3.0.0",
    pageFolder: "/srv/shots",
    sequences: [],
    frames: [frame()],
    failures: [failureOf()],
    ...change,
  })

/** The page without its own style and script: what data can have touched. */
const markupOf = (text: string): string =>
  text.replace(/<style>.*<\/style>/s, "").replace(/<script>\nconst.*<\/script>/s, "")

describe("a contact sheet", () => {
  it("links to further outputs, with their size", () => {
    const file = "/srv/shots/sh010/.proxies/beauty.0001_preview.jpg"
    const preview = { name: "preview", file, width: 4096, height: 2160, sizeBytes: 1_200_000 }
    const text = page({ frames: [frame({ furtherFiles: [preview] })] })
    expect(text).toContain(
      '<dt>preview</dt><dd><a href="./sh010/.proxies/beauty.0001_preview.jpg">4096×2160</a> 1.1 MiB',
    )
  })

  it("shows a frame's pictures, colour evidence, selection, windows, times and sizes", () => {
    const text = page()
    for (const part of [
      'src="data:image/jpeg;base64,/9j/"',
      'src="./sh010/.proxies/beauty.0001_proxy.mp4"',
      "<video controls",
      'preload="none"',
      "<b>ACEScg</b> → un-tone-mapped",
      "(chromaticities) The header&#39;s chromaticities are those of AP1.",
      "exr, zip",
      "The only part has R, G and B.",
      "shown 400×300 · data 410×280 at (-5, 10)",
      "24000/1001 (23.976) frames/s · 01:00:06:03",
      "source 50.0 MiB · thumbnail 13.9 KiB · proxy 93.9 KiB",
      "fetch 12 ms · render 840 ms",
    ]) {
      expect(text).toContain(part)
    }
  })

  it("shows each failure with its code and its reason", () => {
    const text = page()
    expect(text).toContain(
      '<td class="code">picture/damaged</td><td>The offset table lies beyond the end of the file.</td>',
    )
    expect(text).toContain("<td>permanent, 1 try</td>")
  })

  it("counts what there is, and leaves out what there is not", () => {
    const text = page({ frames: [frame(), frame({ reused: true }), frame({ warnings: ["Odd."], allBlack: true })] })
    const counts = [...text.matchAll(/data-show="(\w+)"[^>]*><b>(\d+)<\/b>/g)].map(
      ([, state, count]) => `${state} ${count}`,
    )
    expect(counts).toEqual(["all 4", "rendered 2", "reused 1", "warned 1", "failed 1"])
    expect(text).toContain("all black")
    expect(page({ failures: [] })).not.toContain('id="failures"')
    expect(page({ frames: [], failures: [] })).toContain("No frame has pictures.")
  })

  it("says so when a picture is not there any more", () => {
    const text = page({
      frames: [frame({ thumbnailJpeg: null, proxyFile: null, frameRate: null, timecode: null, compression: null })],
    })
    expect(text).toContain("no thumbnail")
    expect(text).toContain("no proxy")
    expect(markupOf(text)).not.toMatch(/<img|<video|null|undefined/)
    expect(text).toContain("no frame rate in the header · no timecode")
  })

  it("needs nothing from outside: no address but the proxies' own", () => {
    const addresses = [...markupOf(page()).matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)
    expect(addresses.every((address) => address?.startsWith("data:image/jpeg;") || address?.startsWith("./"))).toBe(
      true,
    )
    expect(page()).not.toMatch(/https?:\/\//)
  })
})

describe("hostile names", () => {
  const hostile = `<script>alert(1)</script>"' onload=x\n&amp;\u202e\u001b[2J</td><img src=x onerror=alert(2)>`

  it("stay text wherever they stand", () => {
    const all = Object.fromEntries(
      [
        "bucket",
        "key",
        "format",
        "compression",
        "colourSpace",
        "colourRule",
        "colourEvidence",
        "look",
        "selectionReason",
        "timecode",
      ].map((name) => [name, hostile]),
    )
    const text = markupOf(
      page({
        title: hostile,
        frames: [
          frame({
            ...all,
            warnings: [hostile],
            timingsMs: { [hostile]: 1 },
            proxyFile: `/srv/${hostile.replaceAll("/", "|")}.mp4`,
          }),
        ],
        failures: [
          failureOf({ bucket: hostile, key: hostile, stage: hostile, code: hostile, kind: hostile, says: hostile }),
        ],
      }),
    )
    expect(text).not.toMatch(/<script|<img src=x|onerror=alert\(2\)>|"'|\u202e/)
    expect(text).not.toContain("\u001b")
    expect(
      text.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&#39; onload=x\\n&amp;amp;\\u202e/g)?.length,
    ).toBeGreaterThan(15)
  })

  it.each([
    ["/w/s/a b#1%+é\n.mp4", "./a%20b%231%25%2B%C3%A9%0A.mp4"],
    ["/w/s/javascript:alert(1).mp4", "./javascript%3Aalert(1).mp4"],
    ["/w/other/x.mp4", "./../other/x.mp4"],
    ["/w/s/deep/.proxies/x.mp4", "./deep/.proxies/x.mp4"],
  ])("link %s as %s", (file, url) => {
    expect(relativeUrl("/w/s", file)).toBe(url)
  })
})

it("writes windows and rates as people do", () => {
  expect(boxText({ xMin: 0, yMin: 0, xMax: 0, yMax: 0 })).toBe("1×1")
  expect(rateText({ num: 25, den: 1 })).toBe("25 frames/s")
})
