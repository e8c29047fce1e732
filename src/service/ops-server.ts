import { createServer, type ServerResponse } from "node:http"
import { done, type Result } from "../events/result.ts"
import { answerAll, listen } from "../network/listen.ts"
import { stackOf } from "../system/unattended.ts"
import { jsonText } from "../system/visible.ts"
import type { HealthReport } from "./health.ts"

export type OpsOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly health: () => HealthReport
  readonly metrics: () => Promise<string>
  readonly contentType: string
  /** Hears of requests that a bug left unanswered, and of connections that could not be taken. */
  readonly tells: (says: string, fields: { readonly stack?: string }) => void
}

export type OpsServer = {
  readonly port: number
  /** Rejects with a bug that could not even be told. */
  readonly broken: Promise<never>
  close(): Promise<void>
}

const WITHIN_MS = 10_000

/**
 * `/healthz`: 200 as long as starting the process anew would help nobody, else 503. `/readyz`: 200 while it takes work. Both
 * with the whole report. `/metrics`: Prometheus' text. Fails config/invalid when the port cannot be had.
 */
export async function openOpsServer({
  host,
  port,
  health,
  metrics,
  contentType,
  tells,
}: OpsOptions): Promise<Result<OpsServer>> {
  const server = createServer()
  const broken = answerAll(server, {
    answer: async (request, response) => {
      const path = (request.url ?? "").split("?")[0]
      if (request.method !== "GET" && request.method !== "HEAD") return answer(response, 405, "GET only")
      if (path === "/healthz") return tell(response, health(), "isHealthy")
      if (path === "/readyz") return tell(response, health(), "isReady")
      if (path !== "/metrics") return answer(response, 404, "/healthz, /readyz, /metrics")
      answer(response, 200, await metrics(), contentType)
    },
    failed: (response, bug) => {
      if (response.headersSent) response.destroy()
      else answer(response, 500, "This could not be answered: a bug, which the log of the process tells of.\n")
      tells("a request for health or metrics could not be answered", { stack: stackOf(bug) })
    },
    notAccepted: ({ message }) => tells(`a connection for health or metrics could not be taken: ${message}`, {}),
  })
  server.requestTimeout = WITHIN_MS
  const taken = await listen(server, { host, port, setting: "OIIO_HTTP_PORT" })
  return taken.ok ? done({ port: taken.value, broken, close: () => closed(server) }) : taken
}

const closed = (server: ReturnType<typeof createServer>): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    // A scraper keeps its connection: it would be waited for.
    server.closeAllConnections()
  })

const tell = (response: ServerResponse, report: HealthReport, asked: "isHealthy" | "isReady"): void =>
  answer(response, report[asked] ? 200 : 503, `${jsonText(report)}\n`, "application/json")

function answer(response: ServerResponse, status: number, text: string, type = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { "content-type": type })
  response.end(text)
}
