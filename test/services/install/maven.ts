import { rm } from "node:fs/promises"
import { join } from "node:path"
import { TOOLS } from "../versions.ts"
import { CACHE, checkSha256 } from "./cache.ts"
import { withLock } from "./lock.ts"
import { onPath, run } from "./run.ts"

const PLUGIN = `org.apache.maven.plugins:maven-dependency-plugin:${TOOLS.dependencyPlugin}`

const installMaven = async (): Promise<string> => {
  const apt = onPath("apt-get")
  if (apt === undefined || process.getuid?.() !== 0) {
    throw new Error(
      "Maven is needed to fetch Kafka, the schema registry and Trino: install `maven` so that mvn is on PATH.",
    )
  }
  process.stderr.write("services: installing Maven with apt-get\n")
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  await run(apt, ["update", "-q"], { env })
  await run(apt, ["install", "-y", "-q", "--no-install-recommends", "maven"], { env })
  const maven = onPath("mvn")
  if (maven === undefined) throw new Error("apt-get installed maven, but mvn is not on PATH.")
  return maven
}

/** One at a time, and with a local repository of its own: Maven 3.8 does not promise that two may share one. */
const maven = (cwd: string, args: readonly string[]): Promise<string> =>
  withLock(join(CACHE, "locks/maven"), async () =>
    run(
      onPath("mvn") ?? (await installMaven()),
      ["-B", "-q", "-C", `-Dmaven.repo.local=${join(CACHE, "maven")}`, ...args],
      {
        cwd,
      },
    ),
  )

/** Copies what the project of a folder (its pom.xml) needs at run time into `folder/lib`. */
export const copyDependencies = async (folder: string): Promise<void> => {
  await maven(folder, [
    `${PLUGIN}:copy-dependencies`,
    "-DincludeScope=runtime",
    `-DoutputDirectory=${join(folder, "lib")}`,
  ])
}

type Archive = {
  /** group:artifact:version:type[:classifier] */
  readonly artifact: string
  /** The file's name as Maven copies it. */
  readonly file: string
  readonly sha256: string
  readonly folder: string
}

/** Fetches one archive into a folder, checked; answers its path. The second copy, in Maven's repository, goes. */
export const fetchArchive = async ({ artifact, file, sha256, folder }: Archive): Promise<string> => {
  await maven(folder, [
    `${PLUGIN}:copy`,
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${folder}`,
    "-Dmdep.useBaseVersion=true",
  ])
  const [group = "", name = ""] = artifact.split(":")
  await rm(join(CACHE, "maven", ...group.split("."), name), { recursive: true, force: true })
  const path = join(folder, file)
  await checkSha256(path, sha256)
  return path
}
