import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer, type Server } from "node:https"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { registrySchemas } from "../src/events/index.ts"
import type { Result } from "../src/events/result.ts"
import { askRegistry, registryAddress } from "../src/log/kafka/registry.ts"
import { registerSchemas } from "../src/log/kafka/schemas.ts"
import { DEFAULT_TIMEOUTS as S3_TIMEOUTS } from "../src/store/s3/timeouts.ts"
import { openS3Store } from "../src/store/s3.ts"
import { systemClock } from "../src/system/clock.ts"
import { DEFAULT_TIMEOUTS as TRINO_TIMEOUTS } from "../src/table/trino/timeouts.ts"
import { openTrinoTable } from "../src/table/trino.ts"
import { certificateIn } from "./services/certificate.ts"

/** A server whose certificate a private authority signed for 127.0.0.1; it answers as an S3 and as a registry. */
let server: Server
let folder: string
let ca: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "authority-"))
  const made = await certificateIn(folder)
  ca = made.ca
  const keystore = readFileSync(made.keystorePath, "utf8")
  server = createServer({ key: keystore, cert: keystore }, answer)
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve))
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

const LISTED = "<ListBucketResult><Name>show</Name><KeyCount>0</KeyCount></ListBucketResult>"
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^GET \/show/, LISTED],
  [/^GET \/config/, JSON.stringify({ compatibilityLevel: "FULL_TRANSITIVE" })],
  [/^GET \/schemas\/ids\/7$/, JSON.stringify({ schema: '"string"' })],
  [/^POST \/subjects\//, JSON.stringify({ id: 7 })],
]

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on("end", () => {
    const [, body] = ANSWERS.find(([pattern]) => pattern.test(`${request.method} ${request.url}`)) ?? []
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
}

const port = (): number => (server.address() as AddressInfo).port

type Target = { readonly host: string; readonly ca?: string }

const textOf = async (result: Promise<Result<unknown>>): Promise<string> => {
  const found = await result
  return found.ok ? "taken" : `${found.failure.code}: ${found.failure.says}`
}

type Client = {
  readonly name: string
  readonly authority: string
  readonly address: string
  readonly connects: (to: Target) => Promise<string>
}

const authorityOf = ({ ca }: Target): { readonly ca?: string } => (ca === undefined ? {} : { ca })

const CLIENTS: readonly Client[] = [
  {
    name: "S3",
    authority: "S3_CA",
    address: "S3_ENDPOINT",
    connects: async (to) => {
      const store = await openS3Store({
        endpoint: `https://${to.host}:${port()}`,
        ...authorityOf(to),
        region: "us-east-1",
        credentials: { accessKey: "key", secretKey: "secret" },
        forcePathStyle: true,
        timeouts: S3_TIMEOUTS,
        buckets: ["show"],
      })
      if (store.ok) await store.value.close()
      return textOf(Promise.resolve(store))
    },
  },
  {
    name: "the schema registry",
    authority: "SCHEMA_REGISTRY_CA",
    address: "SCHEMA_REGISTRY_URL",
    connects: async (to) => {
      const address = registryAddress({ url: `https://${to.host}:${port()}`, ...authorityOf(to) })
      if (!address.ok) throw new Error(address.failure.says)
      return textOf(askRegistry(address.value)({ method: "GET", path: "/config" }))
    },
  },
  {
    name: "`schemas register`",
    authority: "SCHEMA_REGISTRY_CA",
    address: "SCHEMA_REGISTRY_URL",
    connects: (to) =>
      textOf(registerSchemas({ registry: { url: `https://${to.host}:${port()}`, ...authorityOf(to) } })),
  },
  {
    name: "the library's registrySchemas",
    authority: "the option `ca`",
    address: "the registry's address",
    connects: (to) =>
      registrySchemas(
        `https://${to.host}:${port()}`,
        authorityOf(to),
      )(7).then(
        (text) => (text === '"string"' ? "taken" : String(text)),
        (error: Error) => error.message,
      ),
  },
]

describe.each(CLIENTS)(
  "the certificate of $name, signed by a private authority",
  ({ authority, address, connects }) => {
    it("is trusted with the authority", async () => {
      expect(await connects({ host: "127.0.0.1", ca })).toBe("taken")
    })

    it("is refused without it, in a sentence that names the server and the setting", async () => {
      const says = await connects({ host: "127.0.0.1" })
      expect(says).toContain(`127.0.0.1:${port()} is signed by no authority that is trusted here`)
      expect(says).toContain(authority)
      expect(says).not.toMatch(/unreachable|out of reach/)
    })

    it("is refused for a host that it does not name", async () => {
      const says = await connects({ host: "127.0.0.2", ca })
      expect(says).toContain(`127.0.0.2:${port()} is for another host`)
      expect(says).toContain(address)
    })
  },
)

it("Trino's certificate is refused with VAST_DB_CA in the sentence", async () => {
  const { says, code } = await trinoFailure()
  expect(code).toBe("table/refused")
  expect(says).toMatch(/certificate of Trino at 127\.0\.0\.1:\d+ is signed by no authority.*VAST_DB_CA/)
})

async function trinoFailure() {
  const table = await openTrinoTable({
    endpoint: `https://127.0.0.1:${port()}`,
    user: "user",
    password: null,
    ca: null,
    timeouts: TRINO_TIMEOUTS,
    catalog: "vast",
    bucket: "show",
    schema: "exr_metadata",
    clock: systemClock,
  })
  if (table.ok) throw new Error("Trino's certificate was taken")
  return table.failure
}
