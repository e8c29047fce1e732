import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { findJava } from "./install/java.ts"
import { installRegistry } from "./install/registry.ts"
import { keep, keepPorts, randomSecret } from "./keep.ts"
import { runServer, type Service } from "./server.ts"

export type RegistryAddress = {
  /** Base of the Confluent-compatible API, version 7. */
  readonly url: string
}

type Ports = { readonly http: number; readonly management: number }

const PROBE_TIMEOUT_MS = 10_000

const JVM = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]

const settings = (folder: string, ports: Ports, name: string): Record<string, string> => ({
  "java.io.tmpdir": join(folder, "tmp"),
  "quarkus.http.host": "127.0.0.1",
  "quarkus.http.port": String(ports.http),
  "quarkus.management.host": "127.0.0.1",
  "quarkus.management.port": String(ports.management),
  "apicurio.app.name": name,
  "apicurio.datasource.jdbc.initial-size": "2",
  "apicurio.datasource.jdbc.min-size": "2",
  "apicurio.datasource.jdbc.max-size": "10",
  "apicurio.rules.global.compatibility": "BACKWARD",
  // Without WRITE_DELAY=0 a kill loses an acknowledged schema and gives its id to another.
  "apicurio.datasource.url": `jdbc:h2:file:${join(folder, "data/registry")};WRITE_DELAY=0`,
})

const getJson = async (url: string): Promise<Record<string, unknown>> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  return (await response.json()) as Record<string, unknown>
}

/** Healthy, and by the random name that only our process was given the one that we started. */
const probe = async (ports: Ports, name: string): Promise<void> => {
  await getJson(`http://127.0.0.1:${ports.management}/health/ready`)
  const info = await getJson(`http://127.0.0.1:${ports.http}/apis/registry/v3/system/info`)
  if (!String(info.name).startsWith(name)) throw new Error(`the registry calls itself ${String(info.name)}`)
}

/** Apicurio Registry, its schemas in a database file of the folder. */
export const startRegistry = async (folder: string): Promise<Service<RegistryAddress>> => {
  const [java, home] = await Promise.all([findJava(), installRegistry()])
  const name = await keep(join(folder, "identity.json"), () => `registry-${randomSecret(8)}`)
  const ports = await keepPorts(folder, ["http", "management"])
  await mkdir(join(folder, "tmp"), { recursive: true })
  const properties = Object.entries(settings(folder, ports, name)).map(([key, value]) => `-D${key}=${value}`)
  return runServer({
    name: "registry",
    address: { url: `http://127.0.0.1:${ports.http}/apis/ccompat/v7` },
    logPath: join(folder, "registry.log"),
    command: {
      file: join(java, "bin/java"),
      args: [...JVM, ...properties, "-jar", join(home, "quarkus-run.jar")],
      cwd: folder,
    },
    probe: () => probe(ports, name),
  })
}
