/** The API, signed addresses and the console, over HTTP: what a browser and other programs see of a deployment. */

import type { Config } from "../config/index.ts"
import { done, failed, failure, type Result } from "../events/result.ts"
import type { Logger } from "../service/logger.ts"
import { accessProblem } from "./access/access.ts"
import { buildApp } from "./app.ts"
import { openServeMetrics } from "./metrics.ts"
import { deferredPorts, type Opened, type PortsOptions } from "./ports.ts"

export type { Opened } from "./ports.ts"

export type ServeOptions = PortsOptions & {
  readonly config: Config
  readonly logger: Logger
  /** Of this program. */
  readonly version: string
}

export type Server = {
  readonly port: number
  /** `http://127.0.0.1:8484` */
  readonly address: string
  /** What the routes work with, once it is open. */
  readonly opened: Promise<Result<void>>
  close(): Promise<void>
}

/** Starts to answer. Fails config/invalid where nobody may be let in, or the port cannot be had. */
export async function openServer(options: ServeOptions): Promise<Result<Server>> {
  const { config, logger } = options
  const problem = accessProblem(config)
  if (problem !== null) return failed(failure("config/invalid", problem))
  const ports = deferredPorts(options)
  const metrics = openServeMetrics()
  const app = await buildApp({ ...options, ports, metrics })
  const port = await listening(app, config)
  if (!port.ok) return port
  logger.info({ host: config.serveHost, port: port.value }, "serves")
  return done({
    port: port.value,
    address: `http://${config.serveHost.includes(":") ? `[${config.serveHost}]` : config.serveHost}:${port.value}`,
    opened: ports.open().then((opened) => {
      if (opened.ok) {
        tellSkew(ports.opened(), logger)
        logger.info("ready")
      }
      return opened
    }),
    close: async () => {
      await app.close()
      await ports.close()
    },
  })
}

async function listening(
  app: Awaited<ReturnType<typeof buildApp>>,
  { serveHost: host, servePort }: Config,
): Promise<Result<number>> {
  try {
    await app.listen({ host, port: servePort })
  } catch (error) {
    await app.close()
    if (!(error instanceof Error && "syscall" in error && "code" in error)) throw error
    if (error.syscall !== "listen" && error.syscall !== "getaddrinfo") throw error
    const says = `OIIO_SERVE_PORT: ${host}:${servePort} cannot be had (${error.code}).`
    return failed(failure("config/invalid", says))
  }
  const address = app.server.address()
  return done(typeof address === "object" && address !== null ? address.port : servePort)
}

const SKEW_TOLD_MS = 5_000

/** Addresses are signed by the store's clock; whoever compares `expires_at` with this machine's is off by as much. */
function tellSkew({ clockSkewMs }: Opened, logger: Logger): void {
  if (Math.abs(clockSkewMs) < SKEW_TOLD_MS) return
  const seconds = Math.round(clockSkewMs / 1000)
  logger.warn({ seconds }, "the store's clock differs from this machine's: set the clocks by NTP")
}
