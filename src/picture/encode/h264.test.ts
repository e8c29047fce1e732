import { describe, expect, it } from "vitest"
import { boxOf, type PlanOptions, planOf } from "../engines/testing/readings.ts"
import { movieProblem, planesArgs, tiffArgs } from "./h264.ts"
import { fitsRate, framesSinceMidnight } from "./timecode.ts"

const still = { kind: "yuv420p", canvas: new Uint8Array() } as const
const orderOf = async (options: PlanOptions = {}, frames = 1) => {
  const plan = await planOf(options)
  return { output: plan.main, plan, frames: Array.from({ length: frames }, () => still), file: "proxy.mp4" }
}
const line = async (options: PlanOptions = {}) => tiffArgs(await orderOf(options), "proxy.tif").join(" ")

describe("the encode", () => {
  it("writes limited-range BT.709 pixels with zscale, tags them, pins the threads and puts the index first", async () => {
    expect(await line()).toBe(
      "-hide_banner -nostdin -loglevel error -y -filter_threads 1 -framerate 24/1 -i proxy.tif " +
        "-vf pad=1920:1080:0:0,zscale=rangein=full:range=limited:matrixin=gbr:matrix=709:primariesin=709:primaries=709:" +
        "transferin=709:transfer=709:dither=error_diffusion,format=yuv420p,setsar=1 " +
        "-frames:v 1 -c:v libx264 -preset medium -crf 23 -profile:v high -threads 1 -an -map_metadata -1 " +
        "-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 " +
        "-x264-params colorprim=bt709:transfer=bt709:colormatrix=bt709 -movflags +faststart proxy.mp4",
    )
  })

  it("takes exact frame rate and timecode from the source", async () => {
    const args = await line({ selection: { frameRate: { num: 24000, den: 1001 }, timecode: "01:00:06:03" } })
    expect(args).toContain("-framerate 24000/1001 -i")
    expect(args).toContain("-timecode 01:00:06:03 -movflags")
  })

  it("leaves out a timecode that the rate cannot have, and says so", async () => {
    const options = { selection: { timecode: "01:00:06;03" } }
    expect(await line(options)).not.toContain("-timecode")
    expect((await planOf(options)).warnings).toEqual([
      "Timecode 01:00:06;03 does not exist at 24 frames a second and was left out.",
    ])
  })

  it("letter-boxes in place and holds a still as long as it is told", async () => {
    const args = await line({
      selection: { displayWindow: boxOf(400, 300) },
      settings: { stillHoldFrames: 24, proxyCrf: 18, proxyPreset: "slow" },
    })
    expect(args).toContain("-vf pad=1920:1080:240:0,zscale")
    expect(args).toContain("format=yuv420p,setsar=1,loop=loop=23:size=1:start=0 -frames:v 24")
    expect(args).toContain("-preset slow -crf 18")
  })

  it("takes planes from standard input as they are, and writes and tags them like any other", async () => {
    const options = { selection: { timecode: "01:00:06:03" }, settings: { stillHoldFrames: 2 } }
    const whole = await line(options)
    expect(planesArgs(await orderOf(options)).join(" ")).toBe(
      "-hide_banner -nostdin -loglevel error -y -filter_threads 1 -f rawvideo -pixel_format yuv420p -video_size 1920x1080 " +
        "-framerate 24/1 -i pipe:0 -vf setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,setsar=1," +
        whole.slice(whole.indexOf("loop=")),
    )
  })

  it("shows a sequence of several frames once each, however long a still is held", async () => {
    const args = planesArgs(await orderOf({ settings: { stillHoldFrames: 24 } }, 3)).join(" ")
    expect(args).toContain("-frames:v 3")
    expect(args).not.toContain("loop=")
  })
})

it("a movie that is none is refused", () => {
  const ordered = { width: 1920, height: 1080, frames: 1 }
  expect(movieProblem(Buffer.from("0000ftypisom"), ordered)).toBe("ffmpeg wrote no H.264 movie.")
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
})
