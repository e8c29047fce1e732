import type { Server } from "node:http"
import { failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"

export type Listening = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Name of the setting that says the port. */
  readonly setting: string
}

/** Starts a server; gives the port that it has. One that cannot be had is a setting to be changed: config/invalid. */
export function listen(server: Server, { host, port, setting }: Listening): Promise<Result<number>> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.syscall === "listen" || error.syscall === "getaddrinfo"
        ? resolve(failed(failure("config/invalid", `${setting}: ${host}:${port} cannot be had (${error.code}).`)))
        : reject(error),
    )
    server.listen(port, host, () => {
      const address = server.address()
      resolve(done(typeof address === "object" && address !== null ? address.port : port))
    })
  })
}
