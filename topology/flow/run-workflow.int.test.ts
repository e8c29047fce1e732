import { expect, it, onTestFinished, vi } from "vitest"
import type { Failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { sequence, sequenceFrame } from "../../src/events/testing/sequence-facts.ts"
import type { EventLog } from "../../src/log/index.ts"
import { openKafkaLog } from "../../src/log/kafka/index.ts"
import { freshInstallation, optionsFor } from "../../src/log/kafka/testing/open.ts"
import { systemClock } from "../../src/system/clock.ts"
import { factsOf } from "../../test/driver/facts.ts"
import { POLICY } from "../../test/driver/index.ts"
import { sharedServices } from "../../test/services/shared.ts"
import { sequencerGroup } from "../sequence/settle.ts"
import { sequencerPolicy } from "../sequence/testing/policy.ts"
import { runWorkflow } from "./run-workflow.ts"

const WAIT = { timeout: 120_000, interval: 100 }
const QUIET_MS = 2_000
const SEQUENCES = 12
const FRAMES = 5

/** No group stands before it: its facts are appended by the test. */
const SEQUENCER = {
  ...sequencerGroup(sequencerPolicy(QUIET_MS)),
  after: [],
  tickMs: 200,
}

const frameOf = (shot: number, frame: number) =>
  sequenceFrame(frame, {
    sequence: sequence({ folder: `sh${shot}/` }),
    factId: crypto.randomUUID(),
    elementId: crypto.randomUUID(),
    key: `sh${shot}/beauty.${String(frame).padStart(4, "0")}.exr`,
  })

const shots = (...frames: readonly number[]) =>
  Array.from({ length: SEQUENCES }, (_, shot) => frames.map((frame) => frameOf(shot, frame))).flat()

type Member = { readonly dies: () => Promise<Failure | null>; readonly log: EventLog }

async function installation() {
  const servers = await sharedServices("kafka", "registry")
  const options = optionsFor(servers, await freshInstallation(servers, "workflow", 4))
  const opened = async (): Promise<EventLog> => {
    const log = unwrap(await openKafkaLog(options))
    onTestFinished(() => log.close())
    return log
  }
  const member = async (): Promise<Member> => {
    const log = await opened()
    const [stop, abort] = [new AbortController(), new AbortController()]
    const ports = { log, clock: systemClock, random: Math.random, policy: POLICY, observe: () => undefined }
    const running = runWorkflow(SEQUENCER, ports, { stop: stop.signal, abort: abort.signal })
    const dies = (): Promise<Failure | null> => {
      abort.abort()
      stop.abort()
      return running
    }
    onTestFinished(() => dies().then(() => undefined))
    return { dies, log }
  }
  const log = await opened()
  const settled = async () =>
    (await factsOf(log, "sequence-settled")).map(({ sequence: { folder }, made, revision }) => ({
      folder,
      made,
      revision,
    }))
  return { log, member, settled }
}

const all = (made: string) =>
  expect.arrayContaining(
    Array.from({ length: SEQUENCES }, (_, shot) => expect.objectContaining({ folder: `sh${shot}/`, made })),
  )

it("shares sequences between members, and each is settled once", async () => {
  const { log, member, settled } = await installation()
  await member()
  await member()
  unwrap(await log.append(shots(1, 2, 3)))
  await vi.waitFor(async () => expect(await settled()).toEqual(all("1-3")), WAIT)
  const revisions = (await settled()).map(({ folder, revision }) => `${folder} ${revision}`)
  expect(new Set(revisions).size).toBe(SEQUENCES)
})

it("hands sequences over when a member dies or comes, and knows all that the other knew", async () => {
  const { log, member, settled } = await installation()
  const first = await member()
  unwrap(await log.append(shots(1, 2)))
  await vi.waitFor(async () => expect(await settled()).toEqual(all("1-2")), WAIT)
  const second = await member()
  unwrap(await log.append(shots(3)))
  await first.dies()
  await first.log.close()
  unwrap(await log.append(shots(4)))
  await member()
  unwrap(await log.append(shots(FRAMES)))
  await vi.waitFor(async () => expect(await settled()).toEqual(all(`1-${FRAMES}`)), WAIT)
  await second.dies()
  // Nothing is ever settled that lacks what came before: each is the beginning of the shot.
  const made = new Set((await settled()).map((one) => one.made))
  for (const one of made) expect(["1-2", "1-3", "1-4", `1-${FRAMES}`]).toContain(one)
})
