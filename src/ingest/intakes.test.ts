import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { failure } from "../events/result.ts"
import { unwrap } from "../events/testing/results.ts"
import { memoryRecords, openMemoryLog } from "../log/memory.ts"
import { openDirectoryStore } from "../store/directory.ts"
import { openMemoryStore } from "../store/memory.ts"
import { systemClock } from "../system/clock.ts"
import { type IntakeUnderTest, intakeContract } from "./contract.ts"
import { openHttpIntake } from "./http.ts"
import type { Intake } from "./index.ts"
import { openListingIntake } from "./listing/reconcile.ts"
import { openWatchIntake } from "./listing/watch.ts"
import { ANYBODY, LIMITS } from "./testing/http-intake.ts"
import { openListedFolder } from "./testing/listed-folder.ts"
import { BUCKET, sourceOf } from "./testing/messages.ts"

const clock = systemClock

/** A log in memory, and intakes that run over it until the test is over. */
function memoryIntakes(open: (append: ReturnType<typeof openMemoryLog>["append"]) => Promise<Intake>) {
  const records = memoryRecords()
  const log = openMemoryLog({ clock, records })
  const running: Promise<unknown>[] = []
  const end = new AbortController()
  return {
    log,
    async run() {
      const stop = new AbortController()
      const ended = (await open(log.append)).run(AbortSignal.any([stop.signal, end.signal]))
      running.push(ended)
      return () => {
        stop.abort()
        return ended
      }
    },
    breakDown: () => {
      records.outage = failure("log/unreachable", "The log is away.")
      return () => {
        records.outage = null
      }
    },
    async end() {
      end.abort()
      await Promise.all(running)
    },
  }
}

async function overHttp(): Promise<IntakeUnderTest> {
  let port = 0
  const { end, ...intakes } = memoryIntakes(async (append) => {
    const options = { host: "127.0.0.1", port: 0, access: ANYBODY, limits: LIMITS, exists: null, append, clock }
    const http = unwrap(await openHttpIntake({ ...options, source: sourceOf("vast"), observe: () => undefined }))
    port = http.port
    return http
  })
  const post = async (body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
    fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers }).then(
      ({ status }) => status,
      // Nobody listens any more.
      () => 0,
    )
  return {
    ...intakes,
    brings: async ({ is, key }, form) => {
      const { body, headers = {} } = form.message(is, key)
      const named = Object.entries(headers).map(([name, value]) => [name.replace("_", "-"), value] as const)
      const text = typeof body === "string" ? body : JSON.stringify(body)
      return (await post(text, Object.fromEntries(named))) === 204
    },
    bringsUnreadable: async () => void (await post("{not json")),
    dispose: end,
  }
}

async function bucketListing(): Promise<IntakeUnderTest> {
  const memory = openMemoryStore({ clock, buckets: [BUCKET] })
  const { portsFor, folder, knows, release } = await openListedFolder(async () => memory)
  const { end, ...intakes } = memoryIntakes(async () =>
    openListingIntake(portsFor(intakes.log), {
      ...{ buckets: [BUCKET], prefixes: [], suffixes: [], everyMs: 20, youngMs: 0 },
      observe: () => undefined,
      onListed: () => undefined,
    }),
  )
  let files = 0
  return {
    ...intakes,
    brings: async ({ is, key }) => {
      if (is === "removed") {
        // In this order: a listing that found both would take the row for one of another version.
        memory.erase({ bucket: BUCKET, key })
        await knows(key)
        return true
      }
      const file = join(folder, `${++files}`)
      await writeFile(file, key)
      const options = { contentType: "image/x-exr", tags: {}, metadata: {} }
      return (await memory.put({ bucket: BUCKET, key }, file, options)).ok
    },
    bringsUnreadable: null,
    dispose: () => end().then(release),
  }
}

async function watchedFolder(): Promise<IntakeUnderTest> {
  const { portsFor, root, folder, store, knows, release } = await openListedFolder(async (path) =>
    unwrap(await openDirectoryStore(new Map([[BUCKET, path]]))),
  )
  const { end, ...intakes } = memoryIntakes(() =>
    openWatchIntake(portsFor(intakes.log), {
      ...{ root, bucket: BUCKET, quietMs: 20, pollMs: 20 },
      onLook: () => undefined,
    }),
  )
  let files = 0
  return {
    ...intakes,
    brings: async ({ is, key }) => {
      if (is === "removed") {
        // Whoever looks between the two steps finds a file of which everything is known: it does not arrive again.
        const { sourceVersion } = unwrap(await store.head({ bucket: BUCKET, key }))
        const failed = { state: "failed", failure_kind: "permanent", render_key: null } as const
        await knows(key, { ...failed, source_version: sourceVersion })
        await rm(join(root, key))
        return true
      }
      const file = join(folder, `${++files}`)
      await writeFile(file, key)
      await mkdir(dirname(join(root, key)), { recursive: true })
      await rename(file, join(root, key))
      return true
    },
    bringsUnreadable: null,
    dispose: () => end().then(release),
  }
}

intakeContract("HTTP", overHttp, { takes: "messages", bringsAgain: "the sender" })
intakeContract("listing of buckets", bucketListing, { takes: "objects", bringsAgain: "the intake" })
intakeContract("watched folder", watchedFolder, { takes: "objects", bringsAgain: "the intake" })
