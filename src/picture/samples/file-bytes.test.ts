import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { done, type Result } from "../../events/result.ts"
import { withFileBytes } from "./file-bytes.ts"
import type { ByteSource } from "./index.ts"

const folder = mkdtempSync(join(tmpdir(), "file-bytes-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CONTENT = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >>> 8)) & 255)
const path = join(folder, "frame.exr")
writeFileSync(path, CONTENT)

const codeOf = (result: Result<unknown>): string => (result.ok ? "none" : result.failure.code)

const stretch =
  (offset: number, lengthBytes: number) =>
  (bytes: ByteSource): Result<Uint8Array> =>
    done(bytes.readAt(offset, lengthBytes).slice())

describe("a file that is read where one likes", () => {
  it.each([
    [0, 10],
    [12_345, 700_000],
    [5, 2_500_000],
    [2_999_990, 10],
  ])("gives the bytes from %i, %i of them", (offset, lengthBytes) => {
    const read = withFileBytes(path, stretch(offset, lengthBytes))
    expect(read).toEqual(done(CONTENT.slice(offset, offset + lengthBytes)))
  })

  it("gives fewer at its end, and none behind it", () => {
    expect(withFileBytes(path, stretch(2_999_998, 100))).toEqual(done(CONTENT.slice(2_999_998)))
    expect(withFileBytes(path, stretch(5_000_000, 100))).toEqual(done(new Uint8Array(0)))
  })

  it("says its size", () => {
    expect(withFileBytes(path, ({ sizeBytes }) => done(sizeBytes))).toEqual(done(3_000_000))
  })

  it("is a typed failure when it is gone or a folder", () => {
    expect(codeOf(withFileBytes(join(folder, "none.exr"), stretch(0, 1)))).toBe("source/gone")
    expect(codeOf(withFileBytes(folder, stretch(0, 1)))).toBe("store/failed")
  })

  it("says nothing of where it lies", () => {
    const read = withFileBytes(join(folder, "none.exr"), stretch(0, 1))
    expect(JSON.stringify(read)).not.toContain(folder)
  })

  it("leaves alone what the work itself throws", () => {
    const bug = Object.assign(new Error("a bug of ours"), { code: "ENOENT" })
    expect(() =>
      withFileBytes(path, () => {
        throw bug
      }),
    ).toThrow(bug)
  })
})
