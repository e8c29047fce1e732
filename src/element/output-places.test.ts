import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  areContractNames,
  besideSources,
  candidateNames,
  isBelowOutputs,
  mirroredBelow,
  namesOfOutput,
  outputAddress,
  outputAt,
  outputFolderOf,
  outputRef,
} from "./output-places.ts"

const elsewhere = mirroredBelow({ bucket: "out", prefix: "show/proxies/" })

describe("outputs that go elsewhere", () => {
  it("keep bucket and folders of their source, so that no two buckets meet", () => {
    expect(outputFolderOf(elsewhere("plates"), "sh010/bg/a.exr")).toBe("show/proxies/plates/sh010/bg/.proxies/")
    expect(outputFolderOf(elsewhere("renders"), "a.exr")).toBe("show/proxies/renders/.proxies/")
    expect(outputFolderOf(besideSources("plates"), "sh010/a.exr")).toBe("sh010/.proxies/")
    expect(mirroredBelow(null)("plates")).toEqual({ bucket: "plates", prefix: "" })
  })

  it.each([
    ["out", "show/proxies/plates/sh010/a.exr", true],
    ["out", "show/proxies/a.exr", true],
    ["out", "show/a.exr", false],
    ["plates", "show/proxies/a.exr", false],
  ])("are below their place alone: %s %s %s", (bucket, key, isBelow) => {
    expect(isBelowOutputs(elsewhere, { bucket, key })).toBe(isBelow)
  })

  it("may have a bucket for themselves, in which nothing is a source", () => {
    const own = mirroredBelow({ bucket: "out", prefix: "" })
    expect([
      isBelowOutputs(own, { bucket: "out", key: "a.exr" }),
      isBelowOutputs(own, { bucket: "in", key: "a.exr" }),
    ]).toEqual([true, false])
  })
})

describe("outputs are called", () => {
  const names = (key: string) =>
    candidateNames(key, besideSources("show")).map((candidate) => outputRef(candidate, { suffix: "_x.jpg" }).key)

  it("like their source without its ending; where that name is taken like the whole file; and then with a hash", () => {
    expect(names("sh/a.0001.exr")).toEqual([
      "sh/.proxies/a.0001_x.jpg",
      "sh/.proxies/a.0001.exr_x.jpg",
      expect.stringMatching(/^sh\/\.proxies\/a\.0001\.exr\.[0-9a-f]{16}_x\.jpg$/),
    ])
  })

  it("by the contract's names or not", () => {
    const [contract, second] = candidateNames("sh/a.exr", besideSources("show"))
    expect([contract, second].map((one) => one && areContractNames(one, "sh/a.exr"))).toEqual([true, false])
    expect(areContractNames({ bucket: "show", stem: "sh/.proxies/ba" }, "sh/a.exr")).toBe(false)
  })

  it("so that one of them tells the names of all", () => {
    const ref = { bucket: "out", key: ".proxies/a_proxy.mp4" }
    expect(namesOfOutput(ref, { suffix: "_proxy.mp4" })).toEqual({ bucket: "out", stem: ".proxies/a" })
    expect(namesOfOutput(ref, { suffix: "_thumb.jpg" })).toBeNull()
  })
})

describe("a row names an output", () => {
  it("by its key in the bucket of its source, by its whole address elsewhere", () => {
    expect(outputAddress("show", { bucket: null, key: "sh/.proxies/a_thumb.jpg" })).toBe("sh/.proxies/a_thumb.jpg")
    expect(outputAddress("show", { bucket: "out", key: "show/sh/.proxies/a_thumb.jpg" })).toBe(
      "s3://out/show/sh/.proxies/a_thumb.jpg",
    )
  })

  it("so that it is found again, whatever its key looks like", () => {
    const bucket = fc.constantFrom("show", "out", "a b")
    const key = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string().map((rest) => `s3://${rest}`),
    )
    fc.assert(
      fc.property(bucket, fc.option(bucket), key, (source, of, output) => {
        const found = outputAt(source, outputAddress(source, { bucket: of, key: output }))
        expect(found).toEqual({ bucket: of ?? source, key: output })
      }),
    )
  })
})
