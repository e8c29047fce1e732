// A sheet as the text that its page carries.

import { visibleJson } from "../system/visible.ts"
import type { Failed, Frame, Sheet, Shot } from "./index.ts"
import { type Packed, pack, unpack } from "./packed.ts"

type PackedSheet = Omit<Sheet, "shots" | "frames" | "failures"> & {
  readonly shots: Packed
  readonly frames: Packed
  readonly failures: Packed
}

/** JSON that ends no element it stands in, and moves no terminal, whatever the names in it say. */
export function textOfSheet({ shots, frames, failures, ...rest }: Sheet): string {
  const packed: PackedSheet = { ...rest, shots: pack(shots), frames: pack(frames), failures: pack(failures) }
  return visibleJson(JSON.stringify(packed)).replaceAll("<", "\\u003c")
}

/** The sheet of a text that {@link textOfSheet} made. */
export function sheetOfText(text: string): Sheet {
  const { shots, frames, failures, ...rest } = JSON.parse(text) as PackedSheet
  return { ...rest, shots: unpack<Shot>(shots), frames: unpack<Frame>(frames), failures: unpack<Failed>(failures) }
}
