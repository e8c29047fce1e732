import { createHash } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { packageFolder } from "../tools/find-tool.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"
import { compiledLibrary, TELLING_ONLY } from "./testing/compiled-library.ts"

const folder = mkdtempSync(join(tmpdir(), "native-library-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What native/ lets others call, in its own words. */
function exportedDeclarations(native: string): readonly string[] {
  const headers = readdirSync(native).filter((file) => file.endsWith(".h"))
  const texts = headers.sort().map((file) => readFileSync(join(native, file), "utf8"))
  return texts.flatMap((text) => text.match(/^EXPORTED [^;]+;/gm) ?? []).map((one) => one.replace(/\s+/g, " "))
}

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
      failure: { code: "tool/missing", says: expect.stringContaining("run `oiio-proxy-generator setup`") },
    })
  })

  it("that was built of older sources is refused by its number, before anything of it is called", () => {
    const older = compiledLibrary(folder, "int library_interface(void) { return 3; }")
    expect(loadNativeLibrary(older)).toMatchObject({
      ok: false,
      failure: { code: "tool/missing", says: expect.stringContaining("it is of another version") },
    })
  })

  it("that lacks a function is refused when it is loaded, and the function is named", () => {
    const lacking = compiledLibrary(folder, TELLING_ONLY)
    expect(loadNativeLibrary(lacking)).toMatchObject({
      ok: false,
      failure: {
        code: "tool/missing",
        says: expect.stringMatching(/library_keep_memory.*run `oiio-proxy-generator setup`/),
      },
    })
  })

  it("has another number for every change of what is called: a new digest here takes a new number in both places", async () => {
    const native = join(await packageFolder(), "native")
    const [, number] = /INTERFACE_NUMBER (\d+)/.exec(readFileSync(join(native, "library.c"), "utf8")) ?? []
    const digest = createHash("sha256").update(exportedDeclarations(native).join("\n")).digest("hex").slice(0, 16)
    expect({ number, digest }).toEqual({ number: "5", digest: "33670640159371a8" })
  })
})
