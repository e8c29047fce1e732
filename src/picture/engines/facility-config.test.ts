import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import type { PictureEngine } from "../index.ts"
import {
  decodeJpeg,
  distance,
  type EngineFixture,
  eachEngine,
  openNamedEngine,
  pixel,
} from "./testing/engine-fixture.ts"
import { boxOf, reading } from "./testing/readings.ts"

let fixture: EngineFixture
let engine: PictureEngine
const describeEach = eachEngine(async (opened) => {
  fixture = opened
  const ocioConfigPath = join(opened.folder, "facility.ocio")
  await writeFile(ocioConfigPath, FACILITY)
  engine = unwrap(await openNamedEngine(opened.name, { ocioConfigPath }))
  await opened.oiiotool("--pattern", "constant:color=0.5,0.5,0.5", "64x64", "3", "-d", "half", "-o", "grey.exr")
})

const grey = (colorspace: { readonly configSpace?: string; readonly look: string }) =>
  reading({ selection: { displayWindow: boxOf(64, 64), dataWindow: boxOf(64, 64) }, colorspace })

describeEach("a facility's own config", () => {
  it.each([
    ["Doubled", 255],
    ["lin_rec2020", 127.5],
  ] as const)("shows %s, its own space or one of the bundled config, with its own view", async (configSpace, code) => {
    const made = unwrap(await fixture.tryRender("grey.exr", grey({ configSpace, look: "Raw light" }), {}, engine))
    const seen = pixel(await decodeJpeg(made.files.thumbnail.path), 128, 128)
    expect(distance(seen, [code, code, code])).toBeLessThanOrEqual(1)
  })

  it("raises an alarm where its view makes black of a source that has light", async () => {
    const failure = failureOf(await fixture.tryRender("grey.exr", grey({ look: "Blackout" }), {}, engine))
    expect(failure).toMatchObject({ code: "picture/silently-black", kind: "permanent" })
  })
})

const FACILITY = `ocio_profile_version: 2.1
roles: {scene_linear: Light, default: Light, aces_interchange: AP0, cie_xyz_d65_interchange: XYZ}
file_rules: [!<Rule> {name: Default, colorspace: Light}]
displays:
  sRGB - Display: [!<View> {name: Raw light, colorspace: Light}, !<View> {name: Blackout, colorspace: Dark}]
  Rec.1886 Rec.709 - Display: [!<View> {name: Raw light, colorspace: Light}, !<View> {name: Blackout, colorspace: Dark}]
active_displays: []
active_views: []
colorspaces:
  - !<ColorSpace> {name: Light, aliases: [lin_rec709]}
  - !<ColorSpace> {name: AP0}
  - !<ColorSpace> {name: XYZ}
  - !<ColorSpace>
    name: Doubled
    to_scene_reference: !<MatrixTransform> {matrix: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]}
  - !<ColorSpace>
    name: Dark
    from_scene_reference: !<MatrixTransform> {matrix: [1e-9, 0, 0, 0, 0, 1e-9, 0, 0, 0, 0, 1e-9, 0, 0, 0, 0, 1]}
`
