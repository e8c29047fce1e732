import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { floatsOf, floatTiff } from "../pixels/plain-tiff.ts"
import { SPACES } from "../read/colour/spaces.ts"
import { type EngineFixture, openEngineFixture } from "./testing/engine-fixture.ts"
import { bundledConfig } from "./testing/readings.ts"

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

const STUDIO_CONFIG = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"

/** Identifiers that OCIO's studio config has; the rest of the forum's are held by their formulas alone. */
const STUDIO_IDS: ReadonlySet<string> = new Set([
  ...[
    "lin_ap0_scene",
    "lin_ap1_scene",
    "lin_rec709_scene",
    "lin_p3d65_scene",
    "lin_rec2020_scene",
    "lin_adobergb_scene",
  ],
  ...["lin_ciexyzd65_scene", "srgb_rec709_scene", "g22_rec709_scene", "g18_rec709_scene", "srgb_ap1_scene"],
  ...["g22_ap1_scene", "srgb_p3d65_scene", "g22_adobergb_scene", "g26_p3d65_display", "pq_rec2020_display"],
  ...["pq_p3d65_display", "hlg_rec2020_display", "ocio:g24_rec709_scene", "ocio:itu709_rec709_scene"],
  ...["ocio:lin_awg3_scene", "ocio:lin_awg4_scene", "ocio:lin_bmdwg5_scene", "ocio:lin_cgamutd55_scene"],
  ...["ocio:lin_dgamut_scene", "ocio:lin_dwg_scene", "ocio:lin_rwg_scene", "ocio:lin_sgamut3_scene"],
  ...["ocio:lin_sgamut3cine_scene", "ocio:lin_sgamut3venice_scene", "ocio:lin_sgamut3cinevenice_scene"],
  ...["ocio:lin_vgamut_scene", "ocio:adx10_apd_scene", "ocio:adx16_apd_scene", "ocio:arrilogc3_awg3_scene"],
  ...["ocio:arrilogc4_awg4_scene", "ocio:canonlog2_cgamutd55_scene", "ocio:canonlog3_cgamutd55_scene"],
  ...["ocio:davinci_dwg_scene", "ocio:bmdfilm5_wg5_scene", "ocio:djilog_dgamut_scene", "ocio:slog3_sgamut3_scene"],
  ...["ocio:slog3_sgamut3cine_scene", "ocio:slog3_sgamut3venice_scene", "ocio:slog3_sgamut3cinevenice_scene"],
  ...["ocio:vlog_vgamut_scene", "ocio:redlog3g10_rwg_scene", "ocio:acescct_ap1_scene", "ocio:acescc_ap1_scene"],
  ...["ocio:applelog_rec2020_scene"],
])

/** A lattice of codes from 0 to 1, from each of some spaces of a config to one, by one oiiotool. */
async function converted(config: string, from: readonly string[], to: string): Promise<readonly Float32Array[]> {
  const samples = Float32Array.from({ length: 9 ** 3 * 3 }, (_, at) => {
    const point = Math.floor(at / 3)
    return 0.125 * (Math.floor(point / 9 ** (at % 3)) % 9)
  })
  await writeFile(join(fixture.folder, "codes.tif"), floatTiff({ width: 27, height: 27, samples }))
  const floats = ["-d", "float", "--compression", "none", "--scanline"]
  await fixture.oiiotool(
    ...["--colorconfig", config],
    ...from.flatMap((space, at) => ["codes.tif", "--colorconvert", space, to, ...floats, "-o", `shown-${at}.tif`]),
  )
  const files = from.map((_, at) => readFile(join(fixture.folder, `shown-${at}.tif`)))
  return (await Promise.all(files)).map((bytes) => floatsOf(bytes)?.samples ?? new Float32Array(0))
}

const shownCode = (value: number): number => 255 * Math.min(1, Math.max(0, value))

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture.close())

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
    const printed = await fixture.oiiotool("--colorconfig", CONFIG, ...args)
    const found = [...printed.matchAll(/Stats Avg: (\S+) (\S+) (\S+)/g)].map((match) => match.slice(1).map(Number))
    KNOWN.forEach(([space, , light], index) => {
      for (const channel of found[index] ?? [])
        expect(Math.abs(channel / light - 1), `${space} ${channel}`).toBeLessThan(0.01)
    })
    expect(found).toHaveLength(KNOWN.length)
  })

  it.each(["scene-linear", "log", "display"])(
    "has its %s spaces as OCIO's studio config has them, within a code value",
    async (encoding) => {
      const spaces = SPACES.filter((space) => space.encoding === encoding && space.configSpace !== "data")
      const pairs = spaces.flatMap(({ configSpace, interopIds }) => {
        const theirs = interopIds.find((id) => STUDIO_IDS.has(id))
        return theirs === undefined ? [] : [{ ours: configSpace, theirs }]
      })
      expect(pairs.length).toBeGreaterThan(0)
      const mine = await converted(
        CONFIG,
        pairs.map(({ ours }) => ours),
        "srgb_tx",
      )
      const oracle = await converted(
        STUDIO_CONFIG,
        pairs.map(({ theirs }) => theirs),
        "srgb_rec709_scene",
      )
      pairs.forEach(({ ours, theirs }, pair) => {
        const off = mine[pair]?.map((value, at) =>
          Math.abs(shownCode(value) - shownCode(oracle[pair]?.[at] ?? Number.NaN)),
        )
        expect(Math.max(...(off ?? [Number.NaN])), `${ours} against ${theirs}`).toBeLessThan(1)
      })
    },
  )
})
