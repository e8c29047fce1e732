// Which stretch of a sound a movie plays, and when.

import type { Rational } from "../../../events/records.generated.ts"
import type { Wav } from "./wav.ts"

/** Of a movie, what decides where its sound begins. */
export type SoundedMovie = {
  readonly rate: Rational
  /** Frames that it shows. */
  readonly frames: number
  /** Number of its first frame, and of the first frame that there is, with which sound begins that states no time. */
  readonly first: number
  readonly soundFrom: number
  /** Frames from midnight to its first, by the timecode of a plate; null where none states one. */
  readonly sinceMidnight: number | null
}

/** In samples of the file: silence before, and from which sample to before which it is played. */
export type SoundPlace = {
  readonly silence: number
  readonly from: number
  readonly to: number
  /** By which it was placed. */
  readonly by: "timecode" | "first frame"
}

const DAY_SECONDS = 86_400

/**
 * Where both state a time it is by that: so a recorder and a camera meant it. Else the first sample belongs to the first
 * frame. null where sound and movie do not meet.
 */
export function placeOf(
  { rate, samples, timeReference }: Pick<Wav, "rate" | "samples" | "timeReference">,
  movie: SoundedMovie,
): SoundPlace | null {
  const secondsOf = (frames: number): number => (frames * movie.rate.den) / movie.rate.num
  const length = Math.round(secondsOf(movie.frames) * rate)
  // Samples of the file that lie before the movie; below zero, where it begins later.
  const stretch = (before: number, by: SoundPlace["by"]): SoundPlace | null => {
    const [from, silence] = [Math.max(0, before), Math.max(0, -before)]
    const to = Math.min(samples, from + length - silence)
    return to > from ? { silence, from, to, by } : null
  }
  if (timeReference !== null && movie.sinceMidnight !== null) {
    const day = DAY_SECONDS * rate
    const before = Math.round(secondsOf(movie.sinceMidnight) * rate - timeReference)
    // A take may go on over midnight.
    const met = [before, before + day, before - day].flatMap((one) => stretch(one, "timecode") ?? [])
    if (met[0] !== undefined) return met[0]
  }
  return stretch(Math.round(secondsOf(movie.first - movie.soundFrom) * rate), "first frame")
}
