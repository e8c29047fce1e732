import { type BitsTable, cellOf, keptTable, ONE } from "./bits-table.ts"
import { type Curve, encoder } from "./curve.ts"
import { type DrawRow, type Lut, lutRow } from "./lut.ts"
import { matrixRow } from "./matrix-row.ts"
import type { PlanarRow } from "./resizer.ts"

/**
 * How working light becomes code values between 0 and 1. `matrix` leads from the working light to what the curve or the
 * table takes, row by row; empty where that is the same.
 */
export type Look =
  | { readonly kind: "curve"; readonly matrix: readonly number[]; readonly curve: Curve }
  | { readonly kind: "lut"; readonly matrix: readonly number[]; readonly lut: Lut }

/** Code values 0..1 of a row of working light, which stays as it is; valid until the next call. */
export type ShowRow = (light: PlanarRow) => PlanarRow

/** Negatives and what lies outside the gamut go through the matrix as they are and are cut off after it, not before. */
export function rowShower(look: Look, width: number): ShowRow {
  const shown = new Float32Array(width * 3)
  const multiplied = look.matrix.length === 0 ? null : new Float32Array(width * 3)
  const draw =
    look.kind === "curve"
      ? curveRow(keptTable(JSON.stringify(look.curve), () => encoder(look.curve)))
      : lutRow(look.lut)
  return (light) => {
    if (multiplied !== null) matrixRow(look.matrix, light, multiplied)
    draw(multiplied ?? light, shown)
    return shown
  }
}

function curveRow(table: BitsTable): DrawRow {
  return (light, shown) => {
    const bits = new Int32Array(light.buffer)
    for (let x = 0; x < shown.length; x++) {
      const one = bits[x] as number
      if (one <= 0) shown[x] = 0
      else if (one >= ONE) shown[x] = 1
      else {
        const cell = cellOf(one)
        shown[x] = (table[cell] as number) + (table[cell + 1] as number) * (one & 0xffff)
      }
    }
  }
}
