import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo, Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { certificateIn } from "../../test/services/certificate.ts"
import { onPath } from "../../test/services/install/run.ts"
import { currentSchemas } from "./codec.ts"
import { openFactReader } from "./reader.ts"
import { registrySchemas } from "./registry-schemas.ts"
import { factBytes, proxyMade } from "./testing/facts.ts"

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    open.push(server)
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  })

const SCHEMA = JSON.stringify({ schema: currentSchemas.get("proxy-made") })

/** A registry of our own: it answers with what `judge` says of a request, and the schema where that is 200. */
const answers =
  (judge: (request: IncomingMessage) => number) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const status = judge(request)
    response.writeHead(status, { "content-type": "application/json" }).end(status === 200 ? SCHEMA : "{}")
  }

const registry = async (judge: (request: IncomingMessage) => number): Promise<string> =>
  `127.0.0.1:${await listening(createServer(answers(judge)))}/api`

const wants =
  (name: string, value: string) =>
  ({ headers }: IncomingMessage): number =>
    headers[name] === value ? 200 : 401

const basic = `Basic ${Buffer.from("reader:pass word").toString("base64")}`
const bytes = factBytes(proxyMade(), 7)
const read = (schemas: ReturnType<typeof registrySchemas>) => openFactReader(schemas).read("oiio.proxy-made", bytes)

describe("a registry that asks who reads", () => {
  it("is told by basic authentication, of the options or of the address", async () => {
    const at = await registry(wants("authorization", basic))
    const auth = { username: "reader", password: "pass word" }
    expect(await read(registrySchemas(`http://${at}`, { auth }))).toMatchObject({ ok: true })
    expect(await read(registrySchemas(`http://reader:pass%20word@${at}`))).toMatchObject({ ok: true })
  })

  it("is told by a bearer token, which is asked for anew where it may expire", async () => {
    const tokens = ["first", "second"]
    const seen: (string | undefined)[] = []
    const at = await registry(({ headers }) => {
      seen.push(headers.authorization)
      return 200
    })
    const schemas = registrySchemas(`http://${at}`, { auth: { token: async () => tokens.shift() ?? "" } })
    await schemas(1)
    await schemas(2)
    await registrySchemas(`http://${at}`, { auth: { token: "fixed" } })(3)
    expect(seen).toEqual(["Bearer first", "Bearer second", "Bearer fixed"])
  })

  it("gets further headers, as a hosted one finds its tenant by", async () => {
    const at = await registry(wants("target-sr-cluster", "lsrc-1"))
    const headers = { "target-sr-cluster": "lsrc-1" }
    expect(await read(registrySchemas(`http://${at}`, { headers }))).toMatchObject({ ok: true })
  })

  it.each([
    [{ username: "reader", password: "planted-secret" }, "the user or password"],
    [{ token: "planted-secret" }, "the token"],
    [undefined, "requests without `auth`"],
  ])("that refuses is an outage, so that nobody puts a whole topic aside: %#", async (auth, says) => {
    const at = await registry(() => 401)
    const found = await read(registrySchemas(`http://${at}`, auth && { auth }))
    expect(found).toMatchObject({ failure: { code: "registry/refused", kind: "outage" } })
    expect(JSON.stringify(found)).toContain(says)
    expect(JSON.stringify(found)).not.toContain("planted")
  })
})

describe("what answers in the registry's place", () => {
  it.each([
    ["a page", "<html>"],
    ["other JSON", "[]"],
  ])("is an outage: %s", async (_, body) => {
    const port = await listening(createServer((_, response) => void response.end(body)))
    expect(await read(registrySchemas(`http://127.0.0.1:${port}`))).toMatchObject({
      failure: { code: "registry/unreachable", kind: "outage", says: expect.stringContaining("no schema registry") },
    })
  })

  it("is given up where it never answers", async () => {
    const port = await listening(createServer(() => undefined))
    const schemas = registrySchemas(`http://127.0.0.1:${port}`, { timeoutMs: 50 })
    expect(await read(schemas)).toMatchObject({ failure: { code: "registry/unreachable" } })
  })
})

describe("an option that nobody can read", () => {
  it.each([
    ["registry.example", {}, /http or https address/],
    ["https://registry.example", { client: { certificate: "x", key: "y" } }, /`ca` and `client`/],
  ])("is refused at once, not with the first record: %s", (url, options, says) => {
    expect(() => registrySchemas(url, options)).toThrow(says)
  })
})

describe.skipIf(onPath("openssl") === undefined)(
  "a registry over TLS (needs openssl, which makes its certificates)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "registry-tls-"))
    afterAll(() => rmSync(folder, { recursive: true }))
    let ca = ""
    let pem = ""
    beforeAll(async () => {
      const made = await certificateIn(folder)
      ca = made.ca
      pem = readFileSync(made.keystorePath, "utf8")
    })

    const secured = async (asksClients: boolean): Promise<string> => {
      const clients = { requestCert: asksClients, rejectUnauthorized: asksClients, ca }
      return `https://127.0.0.1:${await listening(
        createTlsServer(
          { key: pem, cert: pem, ...clients },
          answers(() => 200),
        ),
      )}`
    }

    it("is trusted by the authority that is named, and by no other", async () => {
      const url = await secured(false)
      expect(await read(registrySchemas(url, { ca }))).toMatchObject({ ok: true })
      expect(await read(registrySchemas(url))).toMatchObject({
        failure: { code: "registry/refused", kind: "outage", says: expect.stringContaining("the option `ca`") },
      })
    })

    it("that asks for a client's certificate is shown one", async () => {
      const url = await secured(true)
      expect(await read(registrySchemas(url, { ca, client: { certificate: pem, key: pem } }))).toMatchObject({
        ok: true,
      })
      expect(await read(registrySchemas(url, { ca }))).toMatchObject({ ok: false, failure: { kind: "outage" } })
    })
  },
)
