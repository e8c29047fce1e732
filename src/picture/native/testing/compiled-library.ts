import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"

/** A library with no more functions than this source has. Gives its path. */
export function compiledLibrary(folder: string, source: string): string {
  const path = join(folder, `library-${Math.random()}.so`)
  const code = `${path}.c`
  writeFileSync(code, source)
  execFileSync("gcc", ["-shared", "-fPIC", code, "-o", path])
  return path
}

/** Tells of itself like one of this interface, and can do nothing. */
export const TELLING_ONLY =
  'int library_interface(void) { return 5; } const char *library_compiler(void) { return "gcc"; } void library_parts(char *text, int capacity) { *text = 0; }'
