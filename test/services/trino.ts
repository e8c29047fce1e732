import { join } from "node:path"
import { certificateIn } from "./certificate.ts"
import { findJava } from "./install/java.ts"
import { installTrino } from "./install/trino.ts"
import { keep, keepPorts, randomSecret } from "./keep.ts"
import { runServer, type Service } from "./server.ts"
import { writeTrinoFiles } from "./trino-files.ts"
import { runSql } from "./trino-sql.ts"

/** The same server, for clients that come with TLS and a password. */
export type SecureTrino = {
  readonly url: string
  /** The authority to trust, PEM. */
  readonly ca: string
  readonly username: string
  readonly password: string
}

export type TrinoAddress = {
  /** Without TLS; any user name, no password. */
  readonly url: string
  /** Iceberg on local files: takes MERGE, UPDATE, DELETE and RENAME. */
  readonly catalog: "vast"
  readonly secure: SecureTrino
}

type Identity = {
  readonly environment: string
  readonly username: string
  readonly password: string
  readonly sharedSecret: string
}

const PROBE_TIMEOUT_MS = 10_000

const newIdentity = (): Identity => ({
  environment: `test_${randomSecret(8)}`,
  username: "oiio",
  password: randomSecret(),
  sharedSecret: randomSecret(),
})

/**
 * Ours by the random environment; ready only when a distributed write succeeds: before that Trino answers
 * SERVER_STARTING_UP, then NO_NODES_AVAILABLE, and a CTAS of constants, which needs no node, already works.
 */
const probe = async (url: string, environment: string): Promise<void> => {
  const response = await fetch(`${url}/v1/info`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
  const info = (await response.json()) as { readonly environment: string; readonly starting: boolean }
  if (info.environment !== environment) throw new Error(`the Trino that answers belongs to ${info.environment}`)
  if (info.starting) throw new Error("Trino says that it is starting")
  const schema = `vast."probe/${randomSecret(8)}"`
  await runSql(url, "SELECT count(*) FROM system.runtime.nodes")
  await runSql(url, `CREATE SCHEMA ${schema}`)
  try {
    await runSql(url, `CREATE TABLE ${schema}.t AS SELECT 1 AS a`)
    await runSql(url, `SELECT count(*) FROM ${schema}.t`)
  } finally {
    await runSql(url, `DROP TABLE IF EXISTS ${schema}.t`)
    await runSql(url, `DROP SCHEMA ${schema}`)
  }
}

/** One Trino node with the Iceberg catalog `vast`, its tables in the folder. */
export const startTrino = async (folder: string): Promise<Service<TrinoAddress>> => {
  const [java, home] = await Promise.all([findJava(), installTrino()])
  const identity = await keep(join(folder, "identity.json"), newIdentity)
  const ports = await keepPorts(folder, ["http", "https"])
  const { ca, keystorePath } = await certificateIn(join(folder, "certificate"))
  await writeTrinoFiles({ folder, ports, home, java, keystorePath, ...identity })
  const url = `http://127.0.0.1:${ports.http}`
  const { username, password } = identity
  return runServer({
    name: "trino",
    address: { url, catalog: "vast", secure: { url: `https://127.0.0.1:${ports.https}`, ca, username, password } },
    logPath: join(folder, "trino.log"),
    command: {
      file: join(home, "bin/launcher"),
      args: ["run", "-etc-dir", join(folder, "etc"), "-data-dir", join(folder, "data"), "-jvm-dir", java],
      cwd: folder,
    },
    probe: () => probe(url, identity.environment),
  })
}
