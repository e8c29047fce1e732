import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { createFile, type ISOFile, MP4BoxBuffer } from "mp4box"
import type { Rational } from "../../../../events/records.generated.ts"

const BINARIES = new URL("../../../../../vendor/imageio_ffmpeg/binaries/", import.meta.url).pathname

/** Runs the pinned ffmpeg; answers what it wrote to standard output, and what it said. */
export async function ffmpeg(...args: readonly string[]): Promise<{ readonly out: Buffer; readonly said: string }> {
  const name = (await readdir(BINARIES)).find((file) => file.startsWith("ffmpeg-"))
  if (name === undefined) throw new Error("No ffmpeg in vendor/: run scripts/setup.")
  const { stdout, stderr } = await promisify(execFile)(
    join(BINARIES, name),
    ["-hide_banner", "-nostdin", "-y", ...args],
    {
      encoding: "buffer",
      maxBuffer: 2 ** 30,
    },
  )
  return { out: stdout, said: stderr.toString() }
}

export type Pictures = {
  readonly width: number
  readonly height: number
  readonly rate: Rational
  readonly count: number
}

/** Arguments that encode `count` different, grainy pictures, each a picture of its own for the decoder. */
export const encodedPictures = ({ width, height, rate, count }: Pictures): readonly string[] => [
  ...["-f", "lavfi", "-i", `testsrc2=size=${width}x${height}:rate=${rate.num}/${rate.den}`],
  ...["-vf", "noise=alls=12:allf=t,format=yuv420p,setsar=1", "-frames:v", String(count), "-threads", "1"],
  ...["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-x264-params", "keyint=1"],
]

/** One access unit in Annex B, as an encoder gives it. */
export async function encodedPicture(pictures: Omit<Pictures, "count">): Promise<Buffer> {
  const { out } = await ffmpeg(...encodedPictures({ ...pictures, count: 1 }), "-f", "h264", "pipe:1")
  return out
}

/** Checksum of each decoded picture, with its time in ticks of the stream: `[pts, checksum]`. */
export async function decodedPictures(path: string): Promise<readonly (readonly [pts: number, sum: string])[]> {
  const { out } = await ffmpeg("-xerror", "-i", path, "-map", "0:v", "-f", "framemd5", "-")
  return out
    .toString()
    .split("\n")
    .filter((line) => line.startsWith("0,"))
    .map((line) => line.split(/,\s*/))
    .map(([, , pts, , , sum = ""]) => [Number(pts), sum])
}

/** The movie as mp4box.js, a reader that nobody here wrote, understands it. */
export function readByMp4box(bytes: Uint8Array): ISOFile {
  const file = createFile()
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0))
  file.flush()
  return file
}

/** Configuration and samples of a movie, found by mp4box. */
export async function samplesIn(path: string): Promise<{ readonly avcC: Buffer; readonly samples: readonly Buffer[] }> {
  const bytes = await readFile(path)
  const file = readByMp4box(bytes)
  const avcC = bytes.indexOf("avcC")
  return {
    avcC: bytes.subarray(avcC + 4, avcC - 4 + bytes.readUInt32BE(avcC - 4)),
    samples: file.getTrackSamplesInfo(1).map(({ offset, size }) => bytes.subarray(offset, offset + size)),
  }
}
