import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** Programs of the system but for those that a machine may lack: Python, compilers, picture tools. */
export function systemWithoutTools(folder: string): string {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync("/usr/bin"))
    if (!/^(python|pip|gcc|g\+\+|cc$|c\+\+|oiiotool|ffmpeg|ffprobe)/.test(name))
      symlinkSync(join("/usr/bin", name), join(folder, name))
  return folder
}

export function writeProgram(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

export type FakePython = {
  /** What it was called with, a line each. */
  readonly calls: () => readonly string[]
}

/**
 * A python3 whose pip fetches nothing: `install` runs for what pip would do, in shell, with $target the folder to fill. `hasPip`
 * is whether it has one; it makes virtual environments, which have, unless `hasVenv` is false.
 */
export function fakePython(
  folder: string,
  { install, hasPip = true, hasVenv = true }: { install: string; hasPip?: boolean; hasVenv?: boolean },
): FakePython {
  const log = join(folder, "python-calls.log")
  const answering = (pip: boolean): string => `
echo "$* $PIP_INDEX_URL" >> "${log}"
case "$*" in
  "-m pip --version") exit ${pip ? 0 : 1} ;;
  "-m venv "*) ${hasVenv ? `mkdir -p "$3/bin" && cp "${folder}/python-of-venv" "$3/bin/python3"` : "exit 1"} ;;
  "-m pip install "*)
    while [ "$1" != --target ]; do shift; done
    target=$2
    ${install} ;;
  *) exit 64 ;;
esac`
  writeProgram(join(folder, "python-of-venv"), answering(true))
  writeProgram(join(folder, "python3"), answering(hasPip))
  return { calls: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []) }
}
