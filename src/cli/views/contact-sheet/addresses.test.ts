import { describe, expect, it } from "vitest"
import { done, failed, failure } from "../../../events/result.ts"
import { proxyMade } from "../../../events/testing/facts.ts"
import { failureOf, unwrap } from "../../../events/testing/results.ts"
import type { ObjectHead, ObjectRef } from "../../../store/index.ts"
import { sequenceRow } from "../../../table/testing/rows.ts"
import { embedded, linkedTo, objectsOf, relativeUrl, secondsOf, signedFor } from "./addresses.ts"
import { contentsOf } from "./contents.ts"

const ref = (key: string): ObjectRef => ({ bucket: "show", key })

describe("an address for the page", () => {
  it.each([
    ["/w/s/a b#1%+é\n.mp4", "./a%20b%231%25%2B%C3%A9%0A.mp4"],
    ["/w/s/javascript:alert(1).mp4", "./javascript%3Aalert(1).mp4"],
    ["/w/other/x.mp4", "./../other/x.mp4"],
    ["/w/s/deep/.proxies/x.mp4", "./deep/.proxies/x.mp4"],
  ])("of %s is %s", (file, url) => {
    expect(relativeUrl("/w/s", file)).toBe(url)
  })

  it("of outputs that go elsewhere leads there", () => {
    const outputs = { root: "/w/proxies", place: { bucket: "proxies", prefix: "" } }
    const address = linkedTo("/w", { root: "/w/show", bucket: "show", outputs })
    expect(address({ bucket: "proxies", key: "show/.proxies/a.mp4" })).toBe("./proxies/show/.proxies/a.mp4")
    expect(address({ bucket: "show", key: "a.mp4" })).toBe("./show/a.mp4")
  })
})

describe("a page to mail", () => {
  /** Objects of as many bytes as they are named after. */
  const store = {
    head: async ({ key }: ObjectRef) => {
      const sizeBytes = Number.parseInt(key, 10)
      return Number.isNaN(sizeBytes) ? failed(failure("store/missing", "Gone.")) : done({ sizeBytes } as ObjectHead)
    },
    readRange: async (_: ObjectRef, { end }: { readonly end: number }) => done(new Uint8Array(end)),
  }
  const shown = async (keys: readonly string[], mostBytes: number) => {
    const { addressOf, left } = await embedded(keys.map(ref), store, mostBytes)
    return { urls: keys.map((key) => addressOf(ref(key))?.slice(0, 26) ?? null), left }
  }

  it("holds what fits, in order, and counts what does not", async () => {
    expect(await shown(["30.jpg", "3000.mp4", "60.mp4"], 300)).toEqual({
      urls: ["data:image/jpeg;base64,AAA", null, "data:video/mp4;base64,AAAA"],
      left: 1,
    })
  })

  it("is never longer than it may be", async () => {
    const { addressOf } = await embedded(["30.jpg", "31.jpg", "32.jpg"].map(ref), store, 130)
    const urls = ["30.jpg", "31.jpg", "32.jpg"].flatMap((key) => addressOf(ref(key)) ?? [])
    expect(urls.join("").length).toBeLessThanOrEqual(130)
    expect(urls).toHaveLength(2)
  })

  it("goes without what is not there, is empty, or is neither picture nor movie", async () => {
    expect(await shown(["gone.jpg", "0.jpg", "30.html"], 1000)).toEqual({ urls: [null, null, null], left: 3 })
  })
})

describe("addresses that end", () => {
  const signing = (expiresAtMs: number) => ({
    sign: async ({ key }: ObjectRef) =>
      key === "bad"
        ? failed(failure("store/bad-key", "No name."))
        : done({ url: `https://s3.example/${key}?X`, expiresAtMs: expiresAtMs + key.length }),
  })

  it("are signed for all objects, and end when the first of them does", async () => {
    const refs = Array.from({ length: 450 }, (_, at) => ref(`${at}`))
    const { addressOf, expiresAtMs } = unwrap(await signedFor(refs, signing(1000), 60))
    expect([addressOf(ref("0")), addressOf(ref("449")), addressOf(ref("450"))]).toEqual([
      "https://s3.example/0?X",
      "https://s3.example/449?X",
      null,
    ])
    expect(expiresAtMs).toBe(1001)
  })

  it("are none for a name that no object has; any other failure is told", async () => {
    expect(unwrap(await signedFor([ref("bad"), ref("a")], signing(0), 60)).addressOf(ref("bad"))).toBeNull()
    const denied = { sign: async () => failed(failure("store/denied", "No credentials.")) }
    expect(failureOf(await signedFor([ref("a")], denied, 60)).code).toBe("store/denied")
    expect(failureOf(await signedFor([ref("a")], {}, 60)).code).toBe("config/invalid")
  })

  it.each([
    ["30m", 1800],
    ["1h", 3600],
    ["7d", 604_800],
    ["8d", null],
    ["0m", null],
    ["90", null],
    ["-1h", null],
    ["1.5h", null],
    ["99999999999999d", null],
  ])("for %s are for %s seconds", (text, seconds) => {
    expect(secondsOf(text, 604_800)).toBe(seconds)
  })
})

it("pictures of tiles come first, then sprites, then movies; a shot's frames have none of their own", () => {
  const made = ["beauty.1001.exr", "still.exr"].map(
    (name) => proxyMade({ bucket: "bucket", key: `renders/shot_010/${name}` }).value,
  )
  const rows = [sequenceRow({ movie_key: "m.mp4", sprites_key: "s.jpg", poster_key: "p.jpg" })]
  const contents = contentsOf({ rows, made, failures: [], gone: [], ruleOf: () => "usual", outputsBucket: null })
  const [inShot, single] = made
  const { all, posters } = objectsOf(contents)
  expect(all.map(({ key }) => key)).toEqual([
    inShot?.thumbnail.key,
    single?.thumbnail.key,
    "s.jpg",
    "m.mp4",
    single?.proxy.key,
  ])
  expect(posters.map(({ key }) => key)).toEqual(["p.jpg"])
})
