/** What groups of routes are given, and what they add their routes to. */

import type { IncomingMessage, ServerResponse } from "node:http"
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox"
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify"
import type { Config } from "../config/index.ts"
import type { ServeRole } from "../config/table-serve.ts"
import type { Logger } from "../service/logger.ts"
import type { Visitor } from "./access/access.ts"
import type { Addresses } from "./addresses.ts"
import type { ServeMetrics } from "./metrics.ts"
import type { Ports } from "./ports.ts"
import type { ScrubCells } from "./scrub-cells.ts"

declare module "fastify" {
  interface FastifyRequest {
    /** Whoever asks; null where the route lets everybody. */
    visitor: Visitor | null
  }
  interface FastifyContextConfig {
    /** Which role a route asks for; without it read. open: everybody is answered, also before the ports are open. */
    access?: ServeRole | "open"
  }
}

/** The server that routes are added to. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What a group of routes is given. `ports.opened()` may be asked for while a request is answered, not before. */
export type Serving = {
  readonly config: Config
  readonly ports: Ports
  readonly metrics: ServeMetrics
  readonly addresses: Addresses
  readonly scrubCells: ScrubCells
  readonly logger: Logger
  readonly version: string
}

/** Adds its routes; one file of `routes/` each. */
export type RouteGroup = (app: App, serving: Serving) => void

/** Path that the routes of the API begin with. */
export const API = "/api/v1"
