import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import type { Addresses, ServiceSet } from "./index.ts"
import { SERVER_NAMES, type ServerName } from "./versions.ts"

/** What `status` tells of one server. */
export type ServerState = {
  readonly name: ServerName
  readonly pid: number
  readonly isRunning: boolean
  readonly logPath: string
}

type Answers = {
  readonly set: ServiceSet
  /** Called by the process that asks this one to end; answers when everything has stopped. */
  readonly stop: () => Promise<void>
}

const stateOf = async (set: ServiceSet): Promise<readonly ServerState[]> =>
  (await set.running()).map(({ name, pid, isRunning, logPath }) => ({
    name,
    pid: pid(),
    isRunning: isRunning(),
    logPath,
  }))

const answer = async ({ set, stop }: Answers, path: string): Promise<unknown> => {
  if (path === "/status") return stateOf(set)
  if (path === "/stop") return stop()
  const [, verb, word] = path.split("/")
  const name = SERVER_NAMES.find((one) => one === word)
  if (name === undefined || (verb !== "want" && verb !== "restart")) throw new Error(`nobody answers ${path}`)
  const service = await set.want<ServerName>(name)
  if (verb === "restart") await service.restart()
  return service.address
}

const respond = async (answers: Answers, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  try {
    const value = await answer(answers, incoming.url ?? "/")
    outgoing.writeHead(200).end(JSON.stringify(value ?? null))
  } catch (error) {
    outgoing.writeHead(500).end(error instanceof Error ? error.message : String(error))
  }
}

/** Lets other processes of this user ask for servers, over a socket file; rejects if somebody listens there already. */
export const serveControl = (socketPath: string, answers: Answers): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((incoming, outgoing) => void respond(answers, incoming, outgoing))
    server.once("error", reject)
    server.listen(socketPath, () => resolve(server))
  })

/** Asks the process that serves this socket file; rejects with its words, or with ENOENT or ECONNREFUSED if there is none. */
export const askControl = (socketPath: string, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, (response) => {
      const read = async (): Promise<unknown> => {
        const body = await text(response)
        if (response.statusCode !== 200) throw new Error(body)
        return JSON.parse(body)
      }
      read().then(resolve, reject)
    })
    asked.once("error", reject)
    asked.end()
  })

/** The address of a server that the process behind this socket file runs, started if it was not. */
export const wantFrom = async <N extends ServerName>(socketPath: string, name: N): Promise<Addresses[N]> =>
  (await askControl(socketPath, `/want/${name}`)) as Addresses[N]
