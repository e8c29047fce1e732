import { describe, expect, it } from "vitest"
import {
  type Comparing,
  commandOf,
  frameAtTime,
  loopFrom,
  loopTo,
  nextComparing,
  type Speed,
  shuttle,
  timeOfFrame,
  withinLoop,
} from "./playback.ts"

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
    ["w", false, { do: "compare" }],
    ["i", false, { do: "in" }],
    ["o", false, { do: "out" }],
  ] as const)("%s means what editors expect", (key, shift, command) => {
    expect(commandOf(key, shift)).toEqual(command)
  })

  it.each(["Tab", "Escape", "Enter", "q", "constructor"])("%s is left to the browser", (key) => {
    expect(commandOf(key, false)).toBeNull()
  })
})

describe("a loop", () => {
  it("begins and ends where it is told, and never ends before it begins", () => {
    const all = { from: 0, to: 99 }
    expect(loopTo(loopFrom(all, 20), 40)).toEqual({ from: 20, to: 40 })
    expect(loopTo(loopFrom(all, 20), 10)).toEqual({ from: 10, to: 10 })
    expect(loopFrom(loopTo(all, 10), 20)).toEqual({ from: 20, to: 20 })
  })

  it.each([
    [25, 25],
    [19, 40],
    [41, 20],
    [20 - 21, 20],
    [40 + 42, 40],
  ])("goes on at its other end: frame %i is %i", (frame, within) => {
    expect(withinLoop({ from: 20, to: 40 }, frame)).toBe(within)
  })
})

it("goes through the ways of comparing, and back to none", () => {
  const ways: (Comparing | null)[] = [null]
  for (let press = 0; press < 4; press++) ways.push(nextComparing(ways.at(-1) ?? null))
  expect(ways).toEqual([null, "wipe", "side", "difference", null])
})
