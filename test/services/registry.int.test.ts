import { SchemaRegistry, SchemaType } from "@kafkajs/confluent-schema-registry"
import { beforeAll, describe, expect, it } from "vitest"
import { freshName } from "./fresh.ts"
import { type Services, startServices } from "./index.ts"
import { sharedServices } from "./shared.ts"

type Field = { readonly name: string; readonly type: string; readonly default?: string }

const schemaOf = (name: string, fields: readonly Field[]): string =>
  JSON.stringify({ type: "record", name, namespace: "oiio.test", fields })

const KEY: Field = { name: "key", type: "string" }

const put = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: "PUT", body: JSON.stringify(body), headers: { "content-type": "application/json" } })

const post = (url: string, schema: string): Promise<Response> =>
  fetch(url, {
    method: "POST",
    body: JSON.stringify({ schema }),
    headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
  })

const register = async (url: string, subject: string, schema: string): Promise<number> => {
  const response = await post(`${url}/subjects/${subject}/versions`, schema)
  expect(response.status).toBe(200)
  return ((await response.json()) as { readonly id: number }).id
}

describe("The schema registry, shared by the test run", () => {
  let url: string

  beforeAll(async () => {
    url = (await sharedServices("registry")).registry.url
  })

  it("encodes and decodes by id with kafkajs's own client", async () => {
    const subject = `${freshName("frame")}-value`
    const client = new SchemaRegistry({ host: url })
    const { id } = await client.register({ type: SchemaType.AVRO, schema: schemaOf("Frame", [KEY]) }, { subject })
    const bytes = await client.encode(id, { key: "sh010/beauty.0001.exr" })
    expect(bytes.readInt8(0)).toBe(0)
    expect(bytes.readInt32BE(1)).toBe(id)
    expect(await new SchemaRegistry({ host: url }).decode(bytes)).toEqual({ key: "sh010/beauty.0001.exr" })
  })

  it("refuses a version that breaks a FULL_TRANSITIVE subject, and takes one that does not", async () => {
    const subject = `${freshName("full")}-value`
    const level = await put(`${url}/config/${subject}`, { compatibility: "FULL_TRANSITIVE" })
    expect(level.status).toBe(200)
    const versions = `${url}/subjects/${subject}/versions`
    await register(url, subject, schemaOf("Frame", [KEY]))
    expect((await post(versions, schemaOf("Frame", [KEY, { name: "bytes", type: "long" }]))).status).toBe(409)
    const compatible = schemaOf("Frame", [KEY, { name: "note", type: "string", default: "" }])
    expect((await post(versions, compatible)).status).toBe(200)
  })

  it("answers 404 for an id that nobody registered", async () => {
    expect((await fetch(`${url}/schemas/ids/987654321`)).status).toBe(404)
  })
})

describe("A schema registry that is killed", () => {
  let services: Services<{ registry: true }>

  beforeAll(async () => {
    services = await startServices({ registry: true })
    return services.close
  })

  it("keeps a schema acknowledged a moment before, and gives its id to no other", async () => {
    const { registry } = services
    const { url } = registry.address
    const first = await register(url, "first-value", schemaOf("First", [KEY]))
    await registry.kill("SIGKILL")
    await registry.restart()
    const kept = (await (await fetch(`${url}/schemas/ids/${first}`)).json()) as { readonly schema: string }
    expect(JSON.parse(kept.schema)).toMatchObject({ name: "First" })
    expect(await register(url, "second-value", schemaOf("Second", [KEY]))).not.toBe(first)
  })

  it("hangs and goes on when it is suspended and revived", async () => {
    const { registry } = services
    await registry.kill("SIGSTOP")
    const asked = fetch(`${registry.address.url}/subjects`, { signal: AbortSignal.timeout(1_000) })
    await expect(asked).rejects.toMatchObject({ name: "TimeoutError" })
    await registry.kill("SIGCONT")
    expect((await fetch(`${registry.address.url}/subjects`)).status).toBe(200)
  })
})
