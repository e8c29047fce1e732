import type { Agent as HttpAgent } from "node:http"
import type { Agent as HttpsAgent } from "node:https"
import type { Trino } from "trino-client"

/** HTTP settings of one client, as axios names them; read for each request. */
export type HttpSettings = {
  signal?: AbortSignal
  timeout?: number
  httpAgent?: HttpAgent
  httpsAgent?: HttpsAgent
}

/**
 * What trino-client 0.2.9 keeps to itself and we cannot do without: a time limit and a signal for its requests, and the
 * id of a query before its first row. The version is pinned; another one that looks different inside fails at once.
 */
export const httpSettingsOf = (trino: Trino): HttpSettings => inner(inner(trino, "client"), "clientConfig")

/** What the server said last, whatever it was. */
export const lastAnswer = (iterator: object): unknown => held(inner(iterator, "iter"), "queryResult")

function inner(outer: object, name: string): object {
  const found = held(outer, name)
  if (typeof found !== "object" || found === null) throw new TypeError(`trino-client keeps no ${name} any more`)
  return found
}

const held = (outer: object, name: string): unknown => Object.getOwnPropertyDescriptor(outer, name)?.value
