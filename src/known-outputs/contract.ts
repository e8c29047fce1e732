import { describe, expect, it, onTestFinished } from "vitest"
import type { OutputNames } from "../element/output-places.ts"
import { type KnownOutputs, MOST_NAMES } from "./index.ts"

export type KnownOutputsUnderTest = { readonly known: KnownOutputs; dispose(): Promise<void> }

const at = (name: string, bucket = "show"): OutputNames => ({ bucket, stem: `.proxies/${name}` })

/** What every memory of outputs promises. */
export function knownOutputsContract(name: string, open: () => Promise<KnownOutputsUnderTest>): void {
  const opened = async () => {
    const under = await open()
    onTestFinished(() => under.dispose())
    const { known } = under
    return {
      remembers: async (pictureKey: string, names: OutputNames) =>
        expect(await known.remember(pictureKey, names)).toMatchObject({ ok: true }),
      places: async (pictureKey: string) => {
        const found = await known.find(pictureKey)
        return found.ok ? found.value : found.failure
      },
    }
  }

  describe(`known outputs: ${name}`, () => {
    it("tells where a picture is, the newest place first", async () => {
      const { remembers, places } = await opened()
      await remembers("p1", at("a"))
      await remembers("p2", at("b"))
      await remembers("p1", at("c", "other"))
      expect(await places("p1")).toEqual([at("c", "other"), at("a")])
      expect(await places("p3")).toEqual([])
    })

    it("knows one picture of a name: the last", async () => {
      const { remembers, places } = await opened()
      await remembers("p1", at("a"))
      await remembers("p2", at("a"))
      await remembers("p2", at("a"))
      expect([await places("p1"), await places("p2")]).toEqual([[], [at("a")]])
    })

    it("keeps names of two buckets apart, and tells a few places only", async () => {
      const { remembers, places } = await opened()
      await remembers("p1", at("a", "one"))
      await remembers("p2", at("a", "two"))
      expect([await places("p1"), await places("p2")]).toEqual([[at("a", "one")], [at("a", "two")]])
      for (let n = 0; n < 3 * MOST_NAMES; n++) await remembers("p3", at(`${n}`))
      const newest = Array.from({ length: MOST_NAMES }, (_, n) => at(`${3 * MOST_NAMES - 1 - n}`))
      expect(await places("p3")).toEqual(newest)
    })
  })
}
