import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"

export type TrinoAsked = { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders }

/** What a coordinator answers; without a status it hangs. `next` becomes the address of the next page. */
export type TrinoAnswer = { readonly status?: number; readonly page?: object | string; readonly next?: string }

export type FakeTrino = {
  readonly endpoint: string
  readonly asked: readonly TrinoAsked[]
  answer(how: (asked: TrinoAsked, turn: number) => TrinoAnswer): void
  close(): Promise<void>
}

/** A coordinator that answers as a test says: for what no real one can be brought to do. */
export async function openFakeTrino(): Promise<FakeTrino> {
  const asked: TrinoAsked[] = []
  let how: (one: TrinoAsked, turn: number) => TrinoAnswer = () => ({ status: 500 })
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const { method = "", url = "", headers } = request
      asked.push({ method, path: url, headers })
      const { status, page = {}, next } = how(asked.at(-1) as TrinoAsked, asked.length)
      if (status === undefined) return
      const answer =
        typeof page === "string"
          ? page
          : { id: "q1", ...page, ...(next === undefined ? {} : { nextUri: `${endpoint()}${next}` }) }
      response.writeHead(status, { "content-type": "application/json" })
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer))
    })
  })
  const endpoint = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    endpoint: endpoint(),
    asked,
    answer: (next) => {
      how = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
