import { execFile } from "node:child_process"
import { copyFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CHROMIUM, openChromium } from "../browser/chromium.ts"
import { FIREFOX, openFirefox } from "../browser/firefox.ts"
import { type ServedFolder, serveFolder } from "../browser/serve-folder.ts"
import { debianMissing } from "../machine/debian.ts"
import { vendoredFfmpeg } from "../machine/ffmpeg.ts"
import { type CodedShot, type MadeShots, makeShots, movieKeyOf, SHOTS, SIZE, shownIn, sourceOf } from "./coded-shots.ts"
import { FFPROBE, GSTREAMER, MEDIAINFO } from "./programs.ts"

const exec = promisify(execFile)

/** Others call apt, too: one after the other. */
const missing = {
  ffprobe: await debianMissing(FFPROBE),
  mediainfo: await debianMissing(MEDIAINFO),
  gstreamer: await debianMissing(GSTREAMER),
  chromium: await debianMissing(CHROMIUM),
  firefox: await debianMissing(FIREFOX),
}

const named = (name: string, why: string | null): string => `${name}${why === null ? "" : ` (${why})`}`

let shots: MadeShots
beforeAll(async () => {
  shots = await makeShots()
})
afterAll(() => shots.remove())

const forEachShot = it.each(SHOTS.map((shot) => [shot.name, shot] as const))

const textOf = ({ rate: { num, den } }: CodedShot): string => `${num}/${den}`

type Fields = Readonly<Record<string, unknown>>

describe.skipIf(missing.ffprobe !== null)(named("ffprobe", missing.ffprobe), () => {
  forEachShot("reads rate, frames, timecode and colour: %s", async (_, shot) => {
    const asked = ["-v", "error", "-show_streams", "-count_packets", "-of", "json", shots.movieOf(shot)]
    const { stdout } = await exec("/usr/bin/ffprobe", asked)
    const { streams } = JSON.parse(stdout) as { readonly streams: readonly Fields[] }
    const [frames, rate, timecode] = [String(shot.frames), textOf(shot), shot.timecode]
    expect(streams).toMatchObject([
      {
        ...{ codec_type: "video", codec_name: "h264", ...SIZE, sample_aspect_ratio: "1:1", has_b_frames: 0 },
        ...{ nb_frames: frames, nb_read_packets: frames, r_frame_rate: rate, avg_frame_rate: rate },
        ...{ pix_fmt: "yuv420p", color_range: "tv" },
        ...{ color_space: "bt709", color_primaries: "bt709", color_transfer: "bt709" },
        tags: { timecode },
      },
      { codec_type: "data", codec_tag_string: "tmcd", tags: { timecode } },
    ])
  })
})

describe.skipIf(missing.mediainfo !== null)(named("MediaInfo", missing.mediainfo), () => {
  forEachShot("reads the same: %s", async (_, shot) => {
    const { stdout } = await exec("/usr/bin/mediainfo", ["--Output=JSON", shots.movieOf(shot)])
    const { media } = JSON.parse(stdout) as { readonly media: { readonly track: readonly Fields[] } }
    const { num, den } = shot.rate
    const rate = { FrameRate_Num: String(num), FrameRate_Den: String(den), FrameCount: String(shot.frames) }
    expect(media.track).toMatchObject([
      { "@type": "General", IsStreamable: "Yes" },
      {
        ...{ "@type": "Video", Format: "AVC", ...rate, FrameRate_Mode: "CFR", ScanType: "Progressive" },
        ...{ Width: String(SIZE.width), Height: String(SIZE.height), PixelAspectRatio: "1.000" },
        ...{ colour_range: "Limited", colour_primaries: "BT.709", transfer_characteristics: "BT.709" },
        ...{ matrix_coefficients: "BT.709", Delay_DropFrame: shot.timecode.includes(";") ? "Yes" : "No" },
      },
      { "@type": "Other", Type: "Time code", ...rate, TimeCode_FirstFrame: shot.timecode },
    ])
  })
})

const PLANES = ["-f", "rawvideo", "-pix_fmt", "yuv420p"]

/** The planes of all frames, as the pinned ffmpeg decodes each proxy alone. */
async function proxiesOf(shot: CodedShot): Promise<Buffer> {
  const list = join(shots.dir, `${shot.name}.list`)
  const sources = Array.from({ length: shot.frames }, (_, at) => shots.proxyOf(shot, sourceOf(shot, shot.first + at)))
  writeFileSync(list, sources.map((path) => `file '${path}'\n`).join(""))
  return decoded(vendoredFfmpeg(), ["-f", "concat", "-safe", "0", "-i", list])
}

async function decoded(ffmpeg: string, input: readonly string[]): Promise<Buffer> {
  const args = ["-v", "error", "-xerror", ...input, "-map", "0:v", "-fps_mode", "passthrough", ...PLANES, "-"]
  const { stdout } = await exec(ffmpeg, args, { encoding: "buffer", maxBuffer: 2 ** 28 })
  return stdout
}

async function expectProxies(shot: CodedShot, planes: Buffer): Promise<void> {
  const wanted = await proxiesOf(shot)
  expect(wanted).toHaveLength((SIZE.width * SIZE.height * 3 * shot.frames) / 2)
  expect(planes).toHaveLength(wanted.length)
  expect(planes.equals(wanted)).toBe(true)
}

describe("every decoded frame is bit for bit its own proxy's", () => {
  forEachShot("by the pinned ffmpeg: %s", async (_, shot) => {
    await expectProxies(shot, await decoded(vendoredFfmpeg(), ["-i", shots.movieOf(shot)]))
  })

  describe.skipIf(missing.ffprobe !== null)(named("by Debian's ffmpeg", missing.ffprobe), () => {
    forEachShot("%s", async (_, shot) => {
      await expectProxies(shot, await decoded("/usr/bin/ffmpeg", ["-i", shots.movieOf(shot)]))
    })
  })

  describe.skipIf(missing.gstreamer !== null)(named("by GStreamer's openh264", missing.gstreamer), () => {
    forEachShot("%s", async (_, shot) => {
      const planes = join(shots.dir, `${shot.name}.planes`)
      const line = `filesrc location=${shots.movieOf(shot)} ! qtdemux name=demux demux.video_0 ! h264parse ! openh264dec ! video/x-raw,format=I420 ! filesink location=${planes}`
      await exec("/usr/bin/gst-launch-1.0", ["-q", ...line.split(" ")])
      await expectProxies(shot, readFileSync(planes))
    })
  })
})

/** What of a browser is needed here. */
type Page = {
  readonly goto: (url: string) => Promise<unknown>
  readonly evaluate: (expression: string) => Promise<unknown>
  readonly close: () => Promise<void>
}

const openChromiumPage = async (): Promise<Page> => {
  const browser = await openChromium()
  const page = await browser.newPage()
  return {
    goto: (url) => page.goto(url, { timeout: 300_000 }),
    evaluate: (expression) => page.evaluate(expression),
    close: () => browser.close(),
  }
}

const PLAYER = "player.html"

type Shown = readonly { readonly number: number | null; readonly mediaTime: number }[]

/** Places of frames in the movie: from each to the next another one. */
const walks = (frames: number): Readonly<Record<string, readonly number[]>> => {
  const all = Array.from({ length: frames }, (_, at) => at)
  return { forward: all.slice(1), backward: all.toReversed().slice(1), "to and fro": [7, 2, frames - 1, 0, 9, 4, 5, 4] }
}

describe.each([
  ["Chromium", missing.chromium, openChromiumPage],
  ["Firefox", missing.firefox, openFirefox],
] as const)("%s", (_, why, open) => {
  describe.skipIf(why !== null)(named("plays movies", why), () => {
    let page: Page
    let served: ServedFolder
    beforeAll(async () => {
      copyFileSync(fileURLToPath(new URL(PLAYER, import.meta.url)), join(shots.dir, PLAYER))
      served = await serveFolder(shots.dir)
      page = await open()
    })
    afterAll(async () => {
      await page.close()
      await served.close()
    })

    const load = async (shot: CodedShot): Promise<unknown> => {
      await page.goto(`${served.url}/${PLAYER}`)
      return page.evaluate(`player.load(${JSON.stringify(movieKeyOf(shot))})`)
    }

    forEachShot("and finds every frame, seeking and stepping forward, backward, to and fro: %s", async (_, shot) => {
      const { num, den } = shot.rate
      expect(await load(shot)).toMatchObject({ ...SIZE, number: shownIn(shot)[0] })
      for (const [how, walk] of Object.entries(walks(shot.frames))) {
        const times = walk.map((at) => ((at + 0.5) * den) / num)
        const shown = (await page.evaluate(`player.show(${JSON.stringify(times)})`)) as Shown
        expect({ how, numbers: shown.map(({ number }) => number) }).toEqual({
          how,
          numbers: walk.map((at) => shownIn(shot)[at]),
        })
        // Chromium tells when a frame begins, Firefox which time was asked for.
        const places = shown.map(({ mediaTime }) => Math.floor((mediaTime * num) / den + 0.01))
        expect({ how, places }).toEqual({ how, places: walk })
      }
    })

    forEachShot("from the first frame to the last, in order: %s", async (_, shot) => {
      await load(shot)
      const { numbers, last } = (await page.evaluate("player.play(0.5)")) as { numbers: number[]; last: number }
      const wanted = shownIn(shot)
      const places = numbers.map((number) => wanted.indexOf(number))
      // Of frames that a busy machine leaves out nothing is told.
      expect(places.length).toBeGreaterThan(0)
      expect(places).not.toContain(-1)
      expect(places).toEqual(places.toSorted((one, other) => one - other))
      expect(last).toBe(wanted.at(-1))
    })
  })
})
