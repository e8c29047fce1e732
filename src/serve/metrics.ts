import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"

/** What the server counts, and the text that Prometheus reads. */
export type ServeMetrics = {
  readonly registry: Registry
  readonly answered: (request: { method: string; route: string; status: number; seconds: number }) => void
  readonly signed: (how: "made" | "kept") => void
  /** For what other routes measure. */
  readonly gauge: (name: string, help: string) => Gauge
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10, 30]

export function openServeMetrics(): ServeMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: "oiio_serve_request_seconds",
    help: "Time until a request was answered.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  })
  const signed = new Counter({
    name: "oiio_serve_signed_total",
    help: "Addresses that were signed, or given again because they still hold for long enough.",
    labelNames: ["how"],
    registers,
  })
  return {
    registry,
    answered: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    signed: (how) => signed.inc({ how }),
    gauge: (name, help) => new Gauge({ name, help, registers }),
  }
}
