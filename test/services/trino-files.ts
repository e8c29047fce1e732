import { pbkdf2Sync, randomBytes } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { hasModule } from "./install/java.ts"

export type TrinoPorts = { readonly http: number; readonly https: number }

export type TrinoPlan = {
  readonly folder: string
  readonly ports: TrinoPorts
  readonly home: string
  readonly java: string
  readonly keystorePath: string
  readonly environment: string
  readonly username: string
  readonly password: string
  readonly sharedSecret: string
}

const HASH_ROUNDS = 2_000
const HASH_BYTES = 32

/** A line of the password file: PBKDF2 with HMAC-SHA1, everything in hex. */
const passwordLine = (username: string, password: string): string => {
  const salt = randomBytes(16)
  const hash = pbkdf2Sync(password, salt, HASH_ROUNDS, HASH_BYTES, "sha1")
  return `${username}:${HASH_ROUNDS}:${salt.toString("hex")}:${hash.toString("hex")}\n`
}

const text = (lines: Readonly<Record<string, string | number>>): string =>
  Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("")

const node = ({ environment, home }: TrinoPlan): string =>
  text({
    "node.environment": environment,
    // Else it listens on every interface.
    "node.bind-ip": "127.0.0.1",
    "node.internal-address": "127.0.0.1",
    "plugin.dir": join(home, "plugin"),
  })

const config = ({ ports, keystorePath, sharedSecret }: TrinoPlan): string =>
  text({
    coordinator: "true",
    "node-scheduler.include-coordinator": "true",
    "discovery.uri": `http://127.0.0.1:${ports.http}`,
    "http-server.http.port": ports.http,
    "http-server.https.enabled": "true",
    "http-server.https.port": ports.https,
    "http-server.https.keystore.path": keystorePath,
    "http-server.authentication.type": "PASSWORD",
    "http-server.authentication.allow-insecure-over-http": "true",
    "internal-communication.shared-secret": sharedSecret,
    "http-server.log.enabled": "false",
    "web-ui.enabled": "false",
    "task.concurrency": 1,
    "task.max-worker-threads": 4,
    "task.min-writer-count": 1,
    "task.max-writer-count": 1,
    "query.max-memory-per-node": "256MB",
    "memory.heap-headroom-per-node": "128MB",
  })

/** C1 alone starts in three quarters of the time and merges no slower (measured: 1,000 rows in 0.5 s). */
const jvm = ({ folder, java }: TrinoPlan): string =>
  [
    "-Xmx1G",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:ReservedCodeCacheSize=192M",
    "-XX:+EnableDynamicAgentLoading",
    "-Djdk.attach.allowAttachSelf=true",
    "-Djdk.nio.maxCachedBufferSize=2000000",
    "-Dfile.encoding=UTF-8",
    `-Djava.io.tmpdir=${join(folder, "tmp")}`,
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    ...(hasModule(java, "jdk.incubator.vector") ? ["--add-modules=jdk.incubator.vector"] : []),
    "",
  ].join("\n")

/** The file's name is the catalog's: `vast."bucket/schema".table` is then a real name. */
const catalog = ({ folder }: TrinoPlan): string =>
  text({
    "connector.name": "iceberg",
    "iceberg.catalog.type": "TESTING_FILE_METASTORE",
    "hive.metastore.catalog.dir": "local:///",
    "fs.native-local.enabled": "true",
    "local.location": join(folder, "warehouse"),
  })

const passwordAuthenticator = ({ folder }: TrinoPlan): string =>
  text({ "password-authenticator.name": "file", "file.password-file": join(folder, "etc/password.db") })

const accessControl = ({ folder }: TrinoPlan): string =>
  text({ "access-control.name": "file", "security.config-file": join(folder, "etc/rules.json") })

/** Everybody may do everything, but `reader` may only read: for tests of rights that are missing. */
const RULES = {
  catalogs: [{ allow: "all" }],
  schemas: [{ user: "reader", owner: false }, { owner: true }],
  tables: [
    { user: "reader", privileges: ["SELECT"] },
    { privileges: ["SELECT", "INSERT", "UPDATE", "DELETE", "OWNERSHIP", "GRANT_SELECT"] },
  ],
}

/** Writes Trino's whole configuration below `folder/etc`. */
export const writeTrinoFiles = async (plan: TrinoPlan): Promise<void> => {
  for (const name of ["etc/catalog", "tmp", "warehouse"]) await mkdir(join(plan.folder, name), { recursive: true })
  const files = {
    "node.properties": node(plan),
    "config.properties": config(plan),
    "jvm.config": jvm(plan),
    "catalog/vast.properties": catalog(plan),
    "access-control.properties": accessControl(plan),
    "rules.json": JSON.stringify(RULES),
    "password-authenticator.properties": passwordAuthenticator(plan),
    "password.db": passwordLine(plan.username, plan.password),
  }
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(plan.folder, "etc", name), content, { mode: 0o600 })
  }
}
