import { describe, expect, it } from "vitest"
import { packageFolder } from "../tools/find-tool.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"

describe("the native library", () => {
  it("that set-up built says what compiled it", async () => {
    const library = loadNativeLibrary(libraryPath(await packageFolder()))
    expect(library.ok && library.value.compiler).toMatch(/^gcc \d+\.\d+$/)
    expect(library.ok && library.value.versions).toEqual({
      openexr: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      libtiff: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      "libjpeg-turbo": expect.stringMatching(/^\d+\.\d+/),
      x264: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
  })

  it("that was not built fails with what to do", () => {
    expect(loadNativeLibrary("/nowhere/libpictures.so")).toMatchObject({
      ok: false,
      failure: { code: "tool/missing", says: expect.stringContaining("run scripts/setup") },
    })
  })
})
