import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import type { Config } from "../../config/index.ts"
import { findInstallation } from "../../deployment/deployment-target.ts"
import { openStore, openTarget } from "../../deployment/index.ts"
import { done, type Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { openLogger } from "../../service/logger.ts"
import { type Clock, systemClock } from "../../system/clock.ts"
import type { Rows } from "../../table/index.ts"
import { buildApp } from "../app.ts"
import { openServeMetrics } from "../metrics.ts"
import { servingFolder } from "../open.ts"
import { deferredPorts, type Opened } from "../ports.ts"

export type TestServing = {
  readonly settings?: Partial<Config>
  /** What the routes work with, in place of what a folder gives. */
  readonly opened?: (opened: Opened) => Opened
  readonly clock?: Clock
  /** Fails instead of opening. */
  readonly failing?: () => Promise<Result<Opened>>
}

/** A server over a folder called `bucket`, with the real table, log and store, that is spoken to without a network. */
export async function openTestServing({ settings = {}, opened, clock = systemClock, failing }: TestServing = {}) {
  const root = join(await mkdtemp(join(tmpdir(), "serve-")), "bucket")
  await mkdir(root)
  const found = unwrap(findInstallation({ env: { HOME: "/nowhere" }, cwd: root, flags: {} }, root))
  const config: Config = Object.freeze({ ...found.config, ...settings })
  const installation = { ...found, config }
  const target = { kind: "folder", installation } as const
  const surroundings = { clock, observeKafka: () => undefined }
  const { records } = unwrap(await openTarget(target, { mode: "own", command: "test" }, surroundings))
  const store = unwrap(await openStore(target, { clock }))
  const served = { ...servingFolder(installation, records, { clock, store }), close: async () => undefined }
  const serving = opened?.(served) ?? served
  const ports = deferredPorts({ clock, open: failing ?? (async () => done(serving)) })
  await ports.open()
  const lines: string[] = []
  const logger = openLogger({
    config: { logLevel: "debug", logFormat: "json" },
    stderr: process.stderr,
    secrets: [],
    note: (line) => void lines.push(line),
  })
  const app = await buildApp({ config, ports, metrics: openServeMetrics(), logger, version: "0.0.0" })
  onTestFinished(async () => {
    await app.close()
    await store.close()
    await records.close()
    await rm(dirname(root), { recursive: true, force: true })
  })
  return {
    app,
    root,
    config,
    records,
    store,
    serving,
    /** What the server's log holds. */
    lines,
    merge: async (rows: Partial<Rows>) =>
      unwrap(await records.table.merge({ proxyOutputs: [], elements: [], ...rows })),
    put: async (key: string, bytes: string | Uint8Array) => {
      await mkdir(dirname(join(root, key)), { recursive: true })
      await writeFile(join(root, key), bytes)
    },
    get: async (url: string, headers: Record<string, string> = {}) => {
      const answer = await app.inject({ method: "GET", url, headers })
      return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
    },
    post: async (url: string, body: unknown, headers: Record<string, string> = {}) => {
      const answer = await app.inject({
        method: "POST",
        url,
        headers: { "content-type": "application/json", ...headers },
        payload: typeof body === "string" ? body : JSON.stringify(body),
      })
      return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
    },
  }
}
