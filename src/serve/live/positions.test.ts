import { expect, it } from "vitest"
import { TOPICS } from "../../log/index.ts"
import {
  behind,
  isBeyond,
  MOST_ID_CHARACTERS,
  movingPositions,
  positionsAt,
  positionsText,
  readPositions,
} from "./positions.ts"

const at = (topic: (typeof TOPICS)[number], partition: number, offset: number) => ({ topic, partition, offset })

it("writes positions as an id of a few characters a partition, and reads them back", () => {
  const ends = TOPICS.flatMap((topic, index) =>
    [0, 1, 2].map((partition) => at(topic, partition, index * 1_000 + partition)),
  )
  const text = positionsText(positionsAt(ends))
  expect(text.length).toBeLessThan(5 * ends.length)
  expect(readPositions(text)).toEqual(new Map([...positionsAt(ends)]))
})

it("moves on partition by partition, and writes the same id", () => {
  const moving = movingPositions(positionsAt([at("proxy-made", 0, 7)]))
  moving.move("proxy-made", 1, 9)
  moving.move("dead-letter", 0, 35)
  expect(moving.text()).toBe("1F7.9Rz")
  expect(positionsText(moving.now())).toBe(moving.text())
  expect(moving.of("element-created", 3)).toBe(0)
})

it.each([
  ["nothing", ""],
  ["a number", "17"],
  ["another form", "2F7"],
  ["a topic twice", "1F7F8"],
  ["a topic that is none", "1Z7"],
  ["an offset beyond all numbers", `1F${"z".repeat(40)}`],
  ["a line break", "1F7\n"],
  ["markup", "<script>"],
  ["ten megabytes", `1F${"1.".repeat(5_000_000)}`],
  ["a little too much", `1F${"1".repeat(MOST_ID_CHARACTERS)}`],
])("refuses an id that is %s", (_, text) => {
  expect(readPositions(text)).toBeNull()
})

it("counts how far one lies behind another, and knows what the other does not reach", () => {
  const [early, late] = [
    positionsAt([at("proxy-made", 0, 3)]),
    positionsAt([at("proxy-made", 0, 5), at("element-failed", 1, 2)]),
  ]
  expect(behind(early, late, TOPICS)).toBe(4)
  expect(behind(early, late, ["proxy-made"])).toBe(2)
  expect(behind(late, early, TOPICS)).toBe(0)
  expect([isBeyond(early, late), isBeyond(late, early)]).toEqual([false, true])
})
