import { expect, it } from "vitest"
import { attempt, classify, type Side } from "./file-errors.ts"
import { codeOf } from "./testing/store-fixture.ts"

const systemError = (code: string, errno = -1): Error =>
  Object.assign(new Error(code), { code, errno, syscall: "open" })

const CASES: readonly [code: string, read: string, write: string][] = [
  ["ENOENT", "store/missing", "store/failed"],
  ["ENOTDIR", "store/missing", "store/bad-key"],
  ["EACCES", "store/denied", "store/denied"],
  ["EPERM", "store/denied", "store/denied"],
  ["EROFS", "store/denied", "store/denied"],
  ["ELOOP", "store/denied", "store/denied"],
  ["ENAMETOOLONG", "store/bad-key", "store/bad-key"],
  ["ENOSPC", "store/full", "store/full"],
  ["EIO", "store/failed", "store/failed"],
  ["ESTALE", "store/failed", "store/failed"],
  ["EMFILE", "store/failed", "store/failed"],
  ["ENETUNREACH", "store/unreachable", "store/unreachable"],
  ["EHOSTDOWN", "store/unreachable", "store/unreachable"],
  ["ENOTCONN", "store/unreachable", "store/unreachable"],
  ["ETIMEDOUT", "store/unreachable", "store/unreachable"],
]

it.each(CASES)("%s is %s while reading and %s while writing", (code, read, write) => {
  const codes = (["read", "write"] as const).map((side) => classify(systemError(code), side, "The object").code)
  expect(codes).toEqual([read, write])
})

it.skipIf(process.platform !== "linux")("knows errors that Node has no name for by their number", () => {
  const said = classify(systemError("Unknown system error -116", -116), "read", "The object")
  expect([said.code, said.says]).toEqual(["store/failed", expect.stringContaining("(ESTALE)")])
  expect(classify(systemError("Unknown system error -122", -122), "write", "The object").code).toBe("store/full")
  expect(classify(systemError("Unknown system error -117", -117), "write", "The object").code).toBe("store/failed")
})

it("says of a full scratch disk that it is this machine's outage, without its path", () => {
  const said = classify(systemError("ENOSPC"), "scratch", 'The object "a.exr"')
  expect([said.code, said.kind]).toEqual(["scratch/full", "outage"])
})

it("throws what is a bug of ours again", async () => {
  const throwing = (error: unknown, side: Side) => attempt(side, "x", () => Promise.reject(error))
  await expect(throwing(new TypeError("oops"), "read")).rejects.toThrow("oops")
  await expect(throwing(systemError("EBADF"), "write")).rejects.toThrow("EBADF")
  await expect(throwing(systemError("ENOENT"), "scratch")).rejects.toThrow("ENOENT")
  await expect(throwing("a text", "read")).rejects.toBe("a text")
  expect(codeOf(await throwing(systemError("EIO"), "read"))).toBe("store/failed")
})
