import type { HeaderPart } from "../header/model.ts"
import { type IccLight, readIcc } from "./icc.ts"
import { pngLight } from "./png-light.ts"

/** Curves and primaries that a source states where they are of no named space: its ICC profile's, or those of a PNG's chunks. */
export const statedLight = (part: HeaderPart, iccBytes: Uint8Array | null): IccLight | null =>
  iccBytes === null ? pngLight(part) : (readIcc(iccBytes)?.light ?? null)
