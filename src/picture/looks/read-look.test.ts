import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type LookRequest, readLook } from "./read-look.ts"
import {
  amfCdl,
  amfFile,
  amfInput,
  amfText,
  CDL,
  cccText,
  ccText,
  cdlText,
  cubeText,
  NEUTRAL,
} from "./testing/look-texts.ts"

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "look-files-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function lay(name: string, text: string | Uint8Array): Promise<string> {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

const read = (name: string, asked: Partial<LookRequest> = {}) =>
  readLook(join(folder, name), { name, space: null, output: null, id: null, ...asked })

/** What is wrong with a look file of this name and text. */
async function wrong(name: string, text: string | Uint8Array, asked: Partial<LookRequest> = {}): Promise<string> {
  await lay(name, text)
  const outcome = read(name, asked)
  return "problem" in outcome ? outcome.problem : "nothing"
}

async function stepsOf(name: string, text: string, asked: Partial<LookRequest> = {}) {
  await lay(name, text)
  const outcome = read(name, asked)
  if ("problem" in outcome) throw new Error(outcome.problem)
  return outcome.read
}

describe("a look file", () => {
  it("is one step in ACEScct, unless another space is stated", async () => {
    const { look, bytes } = await stepsOf("a.cc", ccText(CDL))
    expect(look).toMatchObject({
      name: "a.cc",
      steps: [{ format: "cc", id: null, space: "ACEScct", output: "ACEScct" }],
    })
    expect(look.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect([...bytes.keys()]).toEqual(look.steps.map(({ sha256 }) => sha256))
    const cube = await stepsOf(
      "A.CUBE",
      cubeText(2, (colour) => colour),
      { space: "LogC3", output: "rec709_video" },
    )
    expect(cube.look.steps).toMatchObject([{ format: "cube", space: "LogC3", output: "rec709_video" }])
  })

  it("of several corrections needs an id; of one, with an id or without, none", async () => {
    const two = cccText(["sh010", CDL], ["sh020", NEUTRAL])
    expect((await stepsOf("two.ccc", two, { id: "sh020" })).look.steps[0]?.id).toBe("1")
    expect(await wrong("two.ccc", two)).toContain('lookId has to say which one is meant; it has 2: "sh010", "sh020"')
    expect(await wrong("two.ccc", two, { id: "1" })).toContain('no correction with the id "1"')
    expect((await stepsOf("nameless.ccc", cccText([null, CDL]))).look.steps[0]?.id).toBe("0")
    expect((await stepsOf("one.cdl", cdlText(CDL))).look.steps[0]?.id).toBe("0")
    expect(await wrong("none.ccc", cccText())).toBe("holds no ColorCorrection")
  })

  it("loses the mark of Windows' editors, which OpenColorIO does not expect", async () => {
    const { bytes } = await stepsOf("bom.cube", `\ufeff${cubeText(2, (colour) => colour)}`)
    expect(Buffer.from([...bytes.values()][0] ?? []).toString()).toMatch(/^LUT_3D_SIZE 2/)
  })
})

describe("an AMF file", () => {
  it("is its look transforms in their order, in the spaces that it states, without those that were applied", async () => {
    await lay(
      "amf/luts/show.cube",
      cubeText(2, (colour) => colour),
    )
    const text = amfText(
      [
        amfInput("urn:ampas:aces:transformId:v1.5:IDT.ARRI.Alexa-v3-logC-EI800.a1.v2"),
        amfCdl(NEUTRAL, "ACEScct", "true"),
        amfCdl(CDL, "ACEScc"),
        amfFile("luts/show.cube"),
        `<aces:lookTransform applied="false"><aces:transformId>urn:ampas:aces:transformId:v1.5:LMT.Academy.ReferenceGamutCompress.a1.v1.0</aces:transformId></aces:lookTransform>`,
      ].join("\n"),
    )
    const { look, inputSpace, bytes } = await stepsOf("amf/shot.amf", text)
    expect(inputSpace).toBe("LogC3")
    expect(look.steps).toMatchObject([
      { format: "cc", space: "ACEScc", output: "ACEScc" },
      { format: "cube", space: "ACES2065-1", output: "ACES2065-1" },
      { format: "builtin", id: "ACES-LMT - ACES 1.3 Reference Gamut Compression" },
    ])
    expect(bytes.size).toBe(3)
  })

  it.each([
    ["urn:ampas:aces:transformId:v2.0:CSC.Arri.LogC4_to_ACES.a2.v1", "LogC4"],
    ["urn:ampas:aces:transformId:v2.0:CSC.Sony.Venice_SLog3_SGamut3Cine_to_ACES.a2.v1", "SLog3_SGamut3CineVenice"],
    ["urn:ampas:aces:transformId:v1.5:IDT.Sony.SLog3_SGamut3.a1.v1", "SLog3_SGamut3"],
    ["urn:ampas:aces:transformId:v1.5:ACEScsc.Academy.LogC_EI800_AWG_to_ACES.a1.1.0", "LogC3"],
    ["urn:ampas:aces:transformId:v2.0:Input.ARRI.AlexaLF.LogC4-800.a1.v1", "LogC4"],
    ["urn:ampas:aces:transformId:v2.0:CSC.Red.Log3G10_RWG_to_ACES.a2.v1", "Log3G10"],
    ["urn:ampas:aces:transformId:v2.0:CSC.Canon.CLog2_CGamut_to_ACES.a1.v1", "CanonLog2"],
    ["urn:ampas:aces:transformId:v2.0:CSC.Panasonic.VLog_VGamut_to_ACES.a2.v1", "VLog"],
    ["urn:ampas:aces:transformId:v2.0:CSC.Apple.AppleLog_BT2020_to_ACES.a2.v1", "AppleLog"],
    ["urn:ampas:aces:transformId:v1.5:ACEScsc.Academy.ACEScg_to_ACES.a1.0.3", "ACEScg"],
    ["urn:example:transformId:IDT.Unheard.Of.a1.v1", null],
  ])("states with %s that sources are in %s", async (id, space) => {
    expect((await stepsOf("input.amf", amfText(amfInput(id), "2.0"))).inputSpace).toBe(space)
    expect((await stepsOf("input.amf", amfText(amfInput(id, "true")))).inputSpace).toBeNull()
  })

  it.each([
    "../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "luts/../../x.cube",
    "..\\x.cube",
    "a\0.cube",
    "link/x.cube",
  ])("reads nothing outside its folder: %j", async (reference) => {
    await lay(
      "x.cube",
      cubeText(2, (colour) => colour),
    )
    await mkdir(join(folder, "inside"), { recursive: true })
    await symlink(folder, join(folder, "inside/link")).catch(() => null)
    const says = await wrong("inside/shot.amf", amfText(amfFile(reference.replace("\0", "&#0;"))))
    expect(says).toMatch(/is not a relative path to a file in the folder|is no \.cdl|is no XML/)
  })

  it("refers to a correction of a collection, and to files whose names are written as URIs", async () => {
    await lay("refs/show grades.ccc", cccText(["A001", NEUTRAL], ["A002", CDL]))
    const space = `<aces:cdlWorkingSpace><aces:fromCdlWorkingSpace><aces:transformId>urn:ampas:aces:transformId:v2.0:CSC.ACEScc.ACES2065-1.a1.v1</aces:transformId></aces:fromCdlWorkingSpace></aces:cdlWorkingSpace>`
    const referring = (ref: string): string =>
      amfText(
        `<aces:lookTransform applied="false">${space}<cdl:ColorCorrectionRef ref="${ref}"/><aces:file>show%20grades.ccc</aces:file></aces:lookTransform>`,
      )
    const { look } = await stepsOf("refs/shot.amf", referring("A002"))
    expect(look.steps).toMatchObject([{ format: "ccc", id: "1", space: "ACEScc", output: "ACEScc" }])
    expect(await wrong("refs/shot.amf", referring("A003"))).toContain('no correction with the id "A003"')
    const nowhere = `<aces:lookTransform>${space}<cdl:ColorCorrectionRef ref="A001"/></aces:lookTransform>`
    expect(await wrong("refs/shot.amf", amfText(nowhere))).toContain("names no file that holds it")
    expect(await wrong("refs/shot.amf", amfText(amfFile("%2e%2e/x.cube")))).toContain("is not a relative path")
  })

  it("says what it cannot follow", async () => {
    expect(await wrong("a.amf", amfText(amfFile("missing.cube")))).toBe(
      'refers to "missing.cube", which does not exist',
    )
    expect(await wrong("a.amf", amfText(amfFile("other.amf")))).toContain("is no .cdl, .cc, .ccc, .cube or .clf file")
    const unknown = `<aces:lookTransform><aces:transformId>urn:mine:LMT.Own</aces:transformId></aces:lookTransform>`
    expect(await wrong("a.amf", amfText(unknown))).toContain("urn:mine:LMT.Own")
    expect(await wrong("a.amf", amfText(amfCdl(CDL, "MyLog")))).toContain("working space that is not known")
    expect(await wrong("a.amf", amfText(amfCdl({ ...CDL, slope: [1, 2] })))).toContain("numbers are none")
    expect(await wrong("a.amf", "<html/>")).toBe("is no ACES Metadata File with a pipeline")
  })
})

const BOMB = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><ColorCorrection>&b;</ColorCorrection>`
const FILE = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ColorCorrection>&a;</ColorCorrection>`

describe("a look file that nobody should trust", () => {
  it.each<readonly [string, string, string | Uint8Array, string]>([
    ["entities that grow", "bomb.cc", BOMB, "has a document type"],
    ["entities of files", "file.cdl", FILE, "has a document type"],
    ["the same in an AMF", "bomb.amf", BOMB, "has a document type"],
    ["the same in a CLF", "bomb.clf", BOMB.replaceAll("ColorCorrection", "ProcessList"), "has a document type"],
    [
      "a CLF that reads files",
      "ref.clf",
      `<ProcessList><Reference path="/etc/passwd"/></ProcessList>`,
      "refers to other",
    ],
    ["elements inside elements", "deep.cc", "<a>".repeat(10_000), "too deeply nested"],
    ["an end in the middle", "cut.cc", ccText(CDL).slice(0, -30), "is no XML"],
    ["text in no encoding", "latin.cc", Uint8Array.of(60, 0xff, 0xfe, 62), "is not text in UTF-8"],
    ["nothing", "empty.cc", "", "is no XML"],
    ["a table of 10⁹ points", "huge.cube", "LUT_3D_SIZE 1000\n0 0 0\n", "announces LUT_3D_SIZE 1000"],
    ["the same in small letters", "huge.cube", "# x\r\n lut_1d_size\t999999999\r\n", "announces LUT_1D_SIZE"],
    ["numbers that are none", "nan.cube", "LUT_1D_SIZE 2\n0 0 0\n1 nan 1\n", "numbers that are none"],
  ])("is refused for %s", async (_, name, text, says) => {
    expect(await wrong(name, text)).toContain(says)
  })

  it("is refused for its size before it is read, or for being no file", async () => {
    await truncate(await lay("sparse.cube", ""), 500e6)
    expect(read("sparse.cube")).toEqual({ problem: expect.stringContaining("larger than 64 MiB") })
    await mkdir(join(folder, "folder.cube"))
    expect(read("folder.cube")).toEqual({ problem: "is not a file" })
    expect(read("nowhere.cube")).toEqual({ problem: "does not exist" })
    await symlink("loop.cube", join(folder, "loop.cube"))
    expect(read("loop.cube")).toEqual({ problem: expect.stringContaining("links") })
  })
})
