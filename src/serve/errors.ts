/** What Fastify and its plugins refuse by themselves, and bugs of ours, in the one shape of refusals. */

import type { FastifyError, FastifyReply } from "fastify"
import { stackOf } from "../system/unattended.ts"
import { type Refusal, refuse } from "./refusal.ts"
import type { App, Serving } from "./serving.ts"

const NOT_FOUND: Refusal = { status: 404, code: "request/no-such-route", says: "There is nothing at this address." }

const BUG: Refusal = {
  status: 500,
  code: "bug",
  says: "This could not be answered: a bug, which the server's log tells of.",
}

/** By status, where Fastify's own words would repeat what was sent. */
const BY_STATUS: Readonly<Record<number, Omit<Refusal, "status">>> = {
  400: { code: "request/invalid", says: "The request is not valid." },
  408: { code: "request/too-slow", says: "The request did not come within its time." },
  413: { code: "request/too-large", says: "The body is larger than OIIO_SERVE_BODY allows." },
  414: { code: "request/too-large", says: "The address is too long." },
  415: { code: "request/not-json", says: "A body has to be JSON, and say so: Content-Type: application/json." },
  429: { code: "request/too-many", says: "More requests than OIIO_SERVE_RATE allows in a minute." },
}

/** A schema's words name the field and what is allowed, never what was sent. */
function refusalOfError(error: FastifyError): Refusal | null {
  const { statusCode: status = 500, validation, validationContext } = error
  const [wrong] = validation ?? []
  if (wrong !== undefined) {
    const extra = wrong.params.additionalProperty
    const where = `${validationContext ?? ""}${wrong.instancePath.replaceAll("/", ".")}`
    const says = typeof extra === "string" ? "has a field that is not known" : (wrong.message ?? "is not valid")
    return { status: 400, code: "request/invalid", says: `The request is not valid: ${where} ${says}.` }
  }
  const known = BY_STATUS[status]
  if (known !== undefined) return { status, ...known }
  return status >= 400 && status < 500 ? { status, code: "request/refused", says: "The request was refused." } : null
}

export function answerErrors(app: App, { logger }: Serving): void {
  app.setNotFoundHandler((_, reply) => refuse(reply, NOT_FOUND))
  app.setErrorHandler((error: FastifyError, request, reply): FastifyReply => {
    const refusal = refusalOfError(error)
    if (refusal !== null) return refuse(reply, refusal)
    logger.error({ request_id: request.id, stack: stackOf(error) }, "a request could not be answered: a bug")
    return refuse(reply, BUG)
  })
}
