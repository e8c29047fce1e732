import { createDecoder, schemaIdOf } from "./codec.ts"
import type { Fact } from "./fact.ts"
import { failed, failure, type Result } from "./result.ts"
import { FACT_TOPICS } from "./schemas.ts"

/** Reads values of the fact topics, whatever released version wrote them. */
export type FactReader = {
  /**
   * The fact in one message. `topic` may carry any prefix (oiio.proxy-made). Fails log/undecodable for bytes that are no
   * fact, and registry/unreachable or registry/refused when the writer's schema cannot be had now: then the kind is
   * `outage`, and the message is to be read again later.
   */
  read(topic: string, value: Uint8Array | null): Promise<Result<Fact>>
}

/**
 * Text of a writer's schema by id; null when there is none. Rejects when it cannot be asked now; with an error whose
 * `code` is `registry/refused` where asking again helps only when somebody has changed a password or a certificate.
 */
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
      const isRefused = error instanceof Error && "code" in error && error.code === "registry/refused"
      // Never permanent: whoever puts aside what is permanent would put aside every record of a topic for a wrong password.
      const code = isRefused ? "registry/refused" : "registry/unreachable"
      return failed(failure(code, `Schema ${id} cannot be had: ${reason}.`, "outage"))
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
