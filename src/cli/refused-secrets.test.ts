import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { afterAll, beforeAll, expect, it } from "vitest"
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
    response.writeHead(401, { "content-type": "application/json" })
    response.end(JSON.stringify({ error_code: 40101, message: `${authorization} ${plain} is not welcome` }))
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

it.each([
  "config explain",
  "config explain --json",
  "doctor .",
  "inspect s3://bucket/a.exr",
  "schemas register",
  "outputs",
  "failures list",
  "topics check",
  "worker",
  "projector",
  "ingest --serve",
  "all",
])("%s prints none of the secret settings, though a server refuses them and repeats them", async (command) => {
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
  expect(`${stdout}${stderr}`).not.toBe("")
  expect(`${stdout}${stderr}`).not.toContain(SECRET)
  expect(`${stdout}${stderr}`).not.toContain(Buffer.from(`user:${SECRET}`).toString("base64").slice(0, 40))
})

it("the server was shown a password and refused it", () => {
  expect(heard.filter((plain) => plain.includes(SECRET))).not.toEqual([])
})

it("the secret settings are those that are declared so", () => {
  expect(Object.keys(SECRETS)).toContain("OIIO_INTAKE_SECRET")
  expect(Object.keys(SECRETS)).toContain("SCHEMA_REGISTRY_PASSWORD")
})
