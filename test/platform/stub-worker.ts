import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stubHeaders } from "../../bench/stubs.ts"
import { loadConfig } from "../../src/config/index.ts"
import { policyOf, settingsOf } from "../../src/deployment/machine.ts"
import { openPlatformLog, openPlatformStore } from "../../src/deployment/platform.ts"
import { runWorker } from "../../src/deployment/run-groups.ts"
import { besideSources } from "../../src/element/output-places.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { openMemoryKnownOutputs } from "../../src/known-outputs/memory.ts"
import { openScratch } from "../../src/picture/scratch.ts"
import { openLogger } from "../../src/service/logger.ts"
import { openMetrics } from "../../src/service/metrics.ts"
import { openServiceObserver } from "../../src/service/service-observer.ts"
import { systemClock } from "../../src/system/clock.ts"
import { fakePicture } from "../driver/fake-picture.ts"

/**
 * A worker as the command runs it, with real log and store, and with pictures that are text: a source that says
 * `slow 180000` renders for three minutes. For tests of what surrounds the pictures; the product has no such switch.
 */
const folder = mkdtempSync(join(tmpdir(), "stub-worker-"))
const { config } = unwrap(loadConfig({ flags: {}, env: process.env, cwd: folder, defaultStateDir: folder }))
const clock = systemClock
const logger = openLogger({ config, stderr: process.stderr, secrets: [] })
const { observe, observeKafka } = openServiceObserver(logger, openMetrics(), clock)
const [log, store] = await Promise.all([
  openPlatformLog(config, { clock, observeKafka }),
  openPlatformStore(config, clock),
])
const ports = {
  log: unwrap(log),
  store: unwrap(store),
  picture: fakePicture(clock),
  headers: stubHeaders,
  scratch: await openScratch({ root: folder }),
  clock,
  random: Math.random,
  settingsFor: settingsOf(config),
  outputsFor: besideSources,
  knownOutputs: openMemoryKnownOutputs(),
  policy: policyOf(config),
}
const [stop, abort] = [new AbortController(), new AbortController()]
process.on("SIGTERM", () => stop.abort())
const running = runWorker(
  { ports, sequences: null, backfill: null, followOutputs: null },
  { stop: stop.signal, abort: abort.signal, observe },
)
logger.info("ready")
const failures = await Promise.all(running)
await Promise.all([ports.log.close(), ports.store.close()])
rmSync(folder, { recursive: true, force: true })
process.exit(failures.every((failure) => failure === null) ? 0 : 1)
