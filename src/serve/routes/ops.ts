import { Type } from "typebox"
import type { RouteGroup } from "../serving.ts"

const State = Type.Object({
  state: Type.Enum(["starting", "working"]),
  says: Type.String(),
  waits_for: Type.Array(Type.String(), { description: "Servers that are waited for, with the failure's code." }),
})

/** What a process says of itself, and the document that describes the API. */
export const ops: RouteGroup = (app, { ports, metrics }) => {
  const state = () => {
    const waitsFor = [...ports.waitsFor()]
    const isOpen = ports.isOpen()
    const says = waitsFor.length > 0 ? "waits for a server and goes on by itself when it is back" : "answers"
    return {
      isReady: isOpen && waitsFor.length === 0,
      body: { state: isOpen ? ("working" as const) : ("starting" as const), says, waits_for: waitsFor },
    }
  }
  const config = { access: "open" as const, rateLimit: false as const }
  app.get(
    "/healthz",
    {
      config,
      schema: {
        tags: ["operation"],
        summary: "Whether starting the process anew helps nobody",
        response: { 200: State },
      },
    },
    async () => state().body,
  )
  app.get(
    "/readyz",
    {
      config,
      schema: { tags: ["operation"], summary: "Whether it answers", response: { 200: State, 503: State } },
    },
    async (_, reply) => {
      const { isReady, body } = state()
      return reply.code(isReady ? 200 : 503).send(body)
    },
  )
  app.get("/metrics", { schema: { tags: ["operation"], summary: "Prometheus\u2019 text" } }, async (_, reply) => {
    reply.type(metrics.registry.contentType)
    return metrics.registry.metrics()
  })
  app.get("/openapi.json", { config: { access: "open" }, schema: { hide: true } }, async () => app.swagger())
}
