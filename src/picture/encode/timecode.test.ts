import { describe, expect, it } from "vitest"
import { fitsRate } from "./timecode.ts"

const [FILM, NTSC, NTSC60, PAL] = [
  { num: 24000, den: 1001 },
  { num: 30000, den: 1001 },
  { num: 60000, den: 1001 },
  { num: 25, den: 1 },
]

describe("a timecode", () => {
  it.each([
    ["01:00:06:03", FILM],
    ["23:59:59:23", FILM],
    ["00:00:00:24", PAL],
    ["00:01:00;02", NTSC],
    ["00:10:00;00", NTSC],
    ["00:01:00;04", NTSC60],
  ])("%s exists at its rate", (timecode, rate) => expect(fitsRate(timecode, rate)).toBe(true))

  it.each([
    ["25:61:61:10", FILM],
    ["24:00:00:00", FILM],
    ["00:00:00:24", FILM],
    ["00:00:00:25", PAL],
    ["00:00:01;00", PAL],
    ["00:00:01;00", FILM],
    ["00:01:00;01", NTSC],
    ["00:01:00;03", NTSC60],
    ["1:2:3:4", FILM],
    ["", FILM],
  ])("%s does not", (timecode, rate) => expect(fitsRate(timecode, rate)).toBe(false))
})
