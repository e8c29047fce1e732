import { describe, expect, it } from "vitest"
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
