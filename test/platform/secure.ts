import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Addresses } from "../services/index.ts"
import { randomSecret } from "../services/keep.ts"
import type { Env } from "./deployment.ts"

/** Every server by TLS and password where it has them, and what nobody may ever read. */
export type Secured = {
  readonly env: Env
  readonly secrets: readonly string[]
  readonly remove: () => void
}

/** Some of what is spelled otherwise in addresses and in JSON. */
const ODD = '@/"%1 '

/** The registry of the tests asks for no password and passes over one that it is given, here within its address. */
export function secured({ kafka, registry, s3, trino }: Addresses): Secured {
  const folder = mkdtempSync(join(tmpdir(), "authorities-"))
  const authority = (name: string, pem: string): string => {
    const path = join(folder, name)
    writeFileSync(path, pem)
    return path
  }
  const registryPassword = `${randomSecret()}${ODD}`
  const intakeSecret = randomSecret()
  const registryUrl = new URL(registry.url)
  registryUrl.username = "reader"
  registryUrl.password = encodeURIComponent(registryPassword)
  const { secure } = trino
  return {
    env: {
      KAFKA_BROKER: kafka.secure.broker,
      KAFKA_CA: authority("kafka.pem", kafka.secure.ca),
      KAFKA_USERNAME: kafka.secure.username,
      KAFKA_PASSWORD: kafka.secure.password,
      KAFKA_SASL_MECHANISM: "scram-sha-512",
      SCHEMA_REGISTRY_URL: registryUrl.href,
      OIIO_INTAKE_SECRET: intakeSecret,
      VAST_DB_ENDPOINT: secure.url,
      VAST_DB_CA: authority("trino.pem", secure.ca),
      VAST_DB_USER: secure.username,
      VAST_DB_SECRET_KEY: secure.password,
    },
    secrets: [kafka.secure.password, secure.password, registryPassword, intakeSecret, s3.accessKey, s3.secretKey],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
