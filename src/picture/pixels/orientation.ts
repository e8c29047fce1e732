import type { PlanarRow } from "./resizer.ts"

export type Size = { readonly width: number; readonly height: number }

/** Walk through the stored picture that gives the upright one: from `origin`, `right` a column, `down` a row. */
type PixelWalk = { readonly origin: number; readonly right: number; readonly down: number }

/** Whether the stored picture lies on its side (Exif 5 to 8). */
export const isSideways = (orientation: number): boolean => orientation >= 5

/** Exif orientations: where the upright picture's first row and column stand in the stored one. */
function walkOf(orientation: number, { width, height }: Size): PixelWalk {
  const [endOfRow, lastRow] = [width - 1, width * (height - 1)]
  switch (orientation) {
    case 2:
      return { origin: endOfRow, right: -1, down: width }
    case 3:
      return { origin: lastRow + endOfRow, right: -1, down: -width }
    case 4:
      return { origin: lastRow, right: 1, down: -width }
    case 5:
      return { origin: 0, right: width, down: 1 }
    case 6:
      return { origin: lastRow, right: -width, down: 1 }
    case 7:
      return { origin: lastRow + endOfRow, right: -width, down: -1 }
    case 8:
      return { origin: endOfRow, right: width, down: -1 }
    default:
      return { origin: 0, right: 1, down: width }
  }
}

export type Turner = {
  /** Takes a row of the stored picture. */
  readonly put: (row: PlanarRow, index: number) => void
  /** Gives the rows of the upright picture, from the top down. */
  readonly give: (take: (row: PlanarRow, index: number) => void) => void
}

/** Holds a picture of the stored `size` until it is whole, then gives it upright. */
export function createTurner(orientation: number, size: Size): Turner {
  const planes = [0, 1, 2].map(() => new Float32Array(size.width * size.height))
  const upright = isSideways(orientation) ? { width: size.height, height: size.width } : size
  const { origin, right, down } = walkOf(orientation, size)
  return {
    put(row, index) {
      planes.forEach((plane, channel) => {
        plane.set(row.subarray(channel * size.width, (channel + 1) * size.width), index * size.width)
      })
    },
    give(take) {
      const row = new Float32Array(upright.width * 3)
      for (let y = 0; y < upright.height; y++) {
        planes.forEach((plane, channel) => {
          let at = origin + y * down
          for (let x = channel * upright.width; x < (channel + 1) * upright.width; x++, at += right) {
            row[x] = plane[at] as number
          }
        })
        take(row, y)
      }
    },
  }
}
