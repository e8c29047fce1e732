import { describe, expect, it } from "vitest"
import { placeOf, type SoundedMovie } from "./place.ts"

/** Two seconds of film, from frame 1001 on. */
const movie = (with_: Partial<SoundedMovie> = {}): SoundedMovie => ({
  ...{ rate: { num: 24, den: 1 }, frames: 48, first: 1001, soundFrom: 1001, sinceMidnight: null },
  ...with_,
})

const wav = (seconds: number, timeReference: number | null = null) => ({
  ...{ rate: 48_000, samples: seconds * 48_000, timeReference },
})

const HOUR = 86_400

describe("the stretch of a sound that a movie plays", () => {
  it("begins with the first frame, and ends with the movie or with itself", () => {
    expect(placeOf(wav(10), movie())).toEqual({ silence: 0, from: 0, to: 96_000, by: "first frame" })
    expect(placeOf(wav(1), movie())).toEqual({ silence: 0, from: 0, to: 48_000, by: "first frame" })
  })

  it("begins within it, where the movie begins behind the first frame", () => {
    expect(placeOf(wav(10), movie({ first: 1013 }))).toMatchObject({ from: 24_000, to: 120_000 })
    expect(placeOf(wav(1), movie({ first: 1101 }))).toBeNull()
  })

  it("lasts as long as the movie to the sample at broken rates", () => {
    const ntsc = { num: 24_000, den: 1001 }
    expect(placeOf(wav(3600), movie({ rate: ntsc, frames: 1000 }))).toMatchObject({ from: 0, to: 2_002_000 })
  })

  it.each<[string, timecode: number, reference: number, wanted: object]>([
    ["where it began before the camera", HOUR + 24, 3600 * 48_000, { silence: 0, from: 48_000, to: 144_000 }],
    ["where it began later", HOUR, 3601 * 48_000, { silence: 48_000, from: 0, to: 48_000 }],
    ["over midnight", 12, 86_399 * 48_000, { silence: 0, from: 72_000, to: 168_000 }],
  ])("is that of the timecode, where both state one: %s", (_, sinceMidnight, reference, wanted) => {
    expect(placeOf(wav(10, reference), movie({ sinceMidnight }))).toEqual({ ...wanted, by: "timecode" })
  })

  it("counts real seconds since midnight at broken rates, as recorders do", () => {
    const rate = { num: 24_000, den: 1001 }
    // 01:00:00:00 is 3603.6 seconds after midnight.
    const place = placeOf(wav(10, 3603.6 * 48_000), movie({ rate, sinceMidnight: HOUR }))
    expect(place).toMatchObject({ silence: 0, from: 0, by: "timecode" })
  })

  it("begins with the first frame where the timecodes do not meet, or only one of both states one", () => {
    expect(placeOf(wav(10, 7 * 48_000), movie({ sinceMidnight: HOUR }))).toMatchObject({ from: 0, by: "first frame" })
    expect(placeOf(wav(10, 7 * 48_000), movie())).toMatchObject({ from: 0, by: "first frame" })
  })
})
