/** The native library: decoders, pixels and encoders compiled at set-up, for render processes alone. */

import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import type { LibraryHandle } from "koffi"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import type { Protection } from "../index.ts"

/** What native/library.c answers; a library that was built of other sources is not called. */
const INTERFACE_NUMBER = 5

/** Every function that is called. One that a library lacks is told when it is loaded, not by each frame that needs it. */
const FUNCTIONS = [
  ...(["library_interface", "library_compiler", "library_parts", "library_keep_memory", "sandbox_enter"] as const),
  ...(["dpx_open", "exr_open", "tiff_open"] as const),
  ...(["reader_width", "reader_height", "reader_top_code", "reader_problem", "reader_close", "reader_floats"] as const),
  ...(["pixels_new", "pixels_free", "pixels_decode", "pixels_work", "pixels_add", "pixels_push"] as const),
  ...(["pixels_read", "pixels_finish", "pixels_canvas", "h264_encode", "jpeg_encode", "thumbnail_draw"] as const),
]

type NativeFunction = ReturnType<LibraryHandle["func"]>

/** A function of the library, as C declares it. */
type Declaration = `${string} ${"" | "*"}${(typeof FUNCTIONS)[number]}(${string})`

/** A compiled library of this version. */
export type NativeLibrary = {
  /** The compiler that built it, in its own words. */
  readonly compiler: string
  /** What it stands on: versions by name, such as openexr and x264. */
  readonly versions: Readonly<Record<string, string>>
  /** A function by its declaration in C, made once: each costs as much as a small picture. */
  readonly declared: (declaration: Declaration) => NativeFunction
}

/** Where set-up leaves what starts the processes that load it: beside it. */
export const confinePath = (library: string): string => join(dirname(library), "confine")

/** Where set-up leaves it, seen from the package's own folder. */
export const libraryPath = (packageFolder: string): string => join(packageFolder, "vendor/native/libpictures.so")

/** Where `setup` leaves that of one version, seen from the user's folder of tools. */
export const usersLibraryPath = (toolsHome: string, version: string): string =>
  join(toolsHome, `native-${version}`, "libpictures.so")

const load = createRequire(import.meta.url)

/**
 * Loads the library at once. It decodes hostile files, so it belongs into a process that may die. Fails: tool/missing where
 * it was not built, is of another version or of another kind of machine: what it does is then done without it.
 */
export function loadNativeLibrary(path: string): Result<NativeLibrary> {
  try {
    const koffi: typeof import("koffi") = load("koffi")
    const handle = koffi.load(path)
    const functions = new Map<string, NativeFunction>()
    const declared = (declaration: Declaration): NativeFunction => {
      const known = functions.get(declaration) ?? handle.func(declaration)
      functions.set(declaration, known)
      return known
    }
    if (declared("int library_interface(void)")() !== INTERFACE_NUMBER)
      return failed(missing("it is of another version"))
    for (const name of FUNCTIONS) handle.symbol(name)
    return done({
      compiler: String(declared("const char *library_compiler(void)")()),
      versions: versionsOf(declared("void library_parts(uint8_t *text, int capacity)")),
      declared,
    })
  } catch (error) {
    return failed(missing(error instanceof Error ? error.message : String(error)))
  }
}

const PARTS_BYTES = 1024

/** The name of a part and its version stand in a line. */
function versionsOf(tell: NativeFunction): Readonly<Record<string, string>> {
  const text = Buffer.alloc(PARTS_BYTES)
  tell(text, text.length)
  const lines = text.toString("latin1", 0, text.indexOf(0)).split("\n").filter(Boolean)
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]))
}

const missing = (why: string): Failure =>
  failure(
    "tool/missing",
    `The native library cannot be loaded (${why}): run \`oiio-proxy-generator setup\`, which compiles it.`,
  )

/** Without the native library, Node's own permissions protect from faults of ours alone. */
export const UNPROTECTED: Protection = { refusesCalls: false, hidesProcesses: false }

const [REFUSES_CALLS, HIDES_PROCESSES] = [1, 2]

/** Keeps what is freed for the next picture, in place of giving it back to the system: for a process that makes many. */
export function keepMemory(library: NativeLibrary): void {
  library.declared("void library_keep_memory(void)")()
}

/** Gives rights away for good, as far as this kernel can: once all is loaded, since it may be less able to load anything later. */
export function enterSandbox(library: NativeLibrary): Protection {
  const protects = Number(library.declared("int sandbox_enter(void)")())
  return {
    refusesCalls: (protects & REFUSES_CALLS) !== 0,
    hidesProcesses: (protects & HIDES_PROCESSES) !== 0,
  }
}
