import { expect, it } from "vitest"
import { ALL_OUTPUTS, furtherOutputs, outputsOf, PROXY, storedInOrder, storedOutputsOf, THUMBNAIL } from "./profiles.ts"

it("only thumbnail and proxy are made where no setting asks for more", () => {
  expect(outputsOf({ furtherOutputs: furtherOutputs({ previewEdgePx: 0 }) })).toEqual([THUMBNAIL, PROXY])
})

it("an edge switches a further output on, and is the size of its canvas", () => {
  expect(furtherOutputs({ previewEdgePx: 2048 })).toEqual([
    {
      name: "preview",
      canvas: { kind: "longest-edge", edge: 2048 },
      look: "sRGB",
      encoder: { format: "jpeg", quality: 90 },
      suffix: "_preview.jpg",
      contentType: "image/jpeg",
      isNotified: true,
    },
  ])
})

it("the thumbnail is stored last of the pictures, the still right before it; the metadata follow", () => {
  const further = furtherOutputs({ previewEdgePx: 1, stillEdgePx: 1 })
  const outputs = storedOutputsOf({ furtherOutputs: further, metadataFile: true })
  expect(storedInOrder(outputs.toReversed()).map(({ name }) => name)).toEqual([
    "preview",
    "proxy",
    "still",
    "thumbnail",
    "metadata",
  ])
})

it("SpaceHarbor has the edges that nobody sets: the whole picture, and one of a screen's size", () => {
  const edgesOf = (outputs: ReturnType<typeof furtherOutputs>) =>
    outputs.map(({ name, canvas }) => ({ name, ...canvas }))
  expect(edgesOf(furtherOutputs({ previewEdgePx: null }, true))).toMatchObject([
    { name: "preview", edge: 8192 },
    { name: "still", edge: 1920 },
  ])
  expect(edgesOf(furtherOutputs({ previewEdgePx: 0, stillEdgePx: 960 }, true))).toMatchObject([
    { name: "still", edge: 960 },
  ])
})

it.each(["name", "suffix"] as const)("no two outputs share a %s", (part) => {
  expect(new Set(ALL_OUTPUTS.map((output) => output[part])).size).toBe(ALL_OUTPUTS.length)
})
