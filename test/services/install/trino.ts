import { readdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { SHA256, VERSIONS } from "../versions.ts"
import { installed } from "./cache.ts"
import { fetchArchive } from "./maven.ts"
import { onPath, run } from "./run.ts"

const PLATFORM = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`

/** Of the server: plugins that nothing here uses. */
const UNUSED_PLUGINS = [
  "exchange-filesystem",
  "functions-python",
  "geospatial",
  "resource-group-managers",
  "session-property-managers",
  "spooling-filesystem",
]

/** Of the Iceberg plugin: catalogs and file systems that nothing here uses, 200 MB of them. */
const UNUSED_JARS = [
  "net.snowflake_",
  "org.rocksdb_",
  "io.grpc_grpc-xds",
  "io.grpc_grpc-netty-shaded",
  "org.alluxio_",
  "org.conscrypt",
  "io.netty_netty-codec-native-quic",
]

const removeWhere = async (folder: string, isUnused: (name: string) => boolean): Promise<void> => {
  for (const name of (await readdir(folder)).filter(isUnused)) {
    await rm(join(folder, name), { recursive: true })
  }
}

const unzip = async (archive: string, folder: string): Promise<void> => {
  if (onPath("unzip") !== undefined) await run("unzip", ["-q", archive, "-d", folder])
  else await run("python3", ["-m", "zipfile", "-e", archive, folder])
}

const fetchCore = async (folder: string): Promise<void> => {
  const archive = await fetchArchive({
    artifact: `io.trino:trino-server-core:${VERSIONS.trino}:tar.gz`,
    file: `trino-server-core-${VERSIONS.trino}.tar.gz`,
    sha256: SHA256.trinoCore,
    folder,
  })
  await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"])
  await rm(archive)
  await removeWhere(join(folder, "plugin"), (name) => UNUSED_PLUGINS.includes(name))
  await removeWhere(join(folder, "bin"), (name) => /^(linux|darwin)-/.test(name) && name !== PLATFORM)
}

const fetchIceberg = async (folder: string): Promise<void> => {
  const archive = await fetchArchive({
    artifact: `io.trino:trino-iceberg:${VERSIONS.trino}:zip`,
    file: `trino-iceberg-${VERSIONS.trino}.zip`,
    sha256: SHA256.trinoIceberg,
    folder,
  })
  const plugin = join(folder, "plugin/iceberg")
  await unzip(archive, join(folder, "plugin"))
  await rm(archive)
  await rename(join(folder, `plugin/trino-iceberg-${VERSIONS.trino}`), plugin)
  await removeWhere(plugin, (name) => UNUSED_JARS.some((start) => name.startsWith(start)))
}

const build = async (folder: string): Promise<void> => {
  await fetchCore(folder)
  await fetchIceberg(folder)
}

/** Folder of a Trino server that knows Iceberg and password files, and nothing else: 290 MB instead of 700. */
export const installTrino = (): Promise<string> => installed({ name: `trino-${VERSIONS.trino}`, build })
