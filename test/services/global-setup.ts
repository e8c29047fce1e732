import type { Server } from "node:http"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { serveControl } from "./control.ts"
import { makeRunFolder, type RunFolder } from "./folder.ts"
import { openServiceSet, type ServiceSet } from "./index.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Socket file of the process that runs this test run's servers. */
    servicesSocket: string
  }
}

let opened: { readonly folder: RunFolder; readonly set: ServiceSet; readonly control: Server } | undefined

/**
 * One set of servers for a whole test run. A server starts when the first test file asks for it (`sharedServices`), so
 * that a run of one file starts only what that file needs.
 */
export const setup = async (project: TestProject): Promise<void> => {
  const folder = await makeRunFolder()
  const set = openServiceSet(folder.path, true)
  const socketPath = join(folder.path, "control.sock")
  const control = await serveControl(socketPath, { set, stop: () => Promise.resolve() })
  opened = { folder, set, control }
  project.provide("servicesSocket", socketPath)
}

export const teardown = async (): Promise<void> => {
  opened?.control.close()
  await opened?.set.close()
  await opened?.folder.remove()
}
