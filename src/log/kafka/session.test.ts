import { expect, it } from "vitest"
import { done, failed, failure } from "../../events/result.ts"
import type { Membership } from "../../kafka/membership.ts"
import { namesWith } from "../../kafka/topics.ts"
import { type Clock, systemClock } from "../../system/clock.ts"
import { createAssignedPartitions } from "./assigned-partitions.ts"
import { createCommitter } from "./session.ts"

const message = (offset: number) => ({
  offset,
  message: { ...{ key: null, value: null, timestamp: "0", attributes: 0, headers: {} }, offset: String(offset) },
})

function committing(answers: readonly boolean[] = [], given?: Pick<Membership, "commit">) {
  const partitions = createAssignedPartitions()
  partitions.reassign([{ topic: "proxy-made", partition: 3 }])
  partitions.takeIn({ topic: "proxy-made", partition: 3 }, [0, 1, 2].map(message))
  const commits: unknown[] = []
  const problems: string[] = []
  const over = new AbortController()
  const commit: Membership["commit"] = async (offsets) => {
    commits.push(offsets)
    return answers[commits.length - 1] === false ? failed(failure("log/unreachable", "gone")) : done(undefined)
  }
  const asserting = Promise.withResolvers<void>()
  let isAsserted = false
  const clock: Clock = {
    ...systemClock,
    // The long sleep is the one between two assertions of an unchanged offset; the test ends the first.
    sleep: async (ms, signal) => {
      if (ms < 1_000 || isAsserted) return systemClock.sleep(ms, signal)
      await asserting.promise
      isAsserted = true
    },
  }
  const committer = createCommitter({
    ...{ partitions, member: given ?? { commit }, names: namesWith("oiio."), clock, everyMs: 5, over: over.signal },
    onFailure: ({ says }) => problems.push(says),
    onBug: (bug) => problems.push(String(bug)),
  })
  const take = () => partitions.take()?.buffer
  return { partitions, committer, commits, problems, take, over, assertAgain: asserting.resolve }
}

const moved = (offset: number) => ({
  topics: [{ topic: "oiio.proxy-made", partitions: [{ partition: 3, offset: String(offset) }] }],
})

it("moves the offset to the next one to be read, as text", async () => {
  const { committer, commits, take, over } = committing()
  take()?.tracker.finish(0)
  await committer.flush()
  expect(commits).toEqual([moved(1)])
  over.abort()
})

it("pins a new group where it started, before anything is done", async () => {
  const { committer, commits, take, over } = committing()
  take()
  await committer.flush()
  expect(commits).toEqual([moved(0)])
  over.abort()
})

it("does not repeat itself", async () => {
  const { committer, commits, take, over } = committing()
  take()?.tracker.finish(0)
  await committer.flush()
  await committer.flush()
  expect(commits).toHaveLength(1)
  over.abort()
})

it("tries again what could not be moved, and says so", async () => {
  const { committer, commits, problems, take, over } = committing([false])
  take()?.tracker.finish(0)
  await committer.flush()
  await expect.poll(() => commits, { timeout: 30_000 }).toEqual([moved(1), moved(1)])
  expect(problems).toEqual(["gone"])
  over.abort()
})

it("sets an offset back that another member moved meanwhile, for nothing fences it, and asserts its own again", async () => {
  const offsets: unknown[] = []
  const member = { commit: async (moved: unknown) => done(void offsets.push(moved)) }
  const owner = committing([], member)
  const former = committing([], member)
  for (const offset of [0, 1, 2]) owner.take()?.tracker.finish(offset)
  await owner.committer.flush()
  // It has lost the partition without noticing, and is behind.
  former.take()?.tracker.finish(0)
  await former.committer.flush()
  owner.assertAgain()
  await expect.poll(() => offsets, { timeout: 30_000 }).toEqual([moved(3), moved(1), moved(3)])
  for (const { over } of [owner, former]) over.abort()
})
