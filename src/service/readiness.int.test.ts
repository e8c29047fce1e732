import { expect, it, onTestFinished, vi } from "vitest"
import { sharedServices } from "../../test/services/shared.ts"
import { elementCreated } from "../events/testing/facts.ts"
import { unwrap } from "../events/testing/results.ts"
import { openKafkaLog } from "../log/kafka/index.ts"
import { freshInstallation, optionsFor } from "../log/kafka/testing/open.ts"
import { append } from "../log/testing/harness.ts"
import { systemClock } from "../system/clock.ts"
import { openHealth } from "./health.ts"
import { openOpsServer } from "./ops-server.ts"

const PARTITIONS = 2

const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 180_000, interval: 50 })

it("/readyz is true once the group has given partitions, and for a member that a full group has none for", async () => {
  const servers = await sharedServices("kafka", "registry")
  const options = optionsFor(servers, await freshInstallation(servers, "readiness", PARTITIONS))

  /** A process that has said that it takes work and is no member of its group yet. */
  async function process() {
    const health = openHealth({ clock: systemClock, groups: [{ group: "renderer", steps: [] }], stillMs: 1 })
    const log = unwrap(await openKafkaLog({ ...options, observe: health.observeKafka }))
    const ops = unwrap(
      await openOpsServer({
        host: "127.0.0.1",
        port: 0,
        health: health.report,
        metrics: async () => "",
        contentType: "text/plain",
        tells: () => undefined,
      }),
    )
    health.become("working", "takes work")
    const stop = new AbortController()
    onTestFinished(async () => {
      stop.abort()
      await log.close()
      await ops.close()
    })
    const status = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${ops.port}${path}`)).status
    const joins = async (): Promise<void> => {
      // What is delivered is left alone: its partitions stand still.
      for await (const delivery of log.deliver({
        group: "renderer",
        topics: ["element-created"],
        credits: 1,
        stop: stop.signal,
      }))
        unwrap(delivery)
    }
    return { health, log, status, joins, held: () => health.report().groups[0]?.partitions }
  }

  const [first, second, third] = [await process(), await process(), await process()]
  expect([await first.status("/healthz"), await first.status("/readyz")]).toEqual([200, 503])
  for (const member of [first, second, third]) {
    void member.joins()
    await eventually(async () => expect(await member.status("/readyz")).toBe(200))
  }
  await eventually(() => expect([first, second, third].map(({ held }) => held()).toSorted()).toEqual([0, 1, 1]))
  expect(await Promise.all([first, second, third].map(({ status }) => status("/readyz")))).toEqual([200, 200, 200])

  // Work that nobody acknowledges: who holds it is unhealthy after a while, who stands by is not.
  await append(first.log, ...Array.from({ length: 20 }, (_, frame) => elementCreated({ key: `shots/a.${frame}.exr` })))
  for (const member of [first, second, third]) {
    const look = async (): Promise<number> => {
      member.health.positions(unwrap(await member.log.lag()))
      return member.status("/healthz")
    }
    await eventually(async () => expect(await look()).toBe(member.held() === 0 ? 200 : 503))
  }
}, 600_000)
