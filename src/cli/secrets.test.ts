import { expect, it } from "vitest"
import { registrySchemas } from "../events/index.ts"
import { call } from "./testing/call.ts"

const SECRET = "hunter2-planted"

/** Nothing listens there, so each client says what it says of a server that is away. */
const AWAY = "127.0.0.1:9"

const SERVERS = {
  KAFKA_BROKER: AWAY,
  SCHEMA_REGISTRY_URL: `http://${AWAY}`,
  S3_ENDPOINT: `http://${AWAY}`,
  VAST_DB_ENDPOINT: `http://${AWAY}`,
  VAST_DB_BUCKET: "tables",
}

const PLANTED: readonly (readonly [where: string, env: Readonly<Record<string, string>>])[] = [
  ["the registry's address", { SCHEMA_REGISTRY_URL: `http://user:${SECRET}@${AWAY}` }],
  ["the registry's address, as a token", { SCHEMA_REGISTRY_URL: `http://${SECRET}@${AWAY}` }],
  ["an address that is none", { SCHEMA_REGISTRY_URL: `htp://user:${SECRET}@${AWAY}` }],
  ["an address with a password that holds an @", { SCHEMA_REGISTRY_URL: `http://user:p@${SECRET}@${AWAY}` }],
  ["an address with a % that encodes nothing", { SCHEMA_REGISTRY_URL: `http://user:50%${SECRET}@${AWAY}` }],
  [
    "an address with a password that is encoded",
    { SCHEMA_REGISTRY_URL: `http://user:${SECRET.replace("-", "%2D")}@${AWAY}` },
  ],
  ["the brokers", { KAFKA_BROKER: `user:${SECRET}@${AWAY}` }],
  ["the brokers, as a token", { KAFKA_BROKER: `${SECRET}@${AWAY}` }],
  ["the address of S3", { S3_ENDPOINT: `http://user:${SECRET}@${AWAY}` }],
  ["the address of Trino", { VAST_DB_ENDPOINT: `http://user:${SECRET}@${AWAY}` }],
  ["the secret keys", { S3_ACCESS_KEY: "key", S3_SECRET_KEY: SECRET, VAST_DB_SECRET_KEY: SECRET }],
  ["the passwords", { KAFKA_USERNAME: "user", KAFKA_PASSWORD: SECRET, SCHEMA_REGISTRY_USERNAME: "user" }],
]

const COMMANDS = [
  ["config", "explain"],
  ["config", "explain", "--json"],
  ["inspect", "s3://bucket/a.exr"],
  ["outputs"],
  ["schemas", "register"],
]

it.each(PLANTED)("a secret in %s is printed by no command", async (_, env) => {
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await call(command, { env: { ...SERVERS, ...env } })
    expect(code, stderr).not.toBe(70)
    expect(`${stdout}${stderr}`, command.join(" ")).not.toContain(SECRET)
    expect(`${stdout}${stderr}`, command.join(" ")).not.toContain(SECRET.replace("-", "%2D"))
    expect(`${stdout}${stderr}`).not.toBe("")
  }
})

it("the reader of the registry sends a user and password within the address, and names neither in an error", async () => {
  const error: unknown = await registrySchemas(`http://user:${SECRET}@${AWAY}/`)(1).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  const { message, stack, cause } = error as Error
  expect(`${message} ${stack} ${cause instanceof Error ? cause.stack : ""}`).not.toContain(SECRET)
  expect(message).not.toContain("credentials")
})
