import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { done, failed, failure, type Result } from "../events/result.ts"
import { unattended } from "../system/unattended.ts"

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
    const refused = (error: NodeJS.ErrnoException): void =>
      error.syscall === "listen" || error.syscall === "getaddrinfo"
        ? resolve(failed(failure("config/invalid", `${setting}: ${host}:${port} cannot be had (${error.code}).`)))
        : reject(error)
    server.once("error", refused)
    server.listen(port, host, () => {
      server.off("error", refused)
      const address = server.address()
      resolve(done(typeof address === "object" && address !== null ? address.port : port))
    })
  })
}

export type Answering = {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => unknown
  /** Tells whoever asked, and the log, of the bug that `answer` threw or rejected with. */
  readonly failed: (response: ServerResponse, bug: unknown) => void
  /** A connection could not be taken, for instance because the process has too many files open; the server goes on. */
  readonly notAccepted: (error: Error) => void
}

/**
 * Answers all requests of a server. A bug met by one of them is that request's alone; the promise rejects with one that
 * kept even the failure from being told, and never resolves.
 */
export function answerAll(server: Server, { answer, failed: tellFailed, notAccepted }: Answering): Promise<never> {
  const broken = Promise.withResolvers<never>()
  // Whoever runs the server waits for it; until then it is nobody's.
  broken.promise.catch(() => undefined)
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const refuse = (bug: unknown): void => unattended(() => tellFailed(response, bug), broken.reject)
    unattended(() => answer(request, response), refuse)
  })
  server.on("error", (error) => {
    if (server.listening) unattended(() => notAccepted(error), broken.reject)
  })
  return broken.promise
}
