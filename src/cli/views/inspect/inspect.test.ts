import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Box } from "../../../events/records.generated.ts"
import { dpxFile } from "../../../picture/read/header/testing/dpx-file.ts"
import { exrFile, floats, ints, type MadeExr, string, texts } from "../../../picture/read/header/testing/exr-file.ts"
import { call } from "../../testing/call.ts"
import { wrapped } from "./layout.ts"
import { ASCII_CHARACTERS, drawWindows, UNICODE_CHARACTERS } from "./windows.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inspect-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const add = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return name
}

const look = (...args: readonly string[]) => call(["inspect", ...args], { cwd: folder })

const glanceOf = async (name: string, made: MadeExr): Promise<string> => {
  const { code, stdout, stderr } = await look(add(name, exrFile(made)))
  expect([code, stderr]).toEqual([0, ""])
  return stdout
}

const box = (xMin: number, yMin: number, xMax: number, yMax: number) => ({ xMin, yMin, xMax, yMax })

const drawn = (display: Box, data: Box, columns: number, { characters = ASCII_CHARACTERS, pixelAspect = 1 } = {}) =>
  drawWindows({ display, data, pixelAspect }, columns, characters)

describe("windows drawn to scale", () => {
  it("show the display window as a frame and the data filled, whichever is larger", () => {
    expect(drawn(box(0, 0, 99, 49), box(25, 10, 49, 29), 21)).toEqual([
      "+-------------------+",
      "|    ......         |",
      "|    ......         |",
      "|    ......         |",
      "|                   |",
      "+-------------------+",
    ])
    const overscan = drawn(box(10, 10, 89, 39), box(0, 0, 99, 49), 21)
    expect(overscan[0]).toBe(".".repeat(21))
    expect(overscan[1]).toBe("..+---------------+..")
  })

  it("are of lines where the locale has them, and as wide as pixels are shown", () => {
    const [square, wide] = [1, 2].map((pixelAspect) =>
      drawn(box(0, 0, 99, 99), box(0, 0, 99, 49), 64, { characters: UNICODE_CHARACTERS, pixelAspect }),
    )
    expect(square?.[0]).toBe(`┌${"─".repeat(29)}┐`)
    expect(square?.at(-1)).toBe(`└${"─".repeat(29)}┘`)
    expect(square?.[1]).toBe(`│${"░".repeat(29)}│`)
    expect(wide?.[0]).toHaveLength(61)
    expect(wide).toHaveLength(16)
  })

  it("stay within their room however the windows lie, and however large they are", () => {
    for (const [display, data] of [
      [box(0, 0, 0, 0), box(1_000_000, 1_000_000, 1_000_001, 1_000_001)],
      [box(-1_000_000, 0, 1_000_000, 0), box(0, 0, 10, 10)],
      [box(0, -500_000, 0, 500_000), box(0, 0, 0, 0)],
    ] as const) {
      const lines = drawn(display, data, 40, { pixelAspect: Number.NaN })
      expect(lines.length).toBeLessThanOrEqual(17)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(42)
      expect(lines.join("")).toContain("+")
    }
  })
})

it("sentences are broken between words, and words never", () => {
  expect(wrapped("of a sentence that is long", 10)).toEqual(["of a", "sentence", "that is", "long"])
  expect(wrapped("unbreakable", 3)).toEqual(["unbreakable"])
})

describe("inspect", () => {
  it("tells windows, parts, layers, time, colour and what would be rendered", async () => {
    const text = await glanceOf("beauty.0101.exr", {
      flags: 0x400,
      parts: [
        {
          channels: ["A", "B", "G", "R", "Z", "diffuse.B", "diffuse.G", "diffuse.R", "normal.x", "normal.y"],
          compression: 6,
          dataWindow: box(10, 5, 63, 47),
          attributes: [
            ["framesPerSecond", "rational", ints(24_000, 1001)],
            ["timeCode", "timecode", ints(0x01020304, 0)],
            string("colorInteropID", "lin_ap1_scene"),
            string("owner", "a studio"),
          ],
        },
      ],
    })
    expect(text).toContain("EXR, 4.6 KiB, 1 part, frame 101; header 608 B\n")
    expect(text).toMatch(/display window {2}64 x 48\ndata window {5}54 x 43 at \(10, 5\) {2}\.\.\.\n {2}\+-+\+\n/)
    expect(text).toMatch(/^ {2}0 {2}scanlineimage {2}b44 {2}54 x 43 at \(10, 5\)$/m)
    expect(text).toMatch(/^ {2}diffuse {2}R G B +half$/m)
    expect(text).toMatch(/^ {2}normal +x y +half, data$/m)
    expect(text).toMatch(/^ {2}owner +a studio$/m)
    expect(text).toContain("frame rate      23.976 (24000/1001)\n")
    expect(text).toContain("timecode        01:02:03:04\n")
    expect(text).toContain(
      'colour          ACEScg (scene-linear), by interop-id\n  The header\'s colorInteropID is "lin_ap1_scene".',
    )
    expect(text).toContain("rendering       part 0, R G B\n  Shows R, G, B (the colour channels) of part 0.")
    expect(text).toContain("  - The compression b44 is uncommon and loses precision.")
    expect(text).toMatch(/ {2}- Data covers \d+% of the display window; the rest is black\./)
  })

  it("tells of data that will not be shown, odd chromaticities and pixels that are not square", async () => {
    const text = await glanceOf("odd.exr", {
      parts: [
        {
          channels: ["B", "G", "R"],
          dataWindow: box(-8, 0, 63, 47),
          pixelAspect: 2,
          attributes: [["chromaticities", "chromaticities", floats(0, 0, 0, 0, 0, 0, 0, 0)]],
        },
      ],
    })
    expect(text).toContain("- Data reaches beyond the display window (8 px left): that is not shown.")
    expect(text).toMatch(/- The header's chromaticities \(0 0 0 0 0 0 0 0\) are ignored/)
    expect(text).toContain("- Pixels are not square: the pixel aspect ratio is 2.")
  })

  it("groups the channels of views, and says which part each layer is in", async () => {
    const views: MadeExr = {
      parts: [
        {
          channels: ["B", "G", "R", "right.B", "right.G", "right.R"],
          attributes: [["multiView", "stringvector", texts("left", "right")]],
        },
      ],
    }
    const text = await glanceOf("stereo.exr", views)
    expect(text).toMatch(/^ {2}- {2}left {3}R G B {2}half$/m)
    expect(text).toMatch(/^ {2}- {2}right {2}R G B {2}half$/m)
    const part = (name: string, channels: readonly string[]) => ({
      channels,
      attributes: [string("name", name), string("type", "scanlineimage")],
    })
    const parts = await glanceOf("parts.exr", {
      flags: 0x1000,
      parts: [part("depth", ["Z"]), part("rgba", ["B", "G", "R"])],
    })
    expect(parts).toMatch(/^ {2}0 {2}- {2}Z {6}half, data$/m)
    expect(parts).toContain("rendering       part 1, R G B")
  })

  it("tells of a header that can be read but not rendered what is wrong, and ends well", async () => {
    const { code, stdout } = await look(add("half.exr", exrFile({ parts: [{ channels: ["R", "G"] }] })))
    expect(code).toBe(0)
    expect(stdout).toContain("rendering       will fail: picture/no-displayable-channels\n")
  })

  it("tells what the engine of the settings would do", async () => {
    const chroma = [{ name: "BY", sampling: 2 }, { name: "RY", sampling: 2 }, "Y"]
    add("chroma.exr", exrFile({ parts: [{ channels: chroma }] }))
    expect((await look("chroma.exr")).stdout).toContain("rendering       part 0, ")
    const external = await call(["inspect", "chroma.exr"], {
      cwd: folder,
      env: { OIIO_ENGINE: "oiiotool" },
    })
    expect(external.stdout).toContain("rendering       will fail: picture/unsupported\n")
  })

  it("--json is one object with the events' field names", async () => {
    const { code, stdout } = await look(add("a_0007.dpx", dpxFile({ width: 8, height: 8 })), "--json")
    expect(code).toBe(0)
    expect(stdout.split("\n")).toHaveLength(2)
    expect(JSON.parse(stdout)).toMatchObject({
      name: "a_0007.dpx",
      format: "dpx",
      frameNumber: 7,
      headerHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      parts: [{ kind: "element", channels: [{ name: "R" }, { name: "G" }, { name: "B" }] }],
      selection: { channels: ["R", "G", "B"] },
      colorspace: { name: "rec709_video" },
      failure: null,
    })
  })

  it("follows a link to a file, and takes one whose folder it knows nothing of", async () => {
    mkdirSync(join(folder, "deep"))
    writeFileSync(join(folder, "deep", "x.exr"), exrFile({ parts: [{ channels: ["Y"] }] }))
    symlinkSync(join(folder, "deep", "x.exr"), join(folder, "link.exr"))
    expect(await look("link.exr")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^link\.exr\n {2}EXR/) })
  })

  it("ends with 1 for what is no picture or not there, with 2 where no file is named", async () => {
    const damaged = await look(add("damaged.exr", new Uint8Array(100)))
    expect(damaged).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("picture/not-a-picture") })
    expect(await look("absent.exr")).toMatchObject({ code: 1, stderr: expect.stringContaining("source/gone") })
    expect(await look(add("notes.txt", new Uint8Array(1)))).toMatchObject({ code: 1 })
    expect((await look()).code).toBe(2)
  })

  it("spells out control characters in whatever a header names, so that none can forge a line or move the cursor", async () => {
    const evil = "x\nrendering       fine\u001b[31m\u202e"
    const attributes = [string("owner", evil), string("name", evil), string("view", evil), string(evil, "y")]
    const part = { channels: ["B", "G", "R", `${evil}.R`], attributes: [...attributes, string("type", evil)] }
    const text = await glanceOf("forged.exr", { flags: 0x400, parts: [part] })
    expect(text).toContain("x\\nrendering       fine\\u001b[31m\\u202e")
    expect(text.match(/^rendering/gm)).toHaveLength(1)
    expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
    const failing = await look(add("type.exr", exrFile({ flags: 0x800, parts: [part] })))
    expect(failing).toMatchObject({ code: 1, stdout: "" })
    expect(failing.stderr).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
  })

  it("tells attributes that all parts share once, and the others with their part", async () => {
    const part = (name: string, shot: string) => ({
      channels: ["B", "G", "R"],
      attributes: [string("name", name), string("type", "scanlineimage"), string("owner", "us"), string("shot", shot)],
    })
    const text = await glanceOf("two.exr", { flags: 0x1000, parts: [part("a", "10"), part("b", "20")] })
    expect(text).toMatch(/^attributes\n(?: {5}\S.*\n)+ {2}0 {2}shot +10\n {2}1 {2}shot +20\n\n/m)
    expect(text.match(/ owner +us/g)).toHaveLength(1)
  })

  it("keeps the text short, whatever a header holds", async () => {
    const channels = Array.from({ length: 500 }, (_, index) => `layer${index}.R`)
    const wide = Array.from({ length: 500 }, (_, index) => `w.${String(index).padStart(3, "0")}`)
    const attributes = Array.from({ length: 300 }, (_, index) => string(`note${index}`, "x".repeat(500)))
    const text = await glanceOf("long.exr", { parts: [{ channels: [...channels, ...wide], attributes }] })
    expect(text.split("\n").length).toBeLessThan(120)
    expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThan(300)
    expect(text).toContain("and 461 more")
  })
})
