import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type EngineFixture, openEngineFixture } from "../engines/testing/engine-fixture.ts"
import { KNOWN_SPACES } from "./known-spaces.ts"
import { lutBakerIn } from "./testing/lut-baker.ts"
import { CONFIG, layOutConfig } from "./testing/oracle.ts"
import { probeInput } from "./through-config.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
  await layOutConfig(fixture)
})
afterAll(() => fixture.close())

const probed = async (space: string, config = CONFIG) => {
  const own = { configPath: join(fixture.folder, config), space, linearSpace: "lin_rec709" }
  const found = await probeInput(own, await lutBakerIn(fixture))
  if (!found.ok) throw new Error(found.failure.says)
  return found.value
}

const OWN = `ocio_profile_version: 2.1
roles: {default: lin_rec709}
file_rules:
  - !<Rule> {name: Default, colorspace: default}
displays:
  sRGB:
    - !<View> {name: Raw, colorspace: lin_rec709}
colorspaces:
  - !<ColorSpace>
    name: lin_rec709
  - !<ColorSpace>
    name: house linear
    to_scene_reference: !<MatrixTransform> {matrix: [0.7, 0.2, 0.1, 0, 0.1, 0.8, 0.1, 0, 0, 0.1, 0.9, 0, 0, 0, 0, 1]}
  - !<ColorSpace>
    name: house curve
    to_scene_reference: !<ExponentTransform> {value: [1.7, 1.7, 1.7, 1]}
  - !<ColorSpace>
    name: LogC3
    to_scene_reference: !<ExponentTransform> {value: [3, 3, 3, 1]}
`

describe("a facility's own spaces", () => {
  it("a linear one is the matrix that its config has", async () => {
    await writeFile(join(fixture.folder, "own.ocio"), OWN)
    const found = await probed("house linear", "own.ocio")
    expect(found?.curve).toBe(null)
    const want = [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0, 0.1, 0.9]
    found?.matrix.forEach((value, at) => {
      expect(value).toBeCloseTo(want[at] ?? 9, 5)
    })
  })

  it("one that means what its name says is the known formula", async () => {
    expect(await probed("LogC3")).toEqual(KNOWN_SPACES.get("LogC3"))
    expect(await probed("srgb_tx")).toEqual(KNOWN_SPACES.get("srgb_tx"))
  })

  it("a curve that nobody knows, or another under a known name, is left to oiiotool", async () => {
    await writeFile(join(fixture.folder, "own.ocio"), OWN)
    expect(await probed("house curve", "own.ocio")).toBe(null)
    expect(await probed("LogC3", "own.ocio")).toBe(null)
    expect(await probed("ADX10")).toBe(null)
  })
})
