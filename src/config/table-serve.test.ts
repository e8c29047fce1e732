import { describe, expect, it } from "vitest"
import { settingOf } from "./table.ts"

const tokens = settingOf("serveTokens")
const SHA256 = "0f".repeat(32)

describe("the tokens of the API", () => {
  it("have a name, a role and a hash, and are shown without it", () => {
    const parsed = tokens.parse([{ name: "farm", role: "write", sha256: SHA256 }])
    expect(parsed).toEqual([{ name: "farm", role: "write", sha256: SHA256 }])
    expect(tokens.show(parsed)).toBe("farm:write")
  })

  it.each([
    [{ name: "a b", role: "read", sha256: SHA256 }, "token 1 needs a name"],
    [{ name: "farm", role: "admin", sha256: SHA256 }, "token 1 needs a role, which is one of read, write"],
    [{ name: "farm", role: "read", sha256: "secret" }, "token 1 needs a sha256"],
    [{ name: "farm", role: "read", sha256: SHA256, tokens: 1 }, 'token 1 has an unknown key "tokens"'],
    ["farm", "token 1 is no mapping"],
  ])("are refused as %j", (raw, says) => {
    expect(tokens.parse([raw])).toBeUndefined()
    expect(tokens.problem?.([raw])).toContain(says)
  })
})

it.each([
  ["serveOrigins", "https://review.example.com", true],
  ["serveOrigins", "https://review.example.com/path", false],
  ["serveOrigins", "*", false],
  ["serveProxyAddresses", "10.0.0.0/8,::1", true],
  ["serveProxyAddresses", "proxy.example", false],
] as const)("%s takes %s: %s", (name, value, isTaken) => {
  expect(settingOf(name).parse(value) !== undefined).toBe(isTaken)
})
