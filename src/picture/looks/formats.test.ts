import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type EngineFixture, openEngineFixture, type Triple } from "../engines/testing/engine-fixture.ts"
import { floatsOf, floatTiff } from "../pixels/plain-tiff.ts"
import { layOutLook, throughStep } from "./apply.ts"
import type { ReadLook } from "./look.ts"
import { lookOf } from "./read-look.ts"
import {
  amfCdl,
  amfText,
  CDL,
  type Cdl,
  cccText,
  ccText,
  cdlText,
  cubeText,
  graded,
  NEUTRAL,
} from "./testing/look-texts.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture.close())

const COLOURS: readonly Triple[] = [
  [0, 0, 0],
  [0.18, 0.18, 0.18],
  [1, 1, 1],
  [0.9, 0.1, 0.3],
  [0.05, 0.6, 0.4],
  [0.3, 0.2, 0.95],
]

function lookIn(name: string, text: string, id: string | null = null): ReadLook {
  const outcome = lookOf(Buffer.from(text), { name, space: "data", output: "data", id }, () => ({
    problem: "is unread",
  }))
  if ("problem" in outcome) throw new Error(outcome.problem)
  return outcome.read
}

/** What OpenColorIO makes of colours with a look, its numbers as they are. */
async function shown({ look, bytes }: ReadLook, colours: readonly Triple[]): Promise<readonly Triple[]> {
  const folder = await mkdtemp(join(fixture.folder, "look-"))
  const steps = look.steps.map((step) => ({ ...step, bytes: bytes.get(step.sha256) ?? new Uint8Array(0) }))
  await layOutLook(folder, { steps })
  const samples = Float32Array.from(colours.flat())
  await writeFile(join(folder, "colours.tif"), floatTiff({ width: colours.length, height: 1, samples }))
  const path = (name: string): string => join(folder, name)
  await fixture.oiiotool(
    path("colours.tif"),
    ...steps.flatMap((_, index) => throughStep(index).map((arg) => (arg.endsWith(".ocio") ? path(arg) : arg))),
    ...["-d", "float", "--compression", "none", "--scanline", "-o", path("shown.tif")],
  )
  const found = floatsOf(await readFile(path("shown.tif")))?.samples ?? new Float32Array(0)
  return colours.map((_, at) => [...found.subarray(3 * at, 3 * at + 3)] as unknown as Triple)
}

const off = (found: readonly Triple[], wanted: readonly Triple[]): number =>
  Math.max(...found.flatMap((colour, at) => colour.map((one, c) => Math.abs(one - (wanted[at]?.[c] ?? Number.NaN)))))

const STRONG: Cdl = { slope: [2, 0.5, 0], offset: [-0.2, 0.1, 0.3], power: [2, 0.5, 1], saturation: 2 }

describe("a correction", () => {
  it.each<readonly [string, string, Cdl] | readonly [string, string, Cdl, string]>([
    ["a.cc", ccText(CDL), CDL],
    ["a.cdl", cdlText(CDL), CDL],
    ["second.ccc", cccText(["one", NEUTRAL], ["two", CDL]), CDL, "two"],
    ["nameless.ccc", cccText([null, CDL]), CDL],
    ["strong.cc", ccText(STRONG), STRONG],
    ["grey.cc", ccText({ ...CDL, saturation: 0 }), { ...CDL, saturation: 0 }],
    ["windows.cc", ccText(CDL).replaceAll("><", ">\r\n  <"), CDL],
    ["old.cc", ccText(CDL).replace("urn:ASC:CDL:v1.2", "urn:ASC:CDL:v1.01"), CDL],
    ["bare.cc", ccText(CDL).replace(/ xmlns="[^"]*"/, ""), CDL],
    ["swapped.cc", ccText(CDL).replace(/(<Slope>.*<\/Slope>)(<Offset>.*<\/Offset>)/, "$2$1"), CDL],
    ["noted.cc", ccText(CDL).replace("<SOPNode>", "<Description>é — naïve</Description><SOPNode>"), CDL],
    ["unsaturated.cc", ccText(CDL).replace(/<SatNode>.*<\/SatNode>/, ""), { ...CDL, saturation: 1 }],
    ["shot.amf", amfText(amfCdl(CDL)), CDL],
    ["shot2.amf", amfText(amfCdl(CDL), "2.0").replaceAll(/cdl:(S\w+Node)/g, "cdl:$1"), CDL],
    ["sop.amf", amfText(amfCdl(CDL)).replaceAll("SOPNode", "ASC_SOP").replaceAll("SatNode", "ASC_SAT"), CDL],
  ])("in %s does what the ASC's formula says", async (name, text, cdl, id: string | null = null) => {
    expect(
      off(
        await shown(lookIn(name, text, id), COLOURS),
        COLOURS.map((colour) => graded(cdl, colour)),
      ),
    ).toBeLessThan(2e-4)
  })
})

const warm = ([r, g, b]: Triple): Triple => [0.2 + 0.8 * r, g, 0.5 * b]
const curve = (head: string): string => `${head}\n0 0 0\n.25 .25 .25\n1 1 1\n`
const bent = (value: number): number => (value < 0.5 ? value / 2 : 0.25 + (value - 0.5) * 1.5)
const each = (colour: Triple, of: (value: number) => number): Triple => colour.map(of) as unknown as Triple

describe("a Common LUT Format file", () => {
  it("is followed", async () => {
    const text = `<?xml version="1.0"?><ProcessList xmlns="urn:AMPAS:CLF:v3.0" id="a" compCLFversion="3.0">
<Matrix inBitDepth="32f" outBitDepth="32f"><Array dim="3 3">0.5 0.25 0 0 1 0 0 0 2</Array></Matrix></ProcessList>`
    const wanted = COLOURS.map(([r, g, b]): Triple => [0.5 * r + 0.25 * g, g, 2 * b])
    expect(off(await shown(lookIn("a.clf", text), COLOURS), wanted)).toBeLessThan(1e-5)
  })
})

describe("a cube", () => {
  it.each<readonly [string, string, (colour: Triple) => Triple]>([
    ["in three dimensions", cubeText(3, warm), warm],
    ["with comments, blank lines and a title in UTF-8", cubeText(3, warm, ["# made ✓", "", 'TITLE "Über — ☀"']), warm],
    ["with the line ends of Windows", cubeText(3, warm, ["# x"]).replaceAll("\n", "\r\n"), warm],
    ["with a byte order mark", `\ufeff${cubeText(3, warm)}`, warm],
    ["with tabs", cubeText(3, warm).replaceAll(" ", "\t"), warm],
    ["in scientific notation", cubeText(3, warm).replaceAll(/\d\.\d+/g, (one) => Number(one).toExponential(6)), warm],
    ["of 65 points a side", cubeText(65, warm), warm],
    [
      "over a domain of its own",
      cubeText(3, warm, ["DOMAIN_MIN -1 -1 -1", "DOMAIN_MAX 3 3 3"]),
      (colour) => warm(each(colour, (value) => (value + 1) / 4)),
    ],
    ["of one dimension", curve("LUT_1D_SIZE 3"), (colour) => each(colour, bent)],
    [
      "of one dimension, over Resolve's range",
      curve("LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE 0.0 2.0"),
      (colour) => each(colour, (value) => bent(value / 2)),
    ],
    [
      "in three dimensions, over Resolve's range",
      cubeText(3, warm).replace("LUT_3D_SIZE 3", "LUT_3D_SIZE 3\nLUT_3D_INPUT_RANGE 0 2"),
      (colour) => warm(each(colour, (value) => value / 2)),
    ],
    [
      "of Resolve with a curve before the table",
      `LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE 0 1\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 1\n${curve("").trim()}\n${cubeText(2, warm).split("\n").slice(1).join("\n")}`,
      (colour) => warm(each(colour, bent)),
    ],
  ])("%s is followed", async (_, text, table) => {
    expect(off(await shown(lookIn("a.cube", text), COLOURS), COLOURS.map(table))).toBeLessThan(1e-5)
  })
})
