import { request as plainRequest } from "node:http"
import { request as tlsRequest } from "node:https"

export type HttpExchange = {
  readonly method: "GET" | "PUT" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** PEM text of the authorities to trust; null: those that Node knows. */
  readonly ca: string | null
  /** For the whole answer, milliseconds. */
  readonly withinMs: number
}

export type HttpAnswer = {
  readonly status: number
  readonly text: string
  /** Where else the server sends us; empty when it does not. No redirect is followed: the headers may hold a password. */
  readonly location: string
}

/**
 * One request over http or https, because `fetch` takes no authority of ours. Rejects with Node's own error of the network
 * or of the certificate, and with a `TimeoutError` when the answer is not whole in time.
 */
export async function exchangeHttp(url: string, exchange: HttpExchange): Promise<HttpAnswer> {
  const { method, headers, body, ca, withinMs } = exchange
  const signal = AbortSignal.timeout(withinMs)
  const options = { method, headers: { ...headers, ...lengthOf(body) }, signal }
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const request = url.startsWith("https:")
        ? tlsRequest(url, { ...options, ...(ca === null ? {} : { ca }) })
        : plainRequest(url, options)
      request.on("error", reject)
      request.on("response", (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("error", reject)
        response.on("end", () => {
          const { statusCode: status = 0, headers: answered } = response
          resolve({ status, text: Buffer.concat(chunks).toString("utf8"), location: answered.location ?? "" })
        })
      })
      request.end(body)
    })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

const lengthOf = (body: string | undefined): Readonly<Record<string, string>> =>
  body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
