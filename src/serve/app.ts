import cors from "@fastify/cors"
import helmet from "@fastify/helmet"
import rateLimit from "@fastify/rate-limit"
import swagger from "@fastify/swagger"
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox"
import fastify from "fastify"
import { v4 as uuidv4 } from "uuid"
import { isForeignPage, openGate } from "./access/access.ts"
import { openAddresses } from "./addresses.ts"
import { answerErrors } from "./errors.ts"
import { type Refusal, refuse } from "./refusal.ts"
import { OPENAPI, ROUTES } from "./routes.ts"
import { openScrubCells } from "./scrub-cells.ts"
import { API, type App, type Serving } from "./serving.ts"

/** Headers have to be there after so long, and a request as a whole: whoever sends nothing holds nothing. */
const HEADERS_WITHIN_MS = 10_000
const REQUEST_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 2_000
const KEEP_ALIVE_MS = 72_000
const MOST_HEADER_BYTES = 16_384

/** Builds the server with all its routes; it listens to nobody yet. */
export async function buildApp(opening: Omit<Serving, "addresses" | "scrubCells">): Promise<App> {
  const { ports, metrics } = opening
  const made = { addresses: openAddresses(ports, metrics), scrubCells: openScrubCells(ports) }
  const serving: Serving = { ...opening, ...made }
  const { config } = serving
  const app: App = fastify({
    bodyLimit: config.serveBodyBytes,
    requestTimeout: REQUEST_WITHIN_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      headersTimeout: HEADERS_WITHIN_MS,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      maxHeaderSize: MOST_HEADER_BYTES,
    },
    genReqId: () => uuidv4(),
    // An id of the caller's could forge lines of the log.
    requestIdHeader: false,
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, allErrors: false } },
    routerOptions: { maxParamLength: 1024 },
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = config.serveConnections
  // JSON alone is read: what a form of another site can send is refused by its type.
  app.removeContentTypeParser("text/plain")
  answerErrors(app, serving)
  watch(app, serving)
  await app.register(helmet, HEADERS)
  await app.register(cors, { origin: [...config.serveOrigins], methods: ["GET", "HEAD", "POST"], maxAge: 600 })
  guard(app, serving)
  await app.register(rateLimit, {
    max: config.serveRate,
    timeWindow: 60_000,
    keyGenerator: ({ visitor, ip }) => (visitor === null || visitor.user === "loopback" ? ip : `user ${visitor.user}`),
  })
  await app.register(swagger, OPENAPI)
  await app.register(async (routes) => {
    for (const group of ROUTES) group(routes as App, serving)
  })
  await app.ready()
  return app
}

/** No answer of the API is ever a page; the console's page states its own policy. */
const HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
  },
  // Without TLS here: whoever ends TLS before it says so.
  strictTransportSecurity: false,
  crossOriginResourcePolicy: { policy: "same-origin" as const },
  referrerPolicy: { policy: "no-referrer" as const },
}

const notOpen: Refusal = {
  status: 503,
  code: "serve/starting",
  says: "The server waits for what it reads from: /readyz says for what.",
  retryAfter: 5,
}

const foreignPage: Refusal = {
  status: 403,
  code: "access/foreign-page",
  says: "A page of another origin may not write here: OIIO_SERVE_ORIGINS lists those that may.",
}

const readsAlone: Refusal = {
  status: 403,
  code: "access/denied",
  says: "This takes the role write, and whoever asks has read alone.",
}

/** Who asks, and whether they may: before a body is read. */
function guard(app: App, { config, ports }: Serving): void {
  const gate = openGate(config)
  app.decorateRequest("visitor", null)
  app.addHook("onRequest", async (request, reply) => {
    const access = request.routeOptions.config.access ?? "read"
    if (access === "open" || request.is404) return
    const found = gate({ headers: request.headers, address: request.socket.remoteAddress ?? "" })
    if ("status" in found) return refuse(reply, found)
    if (access === "write" && !found.roles.includes("write")) return refuse(reply, readsAlone)
    if (request.method === "POST" && isForeignPage(request.headers, config.serveOrigins))
      return refuse(reply, foreignPage)
    request.visitor = found
    if (!ports.isOpen() && request.routeOptions.url?.startsWith(API)) return refuse(reply, notOpen)
  })
}

/** Every answer names its request, is counted, and is in the log where that is told so much. */
function watch(app: App, { metrics, logger }: Serving): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id)
  })
  app.addHook("onResponse", async (request, reply) => {
    const [method, status] = [request.method, reply.statusCode]
    const route = request.routeOptions.url ?? "none"
    metrics.answered({ method, route, status, seconds: reply.elapsedTime / 1000 })
    // Neither the address's query nor a header: both may hold what is secret.
    const fields = { request_id: request.id, method, route, status, user: request.visitor?.user ?? null }
    if (status >= 500) logger.warn(fields, "a request was not answered")
    else logger.debug(fields, "answered")
  })
}
