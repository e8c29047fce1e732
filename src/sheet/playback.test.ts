import { describe, expect, it } from "vitest"
import { commandOf, frameAtTime, type Speed, shuttle, timeOfFrame } from "./playback.ts"

const pressed = (keys: string): Speed => [...keys].reduce((speed, key) => shuttle(speed, key as "j" | "k" | "l"), 0)

describe("J, K and L", () => {
  it.each([
    ["l", 1],
    ["ll", 2],
    ["lll", 4],
    ["llllll", 8],
    ["llk", 0],
    ["j", -1],
    ["jj", -2],
    ["llj", -1],
    ["jjl", 1],
  ])("pressed as %s play at %i", (keys, speed) => {
    expect(pressed(keys)).toBe(speed)
  })
})

describe("a frame's time", () => {
  it.each([
    { num: 24, den: 1 },
    { num: 24_000, den: 1001 },
    { num: 30_000, den: 1001 },
    { num: 60, den: 1 },
  ])("leads into the frame, and what is shown there tells it, at %o", (rate) => {
    const frames = [0, 1, 2, 23, 24, 1000, 99_999]
    // Browsers tell when a shown frame begins, in microseconds.
    const begins = (frame: number): number => Math.round((frame * rate.den * 1e6) / rate.num) / 1e6
    expect(frames.map((frame) => frameAtTime(begins(frame), rate))).toEqual(frames)
    for (const frame of frames) {
      expect(timeOfFrame(frame, rate)).toBeGreaterThan(begins(frame))
      expect(timeOfFrame(frame, rate)).toBeLessThan(begins(frame + 1))
    }
  })
})

describe("a key of the player", () => {
  it.each([
    [" ", false, { do: "toggle" }],
    ["J", true, { do: "shuttle", key: "j" }],
    ["ArrowLeft", false, { do: "step", frames: -1 }],
    ["ArrowRight", true, { do: "step", frames: 10 }],
    ["ArrowDown", false, { do: "tile", by: 1 }],
    ["Home", false, { do: "first" }],
    ["f", false, { do: "full-screen" }],
    ["w", false, { do: "wipe" }],
  ] as const)("%s means what editors expect", (key, shift, command) => {
    expect(commandOf(key, shift)).toEqual(command)
  })

  it.each(["Tab", "Escape", "Enter", "q", "constructor"])("%s is left to the browser", (key) => {
    expect(commandOf(key, false)).toBeNull()
  })
})
