import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { ints, type MadeAttribute } from "../../src/picture/read/header/testing/exr-file.ts"
import { writtenExr } from "../../src/picture/samples/exr/testing/written-exr.ts"
import { call } from "../machine/answers.ts"
import { type Frames, openFrames } from "../machine/frames.ts"

/** A shot whose pictures say their numbers, at a rate that its headers state. */
export type CodedShot = {
  readonly name: string
  readonly rate: { readonly num: number; readonly den: number }
  readonly first: number
  readonly frames: number
  /** A frame that never came: the one before is shown in its place. */
  readonly missing?: number
  /** Of the first frame: its header states it where numbers are dropped; else it is the frame's number. */
  readonly timecode: string
}

/** The rates of cinema and television, two of which count their timecode with dropped numbers. */
export const SHOTS: readonly CodedShot[] = [
  { name: "film", rate: { num: 24000, den: 1001 }, first: 1001, frames: 12, timecode: "00:00:41:17" },
  { name: "pal", rate: { num: 25, den: 1 }, first: 1001, frames: 12, missing: 1010, timecode: "00:00:40:01" },
  { name: "ntsc", rate: { num: 30000, den: 1001 }, first: 1001, frames: 12, timecode: "01:00:59;24" },
  { name: "high", rate: { num: 60000, den: 1001 }, first: 1001, frames: 12, timecode: "01:01:00;04" },
]

export const SIZE = { width: 320, height: 180 }

/** A number is eight stripes, the lowest bit at the left: white for one; below the middle the other way round. */
const BITS = 8
const STRIPE = SIZE.width / BITS

const [BLACK, WHITE] = [0, 0x3c00]

const codeOf = (frame: number): number => frame % 2 ** BITS

/** The frame whose picture is shown in the place of one. */
export const sourceOf = ({ missing }: CodedShot, frame: number): number => (frame === missing ? frame - 1 : frame)

/** Numbers of the pictures that a movie of the shot shows. */
export const shownIn = (shot: CodedShot): readonly number[] =>
  Array.from({ length: shot.frames }, (_, at) => codeOf(sourceOf(shot, shot.first + at)))

/** Frames that there are. */
const framesOf = ({ first, frames, missing }: CodedShot): readonly number[] =>
  Array.from({ length: frames }, (_, at) => first + at).filter((frame) => frame !== missing)

/** SMPTE ST 12-1 as OpenEXR packs it: two decimal digits a byte, and that numbers are dropped. */
function packedTimecode(text: string): number {
  const word = text.split(/[:;]/).reduce((packed, digits) => packed * 256 + Number.parseInt(digits, 16), 0)
  return text.includes(";") ? word + DROPS : word
}

const DROPS = 0x40

function codedExr({ rate, first, timecode }: CodedShot, frame: number): Uint8Array {
  const samples = Uint32Array.from({ length: SIZE.width * SIZE.height }, (_, at) => {
    const [x, y] = [at % SIZE.width, Math.floor(at / SIZE.width)]
    const isOne = ((codeOf(frame) >> Math.floor(x / STRIPE)) & 1) === 1
    return isOne === y < SIZE.height / 2 ? WHITE : BLACK
  })
  const dataWindow = { xMin: 0, yMin: 0, xMax: SIZE.width - 1, yMax: SIZE.height - 1 }
  const channels = ["B", "G", "R"].map((name) => ({
    ...{ name, pixelType: "half", xSampling: 1, ySampling: 1, samples },
  }))
  const stated = frame === first && timecode.includes(";")
  const attributes: readonly MadeAttribute[] = [
    ["framesPerSecond", "rational", ints(rate.num, rate.den)],
    ...(stated ? [["timeCode", "timecode", ints(packedTimecode(timecode), 0)] as const] : []),
  ]
  const part = { channels, dataWindow, compression: "zip", tiles: null, attributes }
  return writtenExr({
    parts: [part],
    isMultiPart: false,
    order: (chunks) => Array.from({ length: chunks }, (_, at) => at),
  })
}

export type MadeShots = {
  /** Holds all movies and proxies. */
  readonly dir: string
  readonly movieOf: (shot: CodedShot) => string
  readonly proxyOf: (shot: CodedShot, frame: number) => string
  readonly remove: () => void
}

/** Key of the movie below the folder. */
export const movieKeyOf = ({ name }: CodedShot): string => `${name}/.proxies/shot_movie.mp4`

/** Frames in a folder, and what `run` makes of them. */
export async function makeShots(shots: readonly CodedShot[] = SHOTS): Promise<MadeShots> {
  const frames: Frames = openFrames()
  for (const shot of shots)
    for (const frame of framesOf(shot)) {
      const path = frames.path(`${shot.name}/shot.${frame}.exr`)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, codedExr(shot, frame))
    }
  const { code, stderr } = await call(["run", frames.dir])
  if (code !== 0) throw new Error(`The shots were not made: ${stderr}`)
  return {
    dir: frames.dir,
    movieOf: (shot) => frames.path(movieKeyOf(shot)),
    proxyOf: ({ name }, frame) => frames.path(`${name}/.proxies/shot.${frame}_proxy.mp4`),
    remove: frames.remove,
  }
}
