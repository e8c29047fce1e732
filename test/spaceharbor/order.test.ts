import { afterEach, describe, expect, it } from "vitest"
import { furtherOutputs } from "../../src/element/profiles.ts"
import { type Driver, drive, type Wrap } from "../driver/index.ts"
import { type Bucket, type MediaRow, poll } from "./harbor.ts"

const KEY = "sh010/a.0001.exr"

/** What its poller would keep if it looked after each PUT. */
type Looked = { readonly after: string; readonly row: MediaRow | null }

describe("the order in which outputs appear, to SpaceHarbor's poller", () => {
  let t: Driver
  afterEach(() => t.close())

  async function lookedAfterEachPut(): Promise<readonly Looked[]> {
    const looked: Looked[] = []
    const store: Wrap["store"] = (inner) => ({
      ...inner,
      put: async (ref, ...rest) => {
        const stored = await inner.put(ref, ...rest)
        const bucket: Bucket = {
          name: ref.bucket,
          has: async (key) => (await inner.head({ bucket: ref.bucket, key })).ok,
          read: () => Promise.reject(new Error("It reads nothing.")),
          presign: async (key) => key,
        }
        looked.push({ after: ref.key.replace(/^.*_/, ""), row: await poll(bucket, KEY) })
        return stored
      },
    })
    t = await drive({
      store,
      furtherOutputs: furtherOutputs({}, true),
      settings: () => ({ metadataFile: true }),
      policy: { spaceharbor: true },
    })
    await t.puts(KEY, "a")
    await t.arrives({ key: KEY })
    return looked
  }

  const uri = (suffix: string) => `s3://show/sh010/.proxies/a.0001${suffix}`

  it("is never one in which it keeps a frame without a proxy; one PUT later it keeps both", async () => {
    expect(await lookedAfterEachPut()).toEqual([
      { after: "proxy.mp4", row: null },
      { after: "preview.jpg", row: null },
      { after: "proxy.jpg", row: { thumbnail_url: null, proxy_url: uri("_proxy.jpg") } },
      { after: "thumb.jpg", row: { thumbnail_url: uri("_thumb.jpg"), proxy_url: uri("_proxy.jpg") } },
      { after: "metadata.json", row: { thumbnail_url: uri("_thumb.jpg"), proxy_url: uri("_proxy.jpg") } },
    ])
  })
})
