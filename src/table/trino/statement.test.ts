import { describe, expect, it, onTestFinished } from "vitest"
import { systemClock } from "../../system/clock.ts"
import { type FakeTrino, openFakeTrino, type TrinoAnswer, type TrinoAsked } from "../testing/fake-trino.ts"
import { openTrinoTable, type TrinoTableOptions } from "../trino.ts"
import { type Connection, openConnection, type TrinoConnection } from "./connection.ts"
import { commit, pagesOf, run } from "./statement.ts"

/** Beyond what a busy machine takes. */
const TIMEOUTS = { requestMs: 30_000, statementMs: 30_000, startMs: 500 }

/** For what never comes. */
const SHORT = { ...TIMEOUTS, statementMs: 400 }

const SECRETS = { user: "PLANTED-USER", password: "PLANTED-PASSWORD" }

async function connected(
  how: (asked: TrinoAsked, turn: number) => TrinoAnswer,
  with_: Partial<TrinoConnection> = {},
): Promise<{ readonly connection: Connection; readonly server: FakeTrino }> {
  const server = await openFakeTrino()
  server.answer(how)
  const options = { endpoint: server.endpoint, ...SECRETS, ca: null, timeouts: TIMEOUTS, ...with_ }
  const clock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal) }
  const connection = openConnection(options, { clock, random: () => 0.5 })
  onTestFinished(async () => {
    connection.close()
    await server.close()
  })
  return { connection, server }
}

const error = (errorName: string, errorType: string) => ({ error: { errorName, errorType, message: "because" } })

const told = (server: FakeTrino): readonly string[] => server.asked.map(({ method, path }) => `${method} ${path}`)

describe("a statement", () => {
  it("gives all its rows, of every page once", async () => {
    const pages: Record<string, TrinoAnswer> = {
      "/v1/statement": { status: 200, next: "/1" },
      "/1": { status: 200, next: "/2" },
      "/2": { status: 200, page: { data: [["a"], ["b"]] }, next: "/3" },
      "/3": { status: 200, page: { data: [["c"]] } },
    }
    const { connection } = await connected(({ path }) => pages[path] ?? { status: 404 })
    expect(await run(connection, "SELECT 1")).toEqual({ ok: true, value: [["a"], ["b"], ["c"]] })
  })

  it("fails where the error is in the first answer, which the client takes for an empty result", async () => {
    const { connection } = await connected(() => ({ status: 200, page: error("SYNTAX_ERROR", "USER_ERROR") }))
    expect(await run(connection, "SELEC")).toMatchObject({
      failure: { code: "table/refused", errorName: "SYNTAX_ERROR" },
    })
  })

  it("fails where the error is on a later page, after rows", async () => {
    const { connection } = await connected(({ method, path }) => {
      if (method === "POST") return { status: 200, next: "/1" }
      if (path === "/1") return { status: 200, page: { data: [["a"]] }, next: "/2" }
      return { status: 200, page: error("ICEBERG_COMMIT_ERROR", "EXTERNAL") }
    })
    expect(await run(connection, "MERGE")).toMatchObject({ failure: { code: "table/conflict", kind: "transient" } })
  })

  it.each([
    ["TABLE_NOT_FOUND", "USER_ERROR", "table/refused", "permanent"],
    ["PERMISSION_DENIED", "USER_ERROR", "table/refused", "permanent"],
    ["QUERY_TEXT_TOO_LARGE", "USER_ERROR", "table/refused", "permanent"],
    ["USER_CANCELED", "USER_ERROR", "table/conflict", "transient"],
    ["SERVER_STARTING_UP", "INTERNAL_ERROR", "table/unreachable", "outage"],
    ["NO_NODES_AVAILABLE", "INTERNAL_ERROR", "table/unreachable", "outage"],
    ["ICEBERG_FILESYSTEM_ERROR", "EXTERNAL", "table/unreachable", "outage"],
    ["QUERY_QUEUE_FULL", "INSUFFICIENT_RESOURCES", "table/unreachable", "outage"],
  ])("is told apart: %s", async (errorName, errorType, code, kind) => {
    const { connection } = await connected(() => ({ status: 200, page: error(errorName, errorType) }))
    expect(await run(connection, "SELECT 1")).toMatchObject({ failure: { code, kind, errorName } })
  })

  it.each([503, 502, 504, 429])("asks for a page again after a %d", async (status) => {
    const { connection, server } = await connected(({ method }, turn) => {
      if (method === "POST") return { status: 200, next: "/1" }
      return turn < 4 ? { status } : { status: 200, page: { data: [[1]] } }
    })
    expect(await run(connection, "SELECT 1")).toEqual({ ok: true, value: [[1]] })
    expect(told(server)).toEqual(["POST /v1/statement", "GET /1", "GET /1", "GET /1"])
  })

  it("is ended on the server when it takes too long, and when its pages are refused for as long", async () => {
    for (const never of [{}, { status: 503 }] as const) {
      const { connection, server } = await connected(
        ({ method }) => {
          if (method === "POST") return { status: 200, next: "/1" }
          return method === "DELETE" ? { status: 204 } : never
        },
        { timeouts: SHORT },
      )
      expect(await run(connection, "SELECT 1")).toMatchObject({
        failure: { code: "table/unreachable", kind: "outage" },
      })
      expect(told(server).at(-1)).toBe("DELETE /v1/query/q1")
    }
  })

  it("is ended on the server when nobody reads on, also where that is refused", async () => {
    const { connection, server } = await connected(({ method }) => {
      if (method === "DELETE") return { status: 500 }
      return { status: 200, page: method === "POST" ? {} : { data: [[1]] }, next: "/1" }
    })
    for await (const page of pagesOf(connection, "SELECT 1")) {
      expect(page).toEqual({ ok: true, value: [[1]] })
      break
    }
    expect(told(server).at(-1)).toBe("DELETE /v1/query/q1")
  })

  it("is tried again while other writers are quicker, and not for ever", async () => {
    let posts = 0
    const { connection, server } = await connected(() => {
      posts += 1
      return { status: 200, page: posts < 3 ? error("ICEBERG_COMMIT_ERROR", "EXTERNAL") : {} }
    })
    expect(await commit(connection, "MERGE")).toEqual({ ok: true, value: [] })
    expect(posts).toBe(3)
    server.answer(() => ({ status: 200, page: error("TRANSACTION_CONFLICT", "EXTERNAL") }))
    expect(await commit(connection, "MERGE")).toMatchObject({ failure: { code: "table/conflict" } })
  })

  it("ends with the connection", async () => {
    const { connection } = await connected(() => ({}))
    const running = run(connection, "SELECT 1")
    connection.close()
    expect(await running).toMatchObject({ failure: { code: "stopped" } })
  })
})

it("what a server repeats of the password is in no failure", async () => {
  const { password } = SECRETS
  const encoded = Buffer.from(`user:${password}`).toString("base64")
  const message = `not for ${password} or ${encodeURIComponent(password)} or Basic ${encoded}`
  const refused = { error: { errorName: "PERMISSION_DENIED", errorType: "USER_ERROR", message } }
  const { connection } = await connected(() => ({ status: 200, page: refused }))
  const ran = await run(connection, "SELECT 1")
  expect(ran).toMatchObject({
    failure: { says: expect.stringContaining("not for ******** or ******** or Basic ********") },
  })
})

describe("a server that cannot be used", () => {
  const options = (endpoint: string): TrinoTableOptions => ({
    endpoint,
    ...SECRETS,
    ca: null,
    catalog: "vast",
    bucket: "renders",
    schema: "exr_metadata",
    timeouts: TIMEOUTS,
  })

  it.each([
    [{ status: 401 }, "table/refused", "VAST_DB_SECRET_KEY"],
    [{ status: 403 }, "table/refused", "VAST_DB_ACCESS_KEY"],
    [{ status: 404 }, "table/unreachable", "VAST_DB_ENDPOINT"],
    [{ status: 503 }, "table/unreachable", "VAST_DB_ENDPOINT"],
    [{ status: 200, page: "<html>" }, "table/unreachable", "VAST_DB_ENDPOINT"],
    [{ status: 200, page: "null" }, "table/unreachable", "VAST_DB_ENDPOINT"],
    [{}, "table/unreachable", "VAST_DB_ENDPOINT"],
  ] as const)("is named at the start, and no credential with it: %j", async (answer, code, named) => {
    const server = await openFakeTrino()
    onTestFinished(() => server.close())
    server.answer(() => answer)
    const opened = await openTrinoTable(options(server.endpoint))
    expect(opened).toMatchObject({ failure: { code, says: expect.stringContaining(named) } })
    expect(JSON.stringify(opened)).not.toMatch(/PLANTED/)
  })

  it.each([
    ["endpoint", "trino.example.com", "VAST_DB_ENDPOINT"],
    ["bucket", 'a"; DROP TABLE x', "VAST_DB_BUCKET"],
    ["bucket", "a/b", "VAST_DB_BUCKET"],
    ["schema", "", "VAST_DB_SCHEMA"],
    ["catalog", "va st", "catalog"],
  ])("is not even asked with a wrong %s", async (setting, value, named) => {
    const opened = await openTrinoTable({ ...options("http://127.0.0.1:1"), [setting]: value })
    expect(opened).toMatchObject({ failure: { code: "config/invalid", says: expect.stringContaining(named) } })
  })

  it("never gets a password without TLS", async () => {
    const server = await openFakeTrino()
    onTestFinished(() => server.close())
    server.answer(() => ({ status: 200, page: error("TABLE_NOT_FOUND", "USER_ERROR") }))
    const opened = await openTrinoTable(options(server.endpoint))
    expect(opened.ok).toBe(true)
    if (opened.ok) await opened.value.close()
    expect(server.asked.map(({ headers }) => [headers["x-trino-user"], headers.authorization])).toEqual([
      ["PLANTED-USER", undefined],
    ])
  })
})
