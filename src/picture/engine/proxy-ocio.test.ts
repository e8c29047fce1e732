import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bundledConfig } from "./testing/plans.ts"
import { openStudio, type Studio } from "./testing/studio.ts"

const CONFIG = new URL("../proxy.ocio", import.meta.url).pathname

/** Code value of middle grey, or of what else is known, and the light it stands for (the makers' white papers). */
const KNOWN = [
  ["lin_rec709", 0.18, 0.18],
  ["ACES2065-1", 0.18, 0.18],
  ["ACEScg", 0.18, 0.18],
  ["lin_p3d65", 0.18, 0.18],
  ["lin_rec2020", 0.18, 0.18],
  ["KodakLog", 445 / 1023, 0.149],
  ["KodakLog", 685 / 1023, 1],
  ["LogC3", 0.391, 0.18],
  ["SLog3_SGamut3", 420 / 1023, 0.18],
  ["SLog3_SGamut3Cine", 420 / 1023, 0.18],
  ["VLog", 0.4233, 0.18],
  ["Log3G10", 1 / 3, 0.18],
  ["ACEScct", 0.4135884, 0.18],
  ["srgb_tx", 0.4614, 0.18],
  ["rec709_video", 0.4894, 0.18],
  ["data", 0.5, 0.5],
] as const

let studio: Studio
beforeAll(async () => {
  studio = await openStudio()
})
afterAll(() => studio.close())

describe("the bundled OCIO config", () => {
  it("has every space that a reading may name", async () => {
    const { spaces, displays } = await bundledConfig()
    for (const name of [...new Set(KNOWN.map(([space]) => space)), "ADX10", "ADX16"]) expect(spaces).toContain(name)
    expect([...displays.keys()]).toEqual(["sRGB", "Rec1886", "Rec709-camera"])
    for (const views of displays.values()) expect(views).toEqual(["ACES SDR", "Un-tone-mapped"])
  })

  it("takes each space's grey for the light it stands for, without a colour cast", async () => {
    const args = KNOWN.flatMap(([space, code]) => [
      ...["--pattern", `constant:color=${code},${code},${code}`, "1x1", "3"],
      ...["--colorconvert", space, "lin_rec709", "--printstats"],
    ])
    const printed = await studio.oiiotool("--colorconfig", CONFIG, ...args)
    const found = [...printed.matchAll(/Stats Avg: (\S+) (\S+) (\S+)/g)].map((match) => match.slice(1).map(Number))
    KNOWN.forEach(([space, , light], index) => {
      for (const channel of found[index] ?? [])
        expect(Math.abs(channel / light - 1), `${space} ${channel}`).toBeLessThan(0.01)
    })
    expect(found).toHaveLength(KNOWN.length)
  })
})
