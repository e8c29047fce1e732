/** How a request that is not answered is refused: one shape for all. */

import type { FastifyReply } from "fastify"
import { Type } from "typebox"
import type { Failure } from "../events/result.ts"

export type Refusal = {
  readonly status: number
  readonly code: string
  /** A sentence for a person; never a secret, a stack or a path of this machine. */
  readonly says: string
  /** Seconds after which it may be tried again. */
  readonly retryAfter?: number
}

export const ErrorBody = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: "What happened, as a word that stays." }),
      says: Type.String({ description: "What happened, as a sentence." }),
      request_id: Type.String({ description: "Names the request in the server's log." }),
    }),
  },
  { description: "Why the request was not answered." },
)

const REFUSED = { description: "Refused: `error.code` says why.", ...ErrorBody }

/** Answers besides the good one that every route of the API may give. */
export const REFUSALS = { "4xx": REFUSED, "5xx": REFUSED }

export function refuse(reply: FastifyReply, { status, code, says, retryAfter }: Refusal): FastifyReply {
  if (retryAfter !== undefined) reply.header("retry-after", String(retryAfter))
  return reply
    .code(status)
    .type("application/json; charset=utf-8")
    .header("cache-control", "no-store")
    .send({ error: { code, says, request_id: reply.request.id } })
}

const STATUS: Partial<Record<Failure["code"], number>> = {
  "store/missing": 404,
  "store/denied": 403,
  "store/bad-key": 400,
  "store/precondition-failed": 412,
  "store/range-not-satisfiable": 416,
  "log/refused": 409,
  "state/owned": 409,
  stopped: 503,
}

/** Seconds after which a server that is away may be asked for again. */
const AGAIN_SECONDS = 5

/** What the world's failure means for whoever asked. */
export function refusalOf({ code, kind, says }: Failure): Refusal {
  const isAway = kind === "outage" || kind === "transient"
  const status = STATUS[code] ?? (isAway ? 503 : 500)
  return { status, code, says, ...(isAway ? { retryAfter: AGAIN_SECONDS } : {}) }
}
