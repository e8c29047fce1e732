import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { SETTINGS } from "../config/table.ts"
import { call } from "./testing/call.ts"

/** Nothing listens there. */
const AWAY = "127.0.0.1:9"

/** As long as the HTTP intake wants its secrets. */
const SECRET = "hunter2-planted-in-every-secret-setting"

/** Every secret setting there is, each with a value that is easy to find; a new one is planted by being declared. */
const SECRETS = Object.fromEntries(
  Object.entries(SETTINGS).flatMap(([name, { secret, env }]) =>
    secret && env !== null ? [[env, `${SECRET}-${name}`]] : [],
  ),
)

let server: Server
let address: string
/** What the server was sent as user and password. */
const heard: string[] = []
/** Lets everybody in, and refuses what they ask for. */
let isPolite = false

/** All ways in which a server may repeat what it was sent. */
const repeated = (authorization: string, plain: string): string =>
  [authorization, plain, encodeURIComponent(plain), Buffer.from(`as ${plain}.`).toString("base64")].join(" ")
beforeAll(async () => {
  // Refuses everybody, and repeats what it was sent as a server with a talkative error page does.
  server = createServer((request, response) => {
    const { authorization = "" } = request.headers
    const plain = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString()
    heard.push(plain)
    if (authorization.startsWith("AWS4")) {
      response.writeHead(403, { "content-type": "application/xml" })
      response.end(`<Error><Code>SignatureDoesNotMatch</Code><Message>${authorization}</Message></Error>`)
      return
    }
    const isConfig = isPolite && request.url?.startsWith("/config") === true
    response.writeHead(isConfig ? 200 : isPolite ? 422 : 401, { "content-type": "application/json" })
    const answer = isConfig
      ? { compatibilityLevel: "FULL_TRANSITIVE" }
      : { message: `${repeated(authorization, plain)} is not welcome`, error_code: isPolite ? 42201 : 40101 }
    response.end(JSON.stringify(answer))
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const at = server.address()
  address = `http://127.0.0.1:${typeof at === "object" ? at?.port : 0}`
})
afterAll(() => server.close())

const users = {
  SCHEMA_REGISTRY_USERNAME: "user",
  KAFKA_USERNAME: "user",
  S3_ACCESS_KEY: "key",
  VAST_DB_ACCESS_KEY: "key",
}

const COMMANDS = [
  "config explain",
  "config explain --json",
  "doctor .",
  "doctor",
  "inspect s3://bucket/a.exr",
  "schemas register",
  "outputs",
  "sequences",
  "sequence beauty",
  "failures list",
  "topics check",
  "worker",
  "projector",
  "ingest --serve",
  "all",
]

/** Any eight characters of the secret in base64, wherever it begins in what is encoded. */
const ENCODED = [0, 1, 2].map((before) =>
  Buffer.from(`${" ".repeat(before)}${SECRET}`)
    .toString("base64")
    .slice(4, 40),
)

async function printsNone(command: string): Promise<string> {
  const servers = {
    KAFKA_BROKER: AWAY,
    SCHEMA_REGISTRY_URL: address,
    S3_ENDPOINT: address,
    VAST_DB_ENDPOINT: address,
  }
  const env = {
    ...servers,
    VAST_DB_BUCKET: "tables",
    OIIO_START_RETRY_SECONDS: "0",
    OIIO_HTTP_PORT: "0",
    ...users,
    ...SECRETS,
  }
  const { code, stdout, stderr } = await call(command.split(" "), { env })
  expect(code).not.toBe(70)
  const said = `${stdout}${stderr}`
  expect(said).not.toBe("")
  for (const spelling of [SECRET, encodeURIComponent(SECRET), ...ENCODED]) expect(said).not.toContain(spelling)
  return said
}

it.each(COMMANDS)(
  "%s prints none of the secret settings, though a server refuses them and repeats them",
  { timeout: 120_000 },
  async (command) => {
    await printsNone(command)
  },
)

describe("a server that takes the password, and repeats it in what it says of a request", () => {
  beforeAll(() => {
    isPolite = true
  })

  it.each(["schemas register", "doctor"])("has it blotted out of what %s repeats", async (command) => {
    expect(await printsNone(command)).toContain("********")
  })
})

it("the server was shown a password and refused it", () => {
  expect(heard.filter((plain) => plain.includes(SECRET))).not.toEqual([])
})

it("the secret settings are those that are declared so", () => {
  expect(Object.keys(SECRETS)).toContain("OIIO_INTAKE_SECRET")
  expect(Object.keys(SECRETS)).toContain("SCHEMA_REGISTRY_PASSWORD")
})
