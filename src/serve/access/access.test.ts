import { describe, expect, it } from "vitest"
import { type AccessSettings, accessProblem, hashOf, isForeignPage, openGate } from "./access.ts"

const settings = (with_: Partial<AccessSettings> = {}): AccessSettings => ({
  serveHost: "127.0.0.1",
  serveTokens: [],
  serveProxyHeader: null,
  serveProxyAddresses: [],
  serveProxyWriters: [],
  serveHostNames: [],
  serveOrigins: [],
  ...with_,
})

const TOKENS = (["read", "write"] as const).map((role) => ({
  name: `may-${role}`,
  role,
  sha256: hashOf(`${role}-token`).toString("hex"),
}))

const PROXY = {
  serveProxyHeader: "X-WEBAUTH-USER",
  serveProxyAddresses: ["10.0.0.7"],
  serveHostNames: ["shots.example"],
}

const asked = (with_: Partial<AccessSettings>, headers: Record<string, string>, address = "127.0.0.1") =>
  openGate(settings(with_))({ headers: { host: "127.0.0.1:8484", ...headers }, address })

describe("a server that everybody could reach", () => {
  it.each(["0.0.0.0", "::", "10.1.2.3", "render01"])(
    "is refused on %s where nobody has to say who they are",
    (serveHost) => {
      expect(accessProblem(settings({ serveHost }))).toContain("serveTokens")
      expect(accessProblem(settings({ serveHost, serveTokens: TOKENS }))).toBeNull()
      expect(accessProblem(settings({ serveHost, ...PROXY }))).toBeNull()
    },
  )

  it.each(["127.0.0.1", "127.9.9.9", "::1", "localhost"])("is none on %s", (serveHost) => {
    expect(accessProblem(settings({ serveHost }))).toBeNull()
  })

  it("believes a header of nobody, and of no addresses", () => {
    expect(accessProblem(settings({ serveProxyHeader: "X-USER" }))).toContain("belong together")
    expect(accessProblem(settings({ serveProxyAddresses: ["10.0.0.7"] }))).toContain("belong together")
    expect(accessProblem(settings({ ...PROXY, serveProxyHeader: "X USER" }))).toContain("no name of a header")
  })
})

describe("whoever asks", () => {
  it("is let in on loopback without tokens", () => {
    expect(asked({}, {})).toMatchObject({ user: "loopback", roles: ["read", "write"], authenticatedBy: "loopback" })
  })

  it.each(["evil.example", "evil.example:8484", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::1]x"])(
    "is refused under the host name %s, which another site may have lead here",
    (host) => {
      expect(asked({}, { host })).toMatchObject({ status: 403, code: "access/unknown-host" })
    },
  )

  it.each(["localhost", "LOCALHOST:8484", "127.0.0.1", "[::1]:8484", "10.2.3.4:80", "shots.example"])(
    "is let in under %s",
    (host) => {
      expect(asked({ serveHostNames: ["shots.example"] }, { host })).toMatchObject({ user: "loopback" })
    },
  )

  it("shows a token, under any host name, and has its role", () => {
    const by = (authorization: string) => asked({ serveTokens: TOKENS }, { authorization, host: "any.example" })
    expect(by("Bearer read-token")).toMatchObject({ user: "may-read", roles: ["read"], authenticatedBy: "token" })
    expect(by("bearer write-token")).toMatchObject({ user: "may-write", roles: ["read", "write"] })
    expect(by("Bearer wrong")).toMatchObject({ status: 401, code: "access/unproven" })
    expect(by(`Bearer ${TOKENS[1]?.sha256}`)).toMatchObject({ status: 401 })
    expect(asked({ serveTokens: TOKENS }, {})).toMatchObject({ status: 401 })
    expect(asked({ serveTokens: TOKENS }, { authorization: "Basic d3JpdGUtdG9rZW4=" })).toMatchObject({ status: 401 })
  })

  it("is who the proxy says, from the proxy's address alone", () => {
    const named = (address: string, user = "ada") =>
      asked({ ...PROXY, serveProxyWriters: ["ada"] }, { "x-webauth-user": user, host: "shots.example" }, address)
    expect(named("10.0.0.7")).toMatchObject({ user: "ada", roles: ["read", "write"], authenticatedBy: "proxy" })
    expect(named("::ffff:10.0.0.7", "bob")).toMatchObject({ user: "bob", roles: ["read"] })
    expect(named("10.0.0.8")).toMatchObject({ status: 403, code: "access/denied" })
    expect(named("127.0.0.1")).toMatchObject({ status: 403, code: "access/denied" })
    expect(named("10.0.0.7", "a\u202eb")).toMatchObject({ status: 403 })
    expect(asked(PROXY, { host: "shots.example" }, "10.0.0.7")).toMatchObject({ status: 401 })
  })

  it("is refused with the proxy's header from elsewhere, whatever else it shows", () => {
    const headers = { "x-webauth-user": "ada", authorization: "Bearer write-token" }
    expect(asked({ ...PROXY, serveTokens: TOKENS }, headers, "10.0.0.8")).toMatchObject({ code: "access/denied" })
  })

  it("is not believed because of another header that proxies use", () => {
    const headers = { "x-forwarded-for": "10.0.0.7", "x-webauth-user": "ada", host: "shots.example" }
    expect(asked(PROXY, headers, "10.0.0.8")).toMatchObject({ code: "access/denied" })
  })
})

describe("a write", () => {
  it.each([
    [{ host: "h:1" }, false],
    [{ host: "h:1", origin: "http://h:1" }, false],
    [{ host: "h:1", "sec-fetch-site": "same-origin" }, false],
    [{ host: "h:1", origin: "https://listed.example" }, false],
    [{ host: "h:1", origin: "http://evil.example" }, true],
    [{ host: "h:1", origin: "null" }, true],
    [{ host: "h:1", "sec-fetch-site": "cross-site" }, true],
    [{ host: "h:1", "sec-fetch-site": "same-site" }, true],
  ])("with %o comes from a foreign page: %s", (headers, isForeign) => {
    expect(isForeignPage(headers, ["https://listed.example"])).toBe(isForeign)
  })
})
