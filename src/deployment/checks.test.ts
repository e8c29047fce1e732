import { describe, expect, it } from "vitest"
import { loadConfig } from "../config/index.ts"
import { done, failed, failure } from "../events/result.ts"
import { unwrap } from "../events/testing/results.ts"
import { checkMachine, libraryCheck } from "./checks.ts"

const checksWith = async (flags: Readonly<Record<string, string>>) => {
  const { config } = unwrap(loadConfig({ flags, env: {}, cwd: "/", defaultStateDir: "/state" }))
  return checkMachine({ env: {} }, { config })
}

describe("the native library, to doctor", () => {
  it("is told with its parts and its compiler, as a render process found it", async () => {
    const checks = await checksWith({})
    expect(checks.find(({ what }) => what === "native library")).toEqual({
      what: "native library",
      verdict: "ok",
      says: expect.stringMatching(
        /^openexr \d.*, libtiff \d.*, libjpeg-turbo \d.*, x264 \d.*, compiled by gcc \d[\d.]*; what reads frames may neither write/,
      ),
    })
  })

  it("is nothing that the engine on oiiotool would need", async () => {
    const checks = await checksWith({ engine: "oiiotool" })
    expect(checks.map(({ what }) => what)).not.toContain("native library")
  })

  it("is a note with what its absence costs where it is not there", () => {
    const absent = failure("tool/missing", "The native library cannot be loaded: run setup.")
    expect(libraryCheck(failed(absent))).toEqual({
      what: "native library",
      verdict: "note",
      says: expect.stringMatching(/run setup\. Without it frames are made all the same, for .* the CPU\.$/),
    })
  })

  it("is a note where the kernel cannot take rights from what reads frames", () => {
    const check = (refusesCalls: boolean, hidesProcesses: boolean) =>
      libraryCheck(
        done({ compiler: "gcc 12.2", versions: { x264: "0.164" }, protection: { refusesCalls, hidesProcesses } }),
      )
    expect(check(true, true).verdict).toBe("ok")
    expect(check(true, false)).toMatchObject({ verdict: "note", says: expect.stringContaining("Landlock") })
    expect(check(false, true)).toMatchObject({ verdict: "note", says: expect.stringContaining("seccomp") })
  })
})

describe("a picture tool that is missing, to doctor", () => {
  it("is missing in its own line alone: of the colour config nothing is known then", async () => {
    const checks = await checksWith({ ffmpegPath: "/nowhere/ffmpeg" })
    expect(checks.filter(({ verdict }) => verdict === "missing").map(({ what }) => what)).toEqual(["ffmpeg"])
    expect(checks).toContainEqual({
      what: "OCIO config",
      verdict: "note",
      says: "not asked: a picture tool is missing",
    })
  })
})
