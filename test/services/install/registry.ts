import { rm } from "node:fs/promises"
import { SHA256, VERSIONS } from "../versions.ts"
import { installed } from "./cache.ts"
import { fetchArchive } from "./maven.ts"
import { run } from "./run.ts"

const build = async (folder: string): Promise<void> => {
  const archive = await fetchArchive({
    artifact: `io.apicurio:apicurio-registry-app:${VERSIONS.registry}:tar.gz:all`,
    file: `apicurio-registry-app-${VERSIONS.registry}-all.tar.gz`,
    sha256: SHA256.registry,
    folder,
  })
  await run("tar", ["-xzf", archive, "-C", folder])
  await rm(archive)
}

/** Folder with `quarkus-run.jar`. */
export const installRegistry = (): Promise<string> =>
  installed({ name: `apicurio-registry-${VERSIONS.registry}`, build })
