import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { openTestTable } from "../../test/driver/table.ts"
import { besideSources } from "../element/output-places.ts"
import { failure } from "../events/result.ts"
import { unwrap } from "../events/testing/results.ts"
import { memoryRecords, openMemoryLog } from "../log/memory.ts"
import type { RenderSettings } from "../picture/index.ts"
import { openDirectoryStore } from "../store/directory.ts"
import type { ObjectStore } from "../store/index.ts"
import { openMemoryStore } from "../store/memory.ts"
import { systemClock } from "../system/clock.ts"
import { elementRow } from "../table/testing/rows.ts"
import { type IntakeUnderTest, intakeContract } from "./contract.ts"
import { openHttpIntake } from "./http.ts"
import type { Intake } from "./index.ts"
import { openListingIntake } from "./listing/reconcile.ts"
import { type FolderPorts, openWatchIntake } from "./listing/watch.ts"
import { ANYBODY, LIMITS } from "./testing/http-intake.ts"
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

/** What a listing needs, over a table of its own, and frames that are put and removed. */
async function listed(openStore: (root: string) => Promise<ObjectStore>) {
  const folder = await mkdtemp(join(tmpdir(), "intake-"))
  const root = join(folder, BUCKET)
  await mkdir(root)
  const [table, store] = [await openTestTable(folder, clock), await openStore(root)]
  const settingsFor = () => ({ thumbnailEdgePx: 256 }) as RenderSettings
  const portsFor = (log: ReturnType<typeof openMemoryLog>): FolderPorts => ({
    ...{ store, table, clock, settingsFor, append: log.append, outputsFor: besideSources },
    picture: { recipe: 1, configHash: "0123456789abcdef" },
    queue: { log, clock, queues: [], results: { group: "projector", topics: [] } },
  })
  return {
    root,
    folder,
    store,
    portsFor,
    /** The row that a projector would have written. */
    knows: async (key: string) =>
      unwrap(await table.merge({ proxyOutputs: [], elements: [elementRow({ bucket: BUCKET, key, attempt: 0 })] })),
    release: async () => {
      await table.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function bucketListing(): Promise<IntakeUnderTest> {
  const memory = openMemoryStore({ clock, buckets: [BUCKET] })
  const { portsFor, folder, knows, release } = await listed(async () => memory)
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
        await knows(key)
        memory.erase({ bucket: BUCKET, key })
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
  const { portsFor, root, folder, knows, release } = await listed(async (path) =>
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
        await knows(key)
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
