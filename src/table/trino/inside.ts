import type { Agent as HttpAgent } from "node:http"
import type { Agent as HttpsAgent } from "node:https"
import type { QueryResult, Trino } from "trino-client"

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

/** What the server said last. */
export const lastAnswer = (iterator: object): Partial<QueryResult> => inner(inner(iterator, "iter"), "queryResult")

function inner(outer: object, name: string): object {
  const found: unknown = Object.getOwnPropertyDescriptor(outer, name)?.value
  if (typeof found !== "object" || found === null) throw new TypeError(`trino-client keeps no ${name} any more`)
  return found
}
