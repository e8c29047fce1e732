import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openSpill, type SpillingMap } from "./spilling-map.ts"

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "spilling-"))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

type Value = {
  readonly number: number
  readonly names: Map<string, bigint>
  readonly frames: Float64Array
  readonly at: number
}

const numbered = (number: number): Value => ({
  ...{ number, names: new Map([["one", BigInt(number)]]), frames: Float64Array.of(number, 2 ** 52) },
  at: Number.NEGATIVE_INFINITY,
})

const room = (values: number, folder = home) => ({ folder, mostBytes: values * 10, bytesOf: () => 10 })

const numberIn = (map: SpillingMap<Value>, key: string): number | undefined => {
  const got = map.get(key)
  return got.ok ? got.value?.number : Number.NaN
}

describe("a map that spills", () => {
  it("gives back every value as it was set last, whether it is in memory or on disk", () => {
    const spill = openSpill<Value>(room(3))
    const map = spill.map()
    for (let number = 0; number < 10; number++) expect(map.set(`${number % 7}`, numbered(number)).ok).toBe(true)
    for (let key = 0; key < 7; key++)
      expect(map.get(`${key}`)).toEqual({ ok: true, value: numbered(key < 3 ? key + 7 : key) })
    expect(map.get("7")).toEqual({ ok: true, value: undefined })
    spill.close()
  })

  it("holds in memory what was used last, and no more than it may", () => {
    const spill = openSpill<Value>(room(3))
    const map = spill.map()
    const values = Array.from({ length: 4 }, (_, number) => numbered(number))
    for (const value of values.slice(0, 3)) map.set(`${value.number}`, value)
    map.get("0")
    map.set("3", values[3] as Value)
    // 1 was not used for the longest.
    const isSame = [3, 2, 0, 1].map((number) => {
      const got = map.get(`${number}`)
      return got.ok && got.value === values[number]
    })
    expect(isSame).toEqual([true, true, true, false])
    spill.close()
  })

  it("keeps what was changed in memory after it had been on disk", () => {
    const spill = openSpill<Value>(room(1))
    const map = spill.map()
    for (const number of [1, 2, 3]) {
      map.set("a", numbered(number))
      map.set("b", numbered(-number))
      expect(numberIn(map, "a")).toBe(number)
    }
    spill.close()
  })

  it("knows nothing of another map's values, nor of those of one that was released", () => {
    const spill = openSpill<Value>(room(1))
    const [one, other] = [spill.map(), spill.map()]
    for (const key of ["a", "b", "c"]) {
      one.set(key, numbered(1))
      other.set(key, numbered(2))
    }
    one.release()
    expect(["a", "b", "c"].map((key) => numberIn(one, key))).toEqual([undefined, undefined, undefined])
    expect(["a", "b", "c"].map((key) => numberIn(other, key))).toEqual([2, 2, 2])
    spill.close()
  })

  it("leaves nothing behind, and makes no file before it needs one", () => {
    const folder = join(home, "of-its-own")
    const spill = openSpill<Value>(room(1, folder))
    const map = spill.map()
    map.set("a", numbered(1))
    expect(() => readdirSync(folder)).toThrow("ENOENT")
    map.set("b", numbered(2))
    expect(readdirSync(folder)).toEqual([])
    expect(numberIn(map, "a")).toBe(1)
    spill.close()
  })

  it("says that its folder cannot be used, and loses nothing", () => {
    const file = join(home, "file")
    writeFileSync(file, "")
    const spill = openSpill<Value>(room(1, file))
    const map = spill.map()
    expect(map.set("a", numbered(1))).toEqual({ ok: true, value: undefined })
    expect(map.set("b", numbered(2))).toMatchObject({ ok: false, failure: { code: "scratch/full", kind: "outage" } })
    rmSync(file)
    expect(map.set("c", numbered(3))).toEqual({ ok: true, value: undefined })
    expect(["a", "b", "c"].map((key) => numberIn(map, key))).toEqual([1, 2, 3])
    spill.close()
  })
})
