import { describe, expect, it } from "vitest"
import type { ByProfile } from "../../element/profiles.ts"
import { failed, failure } from "../../events/result.ts"
import { boxOf, type PlanOptions, planOf } from "../engines/testing/readings.ts"
import type { SampleReader } from "../samples/index.ts"
import { AP1_FROM_REC709, KNOWN_SPACES } from "./known-spaces.ts"
import { inputOf, LINEAR_REC709, looksOf, type PixelPlan, pixelPlan, type ReadyLook } from "./plan.ts"
import { renderPixels } from "./render.ts"
import { plainLooks } from "./testing/corpus-plans.ts"
import { interleavedReader } from "./testing/interleaved.ts"

const CONFIG = "proxy.ocio"

async function planned(options: PlanOptions, looks?: ByProfile<ReadyLook>): Promise<PixelPlan> {
  const plan = await planOf(options)
  const input = inputOf(plan, CONFIG)
  const pixels = pixelPlan(plan, { input, looks: looks ?? plainLooks(plan, input, CONFIG) })
  if (pixels === null) throw new Error("No plan.")
  return pixels
}

const matrixOf = (space: string): readonly number[] => KNOWN_SPACES.get(space)?.matrix ?? []

describe("the plan of the pixel path", () => {
  it("is plain data that a thread can be told", async () => {
    const plan = await planned({ colorspace: { configSpace: "LogC3", encoding: "log" } })
    expect(structuredClone(plan)).toEqual(plan)
  })

  it("makes log linear before resizing, and puts the matrix after it", async () => {
    const plan = await planned({ colorspace: { configSpace: "LogC3", encoding: "log" } })
    expect([plan.decode?.kind, plan.toWorking]).toEqual(["log", matrixOf("LogC3")])
    expect(plan.main.look.matrix).toEqual([])
  })

  it("shrinks linear light in its own space and converts after it, as the recipe does", async () => {
    const plan = await planned({ colorspace: { configSpace: "ACEScg" } })
    expect([plan.decode, plan.toWorking, plan.smaller[0]?.look.matrix]).toEqual([null, [], matrixOf("ACEScg")])
  })

  it("goes by a header's own primaries", async () => {
    const matrix = [1, 0.1, 0, 0, 1, 0, 0, 0.2, 1]
    const plan = await planned({ colorspace: { matrix } })
    expect([plan.toWorking, plan.main.look.matrix]).toEqual([matrix, []])
  })

  it("keeps the code values of display-referred sources", async () => {
    const plan = await planned({ colorspace: { configSpace: "rec709_video", encoding: "display" } })
    expect(plan.main.look).toEqual({ kind: "curve", matrix: [], curve: plan.decode })
    expect(plan.smaller[0]?.look).toEqual(plan.main.look)
  })

  it.each(["ADX10", "ADX16", "house log"])(
    "leaves %s to oiiotool, and goes on with what that writes",
    async (space) => {
      const plan = await planOf({ colorspace: { configSpace: space, encoding: "log" } })
      const looks = plainLooks(plan, LINEAR_REC709, CONFIG)
      expect(inputOf(plan, CONFIG)).toBe(null)
      expect(pixelPlan(plan, { input: null, looks })).toBe(null)
      expect(pixelPlan(plan, { input: LINEAR_REC709, looks })).toMatchObject({ decode: null, toWorking: [] })
    },
  )

  it("bakes views on a lattice of ACEScg, and display-referred spaces that only oiiotool knows", async () => {
    const aces = looksOf(await planOf({ colorspace: { look: "aces-sdr" } }), LINEAR_REC709, CONFIG)
    expect(aces.proxy).toMatchObject({ kind: "bake", from: "ACEScg", to: { display: "Rec1886", view: "ACES SDR" } })
    expect(aces.proxy).toMatchObject({ fromRec709: AP1_FROM_REC709 })
    const own = await planOf({ colorspace: { configSpace: "house video", encoding: "display" } })
    expect(looksOf(own, null, CONFIG).thumbnail).toMatchObject({ kind: "bake", to: { space: "house video" } })
  })

  it("counts grey once, and shows the data of a DPX wherever it says it stands", async () => {
    const dataWindow = { xMin: 100, yMin: 50, xMax: 119, yMax: 59 }
    const selection = { format: "dpx", channels: ["Y", "Y", "Y"], dataWindow, displayWindow: boxOf(20, 10) }
    const plan = await planned({ selection })
    expect(plan.countedChannels).toEqual([0])
    expect([plan.display, plan.data]).toEqual([
      { width: 20, height: 10 },
      { x: 0, y: 0, width: 20, height: 10 },
    ])
  })
})

const even = (width: number, height: number, value: number): SampleReader =>
  interleavedReader({ width, height, samples: new Float32Array(width * height * 3).fill(value) })

const sized = (width: number, height: number): PlanOptions => ({
  selection: { displayWindow: boxOf(width, height), dataWindow: boxOf(width, height) },
})

describe("rendering pixels", () => {
  it.each([
    [1, 1],
    [3, 2000],
    [5000, 2],
    [1921, 1081],
  ])("%i x %i of white is white in its rectangles and black around them", async (width, height) => {
    const plan = await planned(sized(width, height))
    const made = renderPixels(even(width, height, 1), plan)
    if (!made.ok) throw new Error(made.failure.says)
    const { x, y, width: wide, height: high } = plan.main.rectangle
    const luma = made.value.canvases.proxy.subarray(0, 1920 * 1080)
    const wrong = luma.findIndex((code, at) => {
      const [column, row] = [at % 1920, Math.floor(at / 1920)]
      const isInside = column >= x && column < x + wide && row >= y && row < y + high
      return code !== (isInside ? 235 : 16)
    })
    expect(wrong).toBe(-1)
    const thumbnail = plan.smaller[0]?.rectangle ?? { width: 0, height: 0 }
    const lit = made.value.canvases.thumbnail.filter((value) => value === 255).length
    expect(lit).toBe(thumbnail.width * thumbnail.height * 3)
    expect(made.value.allBlack).toBe(false)
  })

  it("gives the same bytes again", async () => {
    const plan = await planned(sized(300, 200))
    expect(renderPixels(even(300, 200, 0.3), plan)).toEqual(renderPixels(even(300, 200, 0.3), plan))
  })

  it("passes on what the reader fails with", async () => {
    const damaged: SampleReader = {
      ...even(8, 8, 1),
      readRows: () => failed(failure("picture/damaged", "A chunk is damaged.")),
    }
    expect(renderPixels(damaged, await planned(sized(8, 8)))).toMatchObject({ failure: { code: "picture/damaged" } })
  })

  it("black without light is right, black in spite of light is an alarm", async () => {
    expect(renderPixels(even(8, 8, 0), await planned(sized(8, 8)))).toMatchObject({ value: { allBlack: true } })
    const black: ReadyLook = {
      kind: "lut",
      fromRec709: [],
      lut: { edge: 2, shaper: { knee: 0.003, max: 128 }, values: new Float32Array(24) },
    }
    const plan = await planned(sized(8, 8), { proxy: black, thumbnail: black })
    expect(renderPixels(even(8, 8, 0.5), plan)).toMatchObject({ failure: { code: "picture/silently-black" } })
    expect(renderPixels(even(8, 8, 0.01), plan)).toMatchObject({ value: { allBlack: true } })
  })
})
