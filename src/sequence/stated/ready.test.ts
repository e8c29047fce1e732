import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { frameNameOf } from "../../element/frame-name.ts"
import { framesOfText } from "../../element/frame-ranges.ts"
import { isAbout, readReady, readyFileOf } from "./ready.ts"

describe("an object that says that a sequence is complete", () => {
  const ready = (text: string) => readReady(Buffer.from(text))

  it.each([
    [".ready", null],
    ["show/sh010/.ready", null],
    ["show/sh010/beauty.ready", "beauty"],
    ["show/sh010/beauty.READY", "beauty"],
    ["show/sh010/beauty.1001.exr", undefined],
    ["show/sh010/ready", undefined],
  ])("is told by its name: %s", (key, name) => {
    expect(readyFileOf(key)?.name).toBe(name)
  })

  it.each([
    ["show/.ready", "show/beauty.1001.exr", true],
    ["show/beauty.ready", "show/beauty.1001.exr", true],
    ["show/beauty..ready", "show/beauty.1001.exr", true],
    ["show/beauty.exr.ready", "show/beauty_1001.exr", true],
    ["show/beauty.1001.exr.ready", "show/beauty.1001.exr", false],
    ["show/Beauty.ready", "show/beauty.1001.exr", false],
    ["show/.ready", "show/sh010/beauty.1001.exr", false],
    ["show/sh010/.ready", "show/beauty.1001.exr", false],
  ])("%s and %s: %s", (key, frame, expected) => {
    const [file, name] = [readyFileOf(key), frameNameOf(frame)]
    if (file === null || name === null) throw new Error("Not what this test is about.")
    expect(isAbout(file, name)).toBe(expected)
  })

  it.each([
    ["", null],
    [" \r\n", null],
    ["1001-1040", "1001-1040"],
    ["1001-1040\r\n1045\n", "1001-1040,1045"],
    ["-5--1, 3-9x2", "-5--1,3-9x2"],
    ['{"frames": "1001-1040"}', "1001-1040"],
    ["[1001, 1002, 1005]", "1001,1002,1005"],
    ['{"first": 1001, "last": 1040}', "1001-1040"],
    ['{"start_frame": 1001, "end_frame": 1040, "status": "ok"}', "1001-1040"],
    ['{"status": "ok"}', null],
  ])("says of frames: %j", (text, frames) => {
    expect(ready(text)).toEqual({ frames })
  })

  it.each([
    ["words", "done!"],
    ["a range that is turned", "1040-1001"],
    ["more frames than a day has", "1-99999999999"],
    ["numbers beyond all numbers", "1-99999999999999999999"],
    ["broken JSON", '{"frames": '],
    ["JSON in which frames are no numbers", '{"frames": [1, "x"]}'],
    ["JSON with one end alone", '{"first": 1001}'],
    ["a fraction", '{"first": 1.5, "last": 3}'],
    ["deeply nested JSON", "[".repeat(30_000)],
  ])("is a problem with %s", (_, text) => {
    expect(ready(text)).toEqual({ problem: expect.any(String) })
  })

  it("is a problem where it is huge, or no text", () => {
    expect(readReady(Buffer.alloc(1 << 20, "1"))).toEqual({ problem: "is larger than 64 KiB" })
    expect(readReady(Buffer.from([0xff, 0x00]))).toEqual({ problem: "is not text in UTF-8" })
  })

  it("names frames that can be counted, or none, whatever it says", () => {
    const parts = fc.array(
      fc.constantFrom("1001", "-", ",", "x2", "{", "}", '"frames"', ":", "[", "]", " ", "\n", "1040"),
    )
    fc.assert(
      fc.property(parts, (words) => {
        const said = ready(words.join(""))
        if ("frames" in said && said.frames !== null) expect(framesOfText(said.frames)).not.toBeNull()
      }),
    )
  })
})
