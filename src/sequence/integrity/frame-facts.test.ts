import { describe, expect, it } from "vitest"
import { pictureOfFrame } from "../../events/frame-picture.ts"
import type { ProxyMade } from "../../events/records.generated.ts"
import { proxyMade } from "../../events/testing/facts.ts"
import { sequenceFrame } from "../../events/testing/sequence-facts.ts"
import { cleanFrames } from "../testing/frames.ts"
import { factsOf, integrityOf } from "./index.ts"

const factsOfMade = (with_: Partial<ProxyMade> = {}) =>
  factsOf(sequenceFrame(1001, { picture: pictureOfFrame({ ...proxyMade().value, ...with_ }) }).value)

describe("facts of the log", () => {
  it("of a made frame are judged by what it shows, and by how its file holds it", () => {
    const made = proxyMade().value
    const facts = factsOfMade()
    expect(facts).toMatchObject({ frame: 1001, padding: 4, failure: null, contentHash: made.contentHash })
    expect(facts?.traits).toMatchObject({ format: "exr", size: "4096x2160", depth: "half", allChannels: "A,B,G,R" })
  })

  it("of what an older version made say nothing of what it did not tell", () => {
    const facts = factsOfMade({ depth: null, allChannels: null, thumbnailHash: null })
    expect(facts?.thumbnailHash).toBeNull()
    expect(facts?.traits).not.toHaveProperty("depth")
    expect(facts?.traits).not.toHaveProperty("allChannels")
  })

  it("call a frame black or nearly black, not both", () => {
    expect(factsOfMade({ nearlyBlack: true })).toMatchObject({ isBlack: false, isNearlyBlack: true })
    expect(factsOfMade({ nearlyBlack: true, allBlack: true })).toMatchObject({ isBlack: true, isNearlyBlack: false })
  })

  it("of frames whose depth nobody told do not differ from those of the others", () => {
    const known = cleanFrames(1001, 20).map((frame, at) => {
      const { depth, allChannels, ...traits } = frame.traits
      return at < 3 ? { ...frame, traits } : frame
    })
    const expected = { stated: null, firstFrame: null, defaultRate: { num: 24, den: 1 }, mostRuns: 100 }
    expect(integrityOf(known, expected)).toMatchObject({ isSound: true, drift: [] })
  })

  it("of a frame that is not finished are none, and of a failed one its number and the code", () => {
    expect(factsOf(sequenceFrame(1001, { state: "arrived", picture: null }).value)).toBeNull()
    const failed = sequenceFrame(1001, { state: "failed", picture: null, failureCode: "picture/damaged" })
    expect(factsOf(failed.value)).toMatchObject({ frame: 1001, failure: "picture/damaged" })
  })
})
