import type { DataKind, DataPass } from "../../index.ts"
import type { HeaderPart } from "../header/model.ts"

/** The picture that the rules of a format chose to show. */
export type ShownPicture = {
  readonly part: HeaderPart
  readonly view: string | null
  readonly layer: string | null
  /** Channels as the decoder names them, shown as R, G and B. */
  readonly channels: readonly [string, string, string]
  readonly reason: string
  /** TIFF/Exif orientation 1..8. */
  readonly orientation: number
  readonly warnings: readonly string[]
  /** Absent for pictures. */
  readonly pass?: DataPass
}

export const grey = (channel: string): ShownPicture["channels"] => [channel, channel, channel]

/** The channels as a sentence names them. */
export const channelsText = (channels: ShownPicture["channels"]): string =>
  channels[0] === channels[1] ? `${channels[0]} as grey` : channels.join(", ")

/** Whether a pass is data, which has no colours and takes no look; the other kinds are pictures. */
export const isData = (pass: DataPass | undefined): pass is DataPass & { readonly kind: DataKind } =>
  pass !== undefined && pass.kind !== "uint" && pass.kind !== "lab"
