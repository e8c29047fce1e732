import { readFileSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { CDL, ccText, NEUTRAL } from "../src/picture/looks/testing/look-texts.ts"
import { call, factsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

let frames: Frames
beforeEach(() => {
  frames = openFrames({ "sh010/a.0001.exr": "window", "sh020/b.0001.exr": "shifted" })
})
afterEach(() => frames.remove())

const run = (...flags: readonly string[]) => call(["run", frames.dir, ...flags])
const thumbnail = (shot: string, name: string): Buffer =>
  readFileSync(frames.path(`${shot}/.proxies/${name}_thumb.jpg`))
const evidenceOf = async (key: string): Promise<string | undefined> =>
  (await factsOf(frames, "colorspace-detected")).findLast(({ element }) => element.key === key)?.colorspace.evidence

describe("looks that rules name", () => {
  it("are followed, named in the evidence, and measured beside their views", async () => {
    writeFileSync(frames.beside("grade.cc"), ccText(CDL))
    writeFileSync(frames.beside("settings.yaml"), "colourRules: [{prefix: '', look: grade.cc}]\n")
    const env = { OIIO_CONFIG: frames.beside("settings.yaml") }
    expect((await call(["run", frames.dir], { env })).code).toBe(0)
    expect(await evidenceOf("sh010/a.0001.exr")).toMatch(/look file "grade\.cc" \(SHA-256 [0-9a-f]{64}\)/)
    const checked = await call(["looks", "check", frames.dir, "--json"], { env })
    const reports = checked.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { look: string; way: string })
    expect(reports.map(({ look, way }) => [look, way])).toEqual([
      ["un-tone-mapped", "exact"],
      ["un-tone-mapped", "exact"],
      ["grade.cc, un-tone-mapped", "table"],
      ["grade.cc, un-tone-mapped", "table"],
    ])
  })

  it("end every command that would use them where they are missing", async () => {
    writeFileSync(frames.beside("settings.yaml"), "colourRules: [{prefix: '', look: nowhere.cube}]\n")
    const { code, stderr } = await call(["run", frames.dir], { env: { OIIO_CONFIG: frames.beside("settings.yaml") } })
    expect(code).toBe(2)
    expect(stderr).toContain(`The look file ${frames.beside("nowhere.cube")} does not exist.`)
  })
})

describe("looks beside frames", () => {
  it("are followed where a setting says so, by the pictures beside which they lie alone", async () => {
    writeFileSync(frames.path("sh010/a.cc"), ccText(CDL))
    expect((await run()).code).toBe(0)
    const [plain, other] = [thumbnail("sh010", "a.0001"), thumbnail("sh020", "b.0001")]
    const { stderr, code } = await run("--looks-beside")
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/1 frame rendered in .*, 1 up to date/),
    })
    expect(thumbnail("sh010", "a.0001").equals(plain)).toBe(false)
    expect(thumbnail("sh020", "b.0001").equals(other)).toBe(true)
    expect(await evidenceOf("sh010/a.0001.exr")).toMatch(
      /look file "a\.cc" \(SHA-256 [0-9a-f]{64}\) is applied in ACEScct/,
    )
    expect(await evidenceOf("sh020/b.0001.exr")).not.toContain("look file")
    expect((await run("--looks-beside")).stderr).toMatch(/2 frames up to date/)
    expect((await call(["inspect", frames.path("sh010/a.0001.exr"), "--looks-beside"])).stdout).toContain('"a.cc"')
    await run()
    expect(thumbnail("sh010", "a.0001").equals(plain)).toBe(true)
  })

  it("that are damaged fail their frames, until they are mended", async () => {
    writeFileSync(frames.path("sh010/look.cc"), ccText({ ...CDL, power: [0, 1, 1] }))
    const failed = await run("--looks-beside")
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(
      /sh010\/a\.0001\.exr: picture\/look-unusable: OpenColorIO cannot use the look file look\.cc/,
    )
    writeFileSync(frames.path("sh010/look.cc"), "<!DOCTYPE a><ColorCorrection/>")
    expect((await run("--looks-beside")).stderr).toContain("look.cc beside the frame has a document type")
    writeFileSync(frames.path("sh010/look.cc"), ccText(NEUTRAL))
    expect(await run("--looks-beside")).toMatchObject({ code: 0 })
  })
})
