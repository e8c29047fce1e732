import { describe, expect, it } from "vitest"
import { readingOf } from "../../testing/readings.ts"
import { exrFile, layer, type MadePart, string } from "../header/testing/exr-file.ts"
import { channelName, isBeautyName, isDataName } from "./layers.ts"

describe("the names of layers and parts", () => {
  it.each(
    "depth depth_left Z zDepth forward_left disparityL whitebarmask.mask motionVectors MotionVector01 N normals P UV crypto_material CryptoAsset00 objectId world-position".split(
      " ",
    ),
  )("%s means data", (name) => {
    expect(isDataName(name)).toBe(true)
  })

  it.each(
    "rgba rgba_right beauty diffuse specular emission Pumpkin depthless positive sun moonlight v001 P01 matte_painting position_light sh010_flow_comp".split(
      " ",
    ),
  )("%s means a picture", (name) => {
    expect(isDataName(name)).toBe(false)
  })

  it.each("rgba rgba_right Beauty RGB_color ViewLayer.Combined C Ci main01".split(" "))(
    "%s means the picture itself",
    (name) => {
      expect(isBeautyName(name)).toBe(true)
    },
  )

  it("are cut into layer, view and component, the view only where the file lists it", () => {
    expect(channelName("a.b.left.R", ["right", "left"])).toMatchObject({ layer: "a.b", view: "left", component: "R" })
    expect(channelName("left.R", [])).toMatchObject({ layer: "left", view: null, component: "R" })
    expect(channelName("R", ["right", "left"])).toMatchObject({ layer: null, view: "right", component: "R" })
  })
})

const RGB = ["B", "G", "R"]
const part = (name: string, channels: readonly string[], view?: string): MadePart => ({
  channels,
  attributes: [
    string("name", name),
    string("type", "scanlineimage"),
    ...(view === undefined ? [] : [string("view", view)]),
  ],
})
const multi = (...parts: readonly MadePart[]) => readingOf(exrFile({ flags: 0x1000, parts }), "a.exr").selection
const single = (channels: readonly string[]) => readingOf(exrFile({ parts: [{ channels }] }), "a.exr").selection

const LIKE_DATA =
  "v001 flow mask matte_painting st P01 position_light N depth sh010_flow_comp uv ids motionVector".split(" ")

describe("names rank pictures and refuse none", () => {
  it.each(LIKE_DATA)("a file's only picture is shown though its part is called %s", (name) => {
    const shownPart = multi(part(name, RGB), part("zdepth", ["Z"]))
    expect(shownPart).toMatchObject({ partName: name, channels: ["R", "G", "B"] })
  })

  it.each(LIKE_DATA)("a file's only picture is shown though its layer is called %s", (name) => {
    expect(single([...layer(name, "RGB"), "A", "Z"]).channels).toEqual(layer(name, "RGB"))
    expect(single([`${name}.Y`, "Z"]).channels).toEqual([`${name}.Y`, `${name}.Y`, `${name}.Y`])
  })

  it("what is called like data gives way to what is not, in the other view too, and is remarked on", () => {
    expect(multi(part("flow", RGB), part("diffuse", RGB)).partName).toBe("diffuse")
    expect(multi(part("flow", RGB), part("grey", ["Y"])).partName).toBe("grey")
    expect(multi(part("depth", RGB, "left"), part("x", RGB, "right")).partName).toBe("x")
    const { warnings } = readingOf(exrFile({ parts: [{ channels: layer("flow", "RGB") }] }), "a.exr")
    expect(warnings).toEqual([expect.stringContaining('"flow"')])
    expect(readingOf(exrFile({ parts: [{ channels: layer("v001", "RGB") }] }), "a.exr").warnings).toEqual([])
  })

  it.each<readonly [string, readonly string[], readonly string[]]>([
    [
      "RenderMan's Ci before its Albedo",
      [...["r", "g", "b"].flatMap((c) => [`Albedo.${c}`, `Ci.${c}`]), "a"],
      layer("Ci", "rgb"),
    ],
    [
      "a layer before a share of its light",
      [...layer("diffuse", "RGB"), ...layer("hero", "RGB")],
      layer("hero", "RGB"),
    ],
    ["a layer RGBA", [...layer("AO", "RGB"), ...layer("RGBA", "RGBA")], layer("RGBA", "RGB")],
    ["R, G, B before beauty.R", [...layer("beauty", "RGB"), ...RGB], ["R", "G", "B"]],
    ["rgb.r, rgb.g, rgb.b", [...layer("rgb", "rgb"), "Z"], layer("rgb", "rgb")],
    ["red, green, blue", ["blue", "green", "red"], ["red", "green", "blue"]],
    ["Red, Green, Blue of a layer", ["x.Blue", "x.Green", "x.Red"], ["x.Red", "x.Green", "x.Blue"]],
    ["a mask where there is nothing else", ["mask", "Z"], ["mask", "mask", "mask"]],
    ["a mask before alpha", ["A", "matte"], ["matte", "matte", "matte"]],
  ])("%s", (_, channels, expected) => {
    expect(single(channels.toSorted()).channels).toEqual(expected)
  })

  it("X, Y, Z are colour, and places where a name says so too", () => {
    expect(multi(part("beauty", ["X", "Y", "Z"])).channels).toEqual(["X", "Y", "Z"])
    const places = exrFile({ flags: 0x1000, parts: [part("P", ["X", "Y", "Z"])] })
    expect(readingOf(places, "a.exr").pass?.kind).toBe("position")
  })
})
