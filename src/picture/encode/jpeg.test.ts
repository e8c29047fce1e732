import { describe, expect, it } from "vitest"
import { jpegProblem } from "./jpeg.ts"

const ordered = { what: "thumbnail", width: 256, height: 256 }

describe("a written JPEG", () => {
  it("is refused when it is empty or cut off", () => {
    expect(jpegProblem(Buffer.alloc(0), ordered)).toBe("No thumbnail was written.")
    expect(jpegProblem(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]), ordered)).toBe("No thumbnail was written.")
  })

  it("is refused when it has another size than was ordered", () => {
    const frame = [0xff, 0xc0, 0, 17, 8, 0, 255, 1, 0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]
    expect(jpegProblem(Buffer.from([0xff, 0xd8, ...frame]), ordered)).toBe(
      "A thumbnail of 256x255 with 3 components was written in place of 256x256 with 3.",
    )
  })
})
