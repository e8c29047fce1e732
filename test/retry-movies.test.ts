import { expect, it } from "vitest"
import { call, factsOf } from "./machine/answers.ts"
import { openFrames } from "./machine/frames.ts"

it("failures retry tries a movie again that failed, by the name of its sequence, and that alone", async () => {
  const other = openFrames({ "a.1.exr": "window", "a.3.exr": "shifted" })
  const env = { OIIO_SEQUENCE_GAPS: "error" }
  const failures = async () => (await factsOf(other, "movie-made")).map(({ failure }) => failure?.code ?? null)
  await call(["run", other.dir], { env })
  expect(await failures()).toEqual(["sequence/incomplete"])
  const again = await call(["failures", "retry", "a.#.exr", "--dir", other.dir], { env })
  expect(again.stderr).toMatch(/^1 movie tried again\.$/m)
  expect(again.stderr).toMatch(/^0 frames taken up again/m)
  expect(await failures()).toEqual(["sequence/incomplete", "sequence/incomplete"])
  other.remove()
})
