// Short movies are read once: what was read to plan one is kept until it is written.

import { done } from "../../../events/result.ts"
import { type ReadPicture, START_BYTES } from "./pictures.ts"

/** Bytes that may still be kept, of all movies that are made at the same time. */
export type Room = { bytes: number }

/** What a picture alone may have to be kept. */
const MOST_PICTURE_BYTES = 4 * 2 ** 20

export type KeptReads = { readonly read: ReadPicture; readonly letGo: () => void }

/**
 * Reads a picture whole where only its start is asked for, as long as there is room, and answers from that what is asked of it
 * later. Half the requests of a store: each costs as much as a picture.
 */
export function keptReads(read: ReadPicture, room: Room): KeptReads {
  const kept = new Map<number, Uint8Array>()
  let bytes = 0
  const keep = (picture: number, whole: Uint8Array): void => {
    kept.set(picture, whole)
    bytes += whole.length
    room.bytes -= whole.length
  }
  return {
    async read(picture, start, end) {
      const whole = kept.get(picture)
      if (whole !== undefined) return done(whole.subarray(start, end))
      if (start !== 0 || end !== START_BYTES || room.bytes < MOST_PICTURE_BYTES) return read(picture, start, end)
      const found = await read(picture, 0, MOST_PICTURE_BYTES)
      if (!found.ok) return found
      if (found.value.length < MOST_PICTURE_BYTES) keep(picture, found.value)
      return done(found.value.subarray(start, end))
    },
    letGo() {
      room.bytes += bytes
      kept.clear()
    },
  }
}
