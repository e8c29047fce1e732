import { describe, expect, it } from "vitest"
import {
  endingOf,
  fileNameOf,
  folderOf,
  hasDotSegment,
  isHidden,
  isOutput,
  isOutputsFolder,
  outputsFolderBeside,
  sequenceNameOf,
  splitBucketAndKey,
  stemOf,
} from "./key.ts"

describe("a key", () => {
  it.each([
    ["job/sh010/beauty.0101.exr", "job/sh010/", "beauty.0101.exr", "beauty.0101", "exr"],
    ["plate.DPX", "", "plate.DPX", "plate", "dpx"],
    ["v1.2/README", "v1.2/", "README", "README", ""],
    ["job/.exr", "job/", ".exr", ".exr", ""],
    ["job/a.", "job/", "a.", "a", ""],
    ["job/folder/", "job/folder/", "", "", ""],
  ])("%s is folder, file name, stem and ending", (key, ...parts) => {
    expect([folderOf(key), fileNameOf(key), stemOf(key), endingOf(key)]).toEqual(parts)
  })

  it.each([
    ["a/beauty.0101.exr", "beauty"],
    ["a/beauty_0101.exr", "beauty"],
    ["a/0101.exr", ""],
    ["a/v12beauty.exr", "v12beauty"],
  ])("%s belongs to the sequence %j", (key, name) => {
    expect(sequenceNameOf(key)).toBe(name)
  })

  it("is an output below any .proxies segment, and only there", () => {
    expect([".proxies/a.exr", "a/.proxies/b/c.exr"].map(isOutput)).toEqual([true, true])
    expect(["a.proxies/b.exr", "a/.proxies", ".proxies2/a.exr"].map(isOutput)).toEqual([false, false, false])
    expect([outputsFolderBeside("a/b.exr"), outputsFolderBeside("b.exr")].map(isOutputsFolder)).toEqual([true, true])
    expect(["a/", "a.proxies/", ""].map(isOutputsFolder)).toEqual([false, false, false])
  })

  it("is hidden by its file name alone", () => {
    expect(["a/._b.exr", ".b.exr", ".a/b.exr"].map(isHidden)).toEqual([true, true, false])
  })

  it("walks the tree where a segment is . or ..", () => {
    expect(["a/../b", "./a", "a/..b", "a.exr"].map(hasDotSegment)).toEqual([true, true, false, false])
  })

  it("follows the first slash of bucket/key", () => {
    expect(splitBucketAndKey("bucket/a/b.exr")).toEqual({ bucket: "bucket", key: "a/b.exr" })
    expect(["bucket", "/a", "bucket/", ""].map(splitBucketAndKey)).toEqual([null, null, null, null])
  })
})
