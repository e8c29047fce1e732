import { decodeJpeg, decodeMovie, type EngineFixture, pixel } from "./engine-fixture.ts"
import { boxOf } from "./readings.ts"

const [WIDTH, HEIGHT] = [160, 90]

export const CHART_WINDOW = { displayWindow: boxOf(WIDTH, HEIGHT), dataWindow: boxOf(WIDTH, HEIGHT) }

/** Arguments that draw four quadrants: red, green / blue, white. Any shift, flip or mix-up shows. */
export const CHART: readonly string[] = [
  ...["--pattern", "constant:color=1,0,0", `${WIDTH}x${HEIGHT}`, "3"],
  ...["--fill:color=0,1,0", "80x45+80+0", "--fill:color=0,0,1", "80x45+0+45", "--fill:color=1,1,1", "80x45+80+45"],
]

const NAMES = { "0,0,0": "black", "1,0,0": "red", "0,1,0": "green", "0,0,1": "blue", "1,1,1": "white" } as Record<
  string,
  string
>

const nameOf = (values: readonly number[], middle: number): string =>
  NAMES[values.map((value) => (value > middle ? 1 : 0)).join()] ?? values.join()

export type Area = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Names of the colours in the four quadrants of an area: top left, top right, bottom left, bottom right. */
const quadrants = (area: Area, at: (x: number, y: number) => string): string[] =>
  [0.25, 0.75].flatMap((down) =>
    [0.25, 0.75].map((across) => at(Math.floor(area.x + across * area.width), Math.floor(area.y + down * area.height))),
  )

/** What the four quadrants of both outputs' pictures show. */
export async function seen(
  fixture: EngineFixture,
  made: { thumbnail: { path: string; picture: Area }; proxy: { path: string; picture: Area } },
) {
  const [thumb, movie] = [await decodeJpeg(made.thumbnail.path), await decodeMovie(fixture, made.proxy.path)]
  return {
    thumbnail: quadrants(made.thumbnail.picture, (x, y) => nameOf(pixel(thumb, x, y), 128)),
    proxy: quadrants(made.proxy.picture, (x, y) => yuvNameOf(movie.at(x, y))),
  }
}

/** BT.709. */
const YUV_COLOURS: Record<string, readonly number[]> = {
  red: [63, 102, 240],
  green: [173, 42, 26],
  blue: [32, 240, 118],
  white: [235, 128, 128],
  black: [16, 128, 128],
}

const YUV_TOLERANCE = 12

const yuvNameOf = (values: readonly number[]): string =>
  Object.keys(YUV_COLOURS).find((name) =>
    YUV_COLOURS[name]?.every((value, at) => Math.abs(value - (values[at] ?? 0)) <= YUV_TOLERANCE),
  ) ?? values.join()
