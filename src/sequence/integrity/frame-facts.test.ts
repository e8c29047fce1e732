import { describe, expect, it } from "vitest"
import type { SourceInspected } from "../../events/records.generated.ts"
import { elementFailed, proxyMade } from "../../events/testing/facts.ts"
import { pictureOfFrame, sequenceFrame } from "../../events/testing/sequence-facts.ts"
import { cleanFrames } from "../testing/frames.ts"
import { factsOf, failedFrame, integrityOf, madeFrame } from "./index.ts"

describe("facts of the log", () => {
  it("of a made frame are judged by what it shows", () => {
    const made = proxyMade({ key: "sh010/beauty.1001.exr" })
    const facts = madeFrame(made.value, null, null)
    expect(facts).toMatchObject({ frame: 1001, padding: 4, failure: null, contentHash: made.value.contentHash })
    expect(facts?.traits).toMatchObject({ format: "exr", size: "4096x2160" })
    expect(facts?.traits).not.toHaveProperty("depth")
    expect(madeFrame(proxyMade({ key: "sh010/still.exr" }).value, null, null)).toBeNull()
  })

  it("take depth and all channels from the header, if it is the one of that version", () => {
    const made = proxyMade({ key: "sh010/beauty.1001.exr" }).value
    const channel = (name: string, pixelType: string) => ({ name, pixelType })
    const channels = [channel("Z", "float"), channel("R", "half"), channel("G", "half"), channel("B", "half")]
    const second = { index: 1, channels: [channel("id", "uint")] }
    const inspected = { source: made.source, parts: [{ index: 0, channels }, second] } as unknown as SourceInspected
    const traits = { depth: "half", channels: "R,G,B", allChannels: "1:id,B,G,R,Z" }
    expect(madeFrame(made, inspected, null)?.traits).toMatchObject(traits)
    const older = { ...inspected, source: { ...made.source, sourceVersion: "older" } }
    expect(madeFrame(made, older, null)?.traits).not.toHaveProperty("depth")
  })

  it("of frames whose header nobody has read yet do not differ from those of the others", () => {
    const known = cleanFrames(1001, 20).map((frame, at) => {
      const { depth, allChannels, ...traits } = frame.traits
      return at < 3 ? { ...frame, traits } : frame
    })
    const expected = { stated: null, firstFrame: null, defaultRate: { num: 24, den: 1 }, mostRuns: 100 }
    expect(integrityOf(known, expected)).toMatchObject({ isSound: true, drift: [] })
  })

  it("told under the sequence's key are the same, and of a frame that is not finished yet there are none", () => {
    const { value } = proxyMade({ key: "renders/shot_010/beauty.1001.exr" })
    const told = sequenceFrame(1001, { picture: pictureOfFrame(value), recordedAtMs: value.recordedAtMs })
    expect(factsOf(told.value, null, null)).toEqual(madeFrame(value, null, null))
    expect(factsOf(sequenceFrame(1001, { state: "arrived", picture: null }).value, null, null)).toBeNull()
    const failed = sequenceFrame(1001, { state: "failed", picture: null, failureCode: "picture/damaged" })
    expect(factsOf(failed.value, null, null)).toMatchObject({ frame: 1001, failure: "picture/damaged" })
  })

  it("of a failed frame are its number and the code", () => {
    const { value } = elementFailed({ key: "sh010/beauty.1002.exr" })
    expect(failedFrame(value)).toMatchObject({ frame: 1002, failure: value.code })
  })
})
