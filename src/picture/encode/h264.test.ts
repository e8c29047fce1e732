import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { boxOf, type PlanOptions, planOf } from "../engines/testing/readings.ts"
import { loneRateFactor } from "../native/encoders.ts"
import { ffmpegRun, movieProblem } from "./h264.ts"
import { fitsRate, framesSinceMidnight, timecodeAt } from "./timecode.ts"

const tiff = { kind: "rgb16-tiff", path: "proxy.tif" } as const
const planes = { kind: "yuv420p", canvas: Uint8Array.of(1, 2, 3) } as const
const orderOf = async (options: PlanOptions = {}) => {
  const plan = await planOf(options)
  return { output: plan.main, plan }
}
const line = async (options: PlanOptions = {}) => ffmpegRun(await orderOf(options), tiff, "proxy.h264")[0].join(" ")

describe("ffmpeg's encode", () => {
  it("writes limited-range BT.709 pixels with zscale, tags them, pins the threads, and states one reference", async () => {
    expect(await line()).toBe(
      "-hide_banner -nostdin -loglevel error -y -filter_threads 1 -framerate 24/1 -i proxy.tif " +
        "-vf pad=1920:1080:0:0,zscale=rangein=full:range=limited:matrixin=gbr:matrix=709:primariesin=709:primaries=709:" +
        "transferin=709:transfer=709:dither=error_diffusion,format=yuv420p,setsar=1 " +
        `-frames:v 1 -c:v libx264 -preset veryfast -crf ${loneRateFactor(23, { num: 24, den: 1 })} -profile:v high -threads 1 -an ` +
        "-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 " +
        "-x264-params colorprim=bt709:transfer=bt709:colormatrix=bt709:" +
        "bframes=0:ref=1:mvrange=32:weightp=0:mbtree=0:qcomp=1:rc-lookahead=0:sync-lookahead=0:stitchable=1 -f h264 proxy.h264",
    )
  })

  it("takes the exact frame rate from the source", async () => {
    expect(await line({ selection: { frameRate: { num: 24000, den: 1001 } } })).toContain("-framerate 24000/1001 -i")
  })

  it("letter-boxes in place, and takes rate factor and preset from the settings", async () => {
    const args = await line({
      selection: { displayWindow: boxOf(400, 300) },
      settings: { proxyCrf: 18, proxyPreset: "slow" },
    })
    expect(args).toContain("-vf pad=1920:1080:240:0,zscale")
    expect(args).toContain(`-preset slow -crf ${loneRateFactor(18, { num: 24, den: 1 })} `)
  })

  it("takes the best rate factor that is not lossless for 0", async () => {
    expect(await line({ settings: { proxyCrf: 0 } })).toBe(await line({ settings: { proxyCrf: 1 } }))
  })

  it("takes planes from standard input as they are, and writes and tags them like any other", async () => {
    const whole = await line()
    const [args, input] = ffmpegRun(await orderOf(), planes, "proxy.h264")
    expect(args.join(" ")).toBe(
      "-hide_banner -nostdin -loglevel error -y -filter_threads 1 -f rawvideo -pixel_format yuv420p -video_size 1920x1080 " +
        "-framerate 24/1 -i pipe:0 -vf setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,setsar=1 " +
        whole.slice(whole.indexOf("-frames:v")),
    )
    expect(input).toEqual([planes.canvas])
  })
})

it("a timecode that the rate cannot have is left out with a word", async () => {
  const { timecode, warnings } = await planOf({ selection: { timecode: "01:00:06;03" } })
  expect(timecode).toBeNull()
  expect(warnings).toEqual(["Timecode 01:00:06;03 does not exist at 24 frames a second and was left out."])
})

it("a movie that is none is refused", () => {
  const ordered = { width: 1920, height: 1080, frames: 1 }
  expect(movieProblem(Buffer.from("0000ftypisom"), ordered)).toBe("No H.264 movie was written.")
})

const [FILM, NTSC, NTSC60, PAL] = [
  { num: 24000, den: 1001 },
  { num: 30000, den: 1001 },
  { num: 60000, den: 1001 },
  { num: 25, den: 1 },
]

describe("a timecode", () => {
  it.each([
    ["01:00:06:03", FILM],
    ["23:59:59:23", FILM],
    ["00:00:00:24", PAL],
    ["00:01:00;02", NTSC],
    ["00:10:00;00", NTSC],
    ["00:01:00;04", NTSC60],
  ])("%s exists at its rate", (timecode, rate) => expect(fitsRate(timecode, rate)).toBe(true))

  it.each([
    ["25:61:61:10", FILM],
    ["24:00:00:00", FILM],
    ["00:00:00:24", FILM],
    ["00:00:00:25", PAL],
    ["00:00:01;00", PAL],
    ["00:00:01;00", FILM],
    ["00:01:00;01", NTSC],
    ["00:01:00;03", NTSC60],
    ["1:2:3:4", FILM],
    ["", FILM],
  ])("%s does not", (timecode, rate) => expect(fitsRate(timecode, rate)).toBe(false))

  it.each([
    ["00:00:41:17", FILM, 1001],
    ["00:00:59;29", NTSC, 1799],
    ["00:01:00;02", NTSC, 1800],
    ["00:10:00;00", NTSC, 17982],
    ["01:00:00;00", NTSC, 107892],
    ["01:00:00:00", NTSC, 108000],
    ["01:00:00;00", NTSC60, 215784],
    ["23:59:59:24", PAL, 2159999],
  ])("%s is the frame of its number", (timecode, rate, frame) =>
    expect(framesSinceMidnight(timecode, rate)).toBe(frame),
  )

  it("that does not exist is the frame of none", () => expect(() => framesSinceMidnight("00:01:00;01", NTSC)).toThrow())

  it.each([
    [1001, { num: 24, den: 1 }, "all", "00:00:41:17"],
    [1001, FILM, "all", "00:00:41:17"],
    [1800, NTSC, "drop-frame", "00:01:00;02"],
    [1799, NTSC, "drop-frame", "00:00:59;29"],
    [17981, NTSC, "drop-frame", "00:09:59;29"],
    [17982, NTSC, "drop-frame", "00:10:00;00"],
    [-1, PAL, "all", "23:59:59:24"],
    [24 * 3600 * 25, PAL, "all", "00:00:00:00"],
  ] as const)("of frame %i at %o, %s counted, is %s", (frame, rate, counting, timecode) =>
    expect(timecodeAt(frame, rate, counting)).toBe(timecode),
  )

  it("of a frame is that frame's, whichever of a day it is", () => {
    for (const [rate, counting] of [
      [NTSC, "drop-frame"],
      [NTSC60, "drop-frame"],
      [NTSC, "all"],
      [FILM, "all"],
      [PAL, "all"],
    ] as const) {
      const day = framesSinceMidnight(timecodeAt(-1, rate, counting), rate) + 1
      const frames = fc.nat(day - 1)
      fc.assert(
        fc.property(frames, (frame) => {
          const timecode = timecodeAt(frame, rate, counting)
          expect(fitsRate(timecode, rate)).toBe(true)
          expect(framesSinceMidnight(timecode, rate)).toBe(frame)
        }),
      )
    }
  })
})
