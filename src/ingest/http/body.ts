import { createHash } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { type LeastPace, watchPace } from "../../network/transfer-pace.ts"
import type { Clock } from "../../system/clock.ts"

export type BodyLimits = LeastPace & { readonly mostBytes: number; readonly clock: Clock }

/** A whole body and its hash, or why there is none; `gone` when the sender went away. */
export type Body = { readonly bytes: Buffer; readonly sha256: string } | "too-large" | "too-slow" | "gone"

/** How often a body that is too long is read on: an answer to somebody who still writes is seldom heard. */
const READ_ON = 8

/**
 * Reads the body, as far and as slowly as the limits allow; what is too long is not kept. Listens rather than iterates:
 * leaving a loop over a request breaks its connection, and the sender would never hear why it is refused.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Body> {
  const { mostBytes } = limits
  const hash = createHash("sha256")
  let kept: Buffer[] = []
  let lengthBytes = 0
  return new Promise((resolve, reject) => {
    const end = (body: Body): void => {
      pace.stop()
      request.off("data", take)
      resolve(body)
    }
    const pace = watchPace(limits, { tooSlow: () => end("too-slow"), broken: reject })
    const take = (chunk: Buffer): void => {
      pace.moved(chunk.length)
      lengthBytes += chunk.length
      if (lengthBytes <= mostBytes) {
        hash.update(chunk)
        kept.push(chunk)
      } else if (lengthBytes <= READ_ON * mostBytes) kept = []
      else end("too-large")
    }
    request.on("data", take)
    request.once("end", () =>
      end(lengthBytes > mostBytes ? "too-large" : { bytes: Buffer.concat(kept), sha256: hash.digest("hex") }),
    )
    request.once("error", () => end("gone"))
    request.once("close", () => end("gone"))
  })
}
