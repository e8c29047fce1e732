import { writeFileSync } from "node:fs"
import { expect, it } from "vitest"
import { decodedPictures, ffmpeg } from "../src/picture/encode/mp4/testing/ffmpeg.ts"
import { bursts, wavFile } from "../src/picture/encode/sound/testing/wav-file.ts"
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

it("failures retry gives a movie the sound of a WAV that came when it was made, and leaves it its pictures", async () => {
  const other = openFrames({ "a.1.exr": "window", "a.2.exr": "shifted" })
  await call(["run", other.dir])
  const movie = other.path(".proxies/a_movie.mp4")
  const before = await decodedPictures(movie)
  const again = () => call(["failures", "retry", "a.#.exr", "--dir", other.dir])
  await again()
  writeFileSync(other.path("a.wav"), wavFile({ samples: 48_000, channels: 2, level: bursts(48_000) }))
  expect((await again()).stderr).toMatch(/^1 movie tried again\.$/m)
  const told = (await factsOf(other, "movie-made")).map(({ movie, reused }) => [movie?.sound?.channels ?? 0, reused])
  expect(told).toEqual([
    [0, false],
    [0, true],
    [2, false],
  ])
  expect(await decodedPictures(movie)).toEqual(before)
  const { out } = await ffmpeg("-i", movie, "-map", "0:a", "-f", "s16le", "-")
  // Two frames of film.
  expect(out.length).toBe((48_000 * 2 * 2 * 2) / 24)
  other.remove()
})
