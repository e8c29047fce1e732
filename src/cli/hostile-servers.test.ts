import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { afterAll, beforeAll, expect, it } from "vitest"
import { call } from "./testing/call.ts"
import { recorded } from "./testing/console.ts"
import { HOSTILE_TEXTS, rawIn } from "./testing/hostile-texts.ts"

/** Nothing listens there. */
const AWAY = "127.0.0.1:9"

/** All that a server could say, in words that its client repeats. */
const SAID = `hostile ${HOSTILE_TEXTS.map(([, text]) => text).join(" ")}`

/** XML holds no C0 control; all others it does. */
const REFUSED_BY_S3 = `<Error><Code>SlowDown\u009b31m</Code><Message>${SAID.replaceAll(/[<&>]|(?![\t\n\r])[\p{Cc}\p{Cs}]/gu, "")}\u009b31m</Message></Error>`

const FAILED_IN_TRINO = JSON.stringify({
  ...{ id: "1", stats: { state: "FAILED" } },
  error: { message: SAID, errorCode: 1, errorName: "GENERIC_USER_ERROR", errorType: "USER_ERROR" },
})

const repeated: string[] = []

let server: Server
let address: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const { url = "", headers } = request
    const [status, type, body] = headers.authorization?.startsWith("AWS4")
      ? [403, "application/xml", REFUSED_BY_S3]
      : url.startsWith("/v1/statement")
        ? [200, "application/json", FAILED_IN_TRINO]
        : [422, "application/json", JSON.stringify({ error_code: 42201, message: SAID })]
    response.writeHead(status, { "content-type": type }).end(body)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const at = server.address()
  address = `http://127.0.0.1:${typeof at === "object" ? at?.port : 0}`
})
afterAll(() => server.close())

it.each([
  "doctor",
  "doctor --json",
  "inspect s3://bucket/a.exr",
  "schemas register",
  "outputs",
  "outputs --json",
  "sequences",
  "sequence beauty",
  "failures list",
  "status",
  "status --json",
  "prune",
  "rebuild",
  "ingest bucket",
  "events",
  "topics check",
  "worker --log-format text",
  "worker --log-format json",
  "projector --log-format text",
  "ingest --serve --log-format json",
])("%s repeats what servers say in words that a terminal does not obey", async (command) => {
  const env = {
    ...{ KAFKA_BROKER: AWAY, SCHEMA_REGISTRY_URL: address, S3_ENDPOINT: address, VAST_DB_ENDPOINT: address },
    ...{ VAST_DB_BUCKET: "tables", OIIO_START_RETRY_SECONDS: "0", OIIO_HTTP_PORT: "0", S3_BUCKETS: "bucket" },
    ...{ S3_ACCESS_KEY: "key", S3_SECRET_KEY: "secret", VAST_DB_ACCESS_KEY: "key", VAST_DB_SECRET_KEY: "secret" },
  }
  const { code, stdout, stderr } = await call(command.split(" "), { env, stdout: recorded({ columns: 100 }) })
  expect(code).not.toBe(70)
  expect(`${stdout}${stderr}`).not.toBe("")
  expect([rawIn(stdout), rawIn(stderr)]).toEqual([null, null])
  if (/\[2Jb|\\u202e/.test(`${stdout}${stderr}`)) repeated.push(command)
})

it("what they say is repeated by most commands", () => {
  expect(repeated).toEqual(expect.arrayContaining(["doctor", "outputs", "failures list", "status", "schemas register"]))
})
