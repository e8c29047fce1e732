import { page } from "./page.ts"
import { elementFacts } from "./routes/element-facts.ts"
import { elements } from "./routes/elements.ts"
import { events } from "./routes/events.ts"
import { failures } from "./routes/failures.ts"
import { lookup } from "./routes/lookup.ts"
import { me } from "./routes/me.ts"
import { media } from "./routes/media.ts"
import { ops } from "./routes/ops.ts"
import { outputs } from "./routes/outputs.ts"
import { requeue } from "./routes/requeue.ts"
import { sequences } from "./routes/sequences.ts"
import { status } from "./routes/status.ts"
import { tiles } from "./routes/tiles.ts"
import type { RouteGroup } from "./serving.ts"

/** Every group of routes, in the order of the documentation. */
export const ROUTES: readonly RouteGroup[] = [
  me,
  outputs,
  lookup,
  sequences,
  tiles,
  elements,
  elementFacts,
  events,
  failures,
  requeue,
  status,
  media,
  ops,
  page,
]

/** What the document of the API says besides its routes. */
export const OPENAPI = {
  openapi: {
    openapi: "3.1.0",
    info: {
      title: "oiio-proxy-generator",
      version: "1",
      summary: "Thumbnails, proxies and movies of frames, what is known of them, and what happens to them.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    components: {
      securitySchemes: { token: { type: "http" as const, scheme: "bearer", description: "One of serveTokens." } },
    },
    security: [{ token: [] }, {}],
  },
}
