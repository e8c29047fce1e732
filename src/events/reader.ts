import { unescape as unescaped } from "node:querystring"
import { certificateFault, exchangeHttp } from "../network/http.ts"
import { createDecoder, schemaIdOf } from "./codec.ts"
import type { Fact } from "./fact.ts"
import { failed, failure, type Result } from "./result.ts"
import { FACT_TOPICS } from "./schemas.ts"

/** Reads values of the fact topics, whatever released version wrote them. */
export type FactReader = {
  /**
   * The fact in one message. `topic` may carry any prefix (oiio.proxy-made). Fails log/undecodable for bytes that are no
   * fact, and registry/unreachable when the writer's schema cannot be had now (then read the message again later).
   */
  read(topic: string, value: Uint8Array | null): Promise<Result<Fact>>
}

/** Text of a writer's schema by id; null when there is none. Rejects when it cannot be asked now. */
export type SchemaSource = (id: number) => Promise<string | null>

/** Ids and schemas never change their meaning, so what was found is kept; a miss is asked again. */
export function openFactReader(schemas: SchemaSource): FactReader {
  const known = new Map<number, string>()
  const decode = createDecoder((id) => known.get(id) ?? null)
  const learn = async (id: number): Promise<Result<null>> => {
    if (known.has(id)) return { ok: true, value: null }
    try {
      const text = await schemas(id)
      if (text !== null) known.set(id, text)
      return { ok: true, value: null }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return failed(failure("registry/unreachable", `Schema ${id} cannot be had: ${reason}.`))
    }
  }
  return {
    async read(topic, value) {
      const name = FACT_TOPICS.find((known) => topic === known || topic.endsWith(`.${known}`))
      if (name === undefined) return failed(failure("log/undecodable", `${topic} is no topic of facts.`))
      const id = schemaIdOf(name, value)
      if (!id.ok) return id
      const learnt = await learn(id.value)
      return learnt.ok ? decode(name, value) : learnt
    },
  }
}

const WITHIN_MS = 5_000

/**
 * Schemas of a Confluent-compatible registry at `url`, asked by id with a time limit. A user name and password within
 * the address are sent as basic authentication, and stand in no error. `ca` is the PEM text of the authorities that may
 * have signed the registry's certificate; without it those count that Node knows.
 */
export function registrySchemas(url: string, { ca }: { readonly ca?: string } = {}): SchemaSource {
  const { base, headers } = registryAt(url)
  const how = { method: "GET", headers, ca: ca ?? null, withinMs: WITHIN_MS } as const
  return async (id) => {
    const { status, text } = await exchangeHttp(`${base}/schemas/ids/${id}`, how).catch((error: unknown) => {
      const untrusted = certificateFault(error, { authority: "the option `ca`", address: "the registry's address" })
      throw untrusted === null ? error : new Error(`the certificate of ${base} ${untrusted}`)
    })
    if (status === 404) return null
    if (status < 200 || status > 299) throw new Error(`the registry answered ${status}`)
    return (JSON.parse(text) as { schema: string }).schema
  }
}

function registryAt(url: string): { readonly base: string; readonly headers: Readonly<Record<string, string>> } {
  const address = URL.parse(url)
  if (address === null || !/^https?:$/.test(address.protocol))
    throw new TypeError("registrySchemas takes the http or https address of a schema registry.")
  const user = [address.username, address.password].map((part) => unescaped(part)).join(":")
  address.username = ""
  address.password = ""
  const base = address.href.replace(/\/+$/, "")
  return { base, headers: user === ":" ? {} : { authorization: `Basic ${Buffer.from(user).toString("base64")}` } }
}
