import { describe, expect, it } from "vitest"
import { boxFor, boxHeightOf, MOST_BOX_PX, scrolledTo } from "./scroll-box.ts"

const SIZES = { content: 40_000_000, window: 800 }

describe("a scroll box before more rows than a browser can lay out", () => {
  it("is as high as its rows where a browser can draw them, and then leads through them as they are", () => {
    expect(boxHeightOf(4_000_000)).toBe(4_000_000)
    expect(scrolledTo({ box: 0, content: 0 }, 3_000_000, { ...SIZES, content: 4_000_000 }).content).toBe(3_000_000)
  })

  it("is never higher than 5 million pixels", () => {
    expect(boxHeightOf(SIZES.content)).toBe(MOST_BOX_PX)
    expect(MOST_BOX_PX).toBe(5_000_000)
  })

  it("leads in proportion where the scrollbar is dragged, to the very last row", () => {
    const half = scrolledTo({ box: 0, content: 0 }, (MOST_BOX_PX - 800) / 2, SIZES)
    expect(half.content).toBeCloseTo((SIZES.content - 800) / 2)
    expect(scrolledTo(half, MOST_BOX_PX - 800, SIZES).content).toBe(SIZES.content - 800)
    expect(scrolledTo(half, 0, SIZES).content).toBe(0)
  })

  it("moves by a wheel exactly as far as the wheel went", () => {
    const at = { box: 1_000_000, content: 8_000_000 }
    expect(scrolledTo(at, 1_000_120, SIZES).content).toBe(8_000_120)
    expect(scrolledTo(at, 999_880, SIZES).content).toBe(7_999_880)
  })

  it("puts the scrollbar back where it belongs, whatever wheels did", () => {
    let at = { box: 1_000_000, content: 8_000_000 }
    for (let turn = 0; turn < 1000; turn++) at = scrolledTo(at, at.box + 100, SIZES)
    const box = boxFor(at.content, SIZES)
    expect(box).toBeCloseTo((8_100_000 / (SIZES.content - 800)) * (MOST_BOX_PX - 800))
    expect(boxFor(scrolledTo({ box: 0, content: 0 }, 2_000_000, SIZES).content, SIZES)).toBeCloseTo(2_000_000)
  })
})
