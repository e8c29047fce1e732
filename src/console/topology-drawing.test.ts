import { describe, expect, it } from "vitest"
import { BOX, drawingOf } from "./topology-drawing.ts"

const GROUPS = [
  { name: "ingest", consumes: ["notifications"], appends: ["element-created"] },
  { name: "renderer", consumes: ["element-created"], appends: ["proxy-made", "element-failed"] },
  { name: "inspector", consumes: ["element-created"], appends: ["source-inspected"] },
  { name: "assembler", consumes: ["proxy-made"], appends: ["movie-made", "element-created"] },
  { name: "projector", consumes: ["proxy-made", "element-failed", "movie-made"], appends: [] },
]

describe("the drawing of a topology", () => {
  const { boxes, lines, width, height } = drawingOf(GROUPS)
  const boxOf = (name: string) => boxes.find((box) => box.name === name) ?? { x: Number.NaN, y: Number.NaN }

  it("has each group to the right of those that it hears from", () => {
    for (const { from, to, isBack } of lines) if (!isBack) expect(boxOf(to).x).toBeGreaterThan(boxOf(from).x)
    expect(boxOf("ingest").x).toBe(0)
    expect(boxOf("renderer").x).toBe(boxOf("inspector").x)
    expect(boxOf("projector").x).toBeGreaterThan(boxOf("assembler").x)
  })

  it("has a line for each pair of groups, with all topics that lead from one to the other", () => {
    expect(lines.find(({ from, to }) => from === "renderer" && to === "projector")?.topics).toEqual([
      "proxy-made",
      "element-failed",
    ])
    expect(lines.filter(({ isBack }) => isBack).map(({ from, to }) => `${from} ${to}`)).toEqual([
      "assembler renderer",
      "assembler inspector",
    ])
  })

  it("has no box over another one, and all within its size", () => {
    expect(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(GROUPS.length)
    for (const { x, y } of boxes) expect([x + BOX.width <= width, y + BOX.height <= height]).toEqual([true, true])
  })

  it("is empty where there is nothing", () => {
    expect(drawingOf([])).toMatchObject({ width: 0, boxes: [], lines: [] })
  })
})
