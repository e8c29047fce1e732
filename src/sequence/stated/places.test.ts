import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { statedFolder } from "./places.ts"

describe("frames that a file names are looked for in its own folder and below it alone", () => {
  const place = { bucket: "show", folder: "a/sh010/" }
  it.each([
    ["", "a/sh010/"],
    ["./", "a/sh010/"],
    ["beauty", "a/sh010/beauty/"],
    ["be%20auty/", "a/sh010/be auty/"],
    ["file:///mnt/show/a/sh010/", "a/sh010/"],
    ["file:///mnt/show/a/sh010/v001", "a/sh010/v001/"],
    ["file://host/mnt/a/sh010", "a/sh010/"],
    ["file:///P:/show/a/sh010/", "a/sh010/"],
    ["P:\\show\\a\\sh010\\v001", "a/sh010/v001/"],
    ["/mnt/show/a/sh010", "a/sh010/"],
    ["s3://show/a/sh010/", "a/sh010/"],
    ["..", null],
    ["../sh020/", null],
    ["v001/../../sh020", null],
    ["%2e%2e/sh020", null],
    ["/mnt/show/a/sh020/", null],
    ["/mnt/show/a/sh010x/", null],
    ["s3://other/a/sh010/", null],
    ["s3://show/x/a/sh010/", null],
    ["s3://show", null],
    ["https://show/a/sh010/", null],
    ["a//b", null],
    ["%ff", null],
    ["a\\b", null],
  ])("%s", (url, folder) => {
    expect(statedFolder(url, place)).toBe(folder)
  })

  it("at the top of a bucket as well", () => {
    const top = { bucket: "show", folder: "" }
    expect(["", "x/", "s3://show/x/", "/mnt/show/x/"].map((url) => statedFolder(url, top))).toEqual([
      "",
      "x/",
      "x/",
      null,
    ])
  })

  it("whatever the URL is", () => {
    const parts = fc.array(
      fc.constantFrom("a", "/", "..", ".", "sh010", "file://", "s3://show", "%2f", "%2e", "\\", "P:", "\0"),
    )
    fc.assert(
      fc.property(parts, (words) => {
        const folder = statedFolder(words.join(""), place)
        if (folder === null) return
        expect(folder.startsWith(place.folder)).toBe(true)
        expect(folder).not.toMatch(/(^|\/)\.{1,2}\/|\/\/|\\|\0/)
      }),
      { numRuns: 2000 },
    )
  })
})
