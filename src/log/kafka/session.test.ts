import { expect, it } from "vitest"
import { failure } from "../../events/failure.ts"
import { done, failed } from "../../events/result.ts"
import type { Membership } from "../../kafka/membership.ts"
import { namesWith } from "../../kafka/topics.ts"
import { systemClock } from "../../system/clock.ts"
import { createAssignedPartitions } from "./assigned-partitions.ts"
import { createCommitter } from "./session.ts"

const message = (offset: number) => ({
  offset,
  message: { ...{ key: null, value: null, timestamp: "0", attributes: 0, headers: {} }, offset: String(offset) },
})

function committing(answers: readonly boolean[] = []) {
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
  const committer = createCommitter({
    ...{ partitions, member: { commit }, names: namesWith("oiio."), clock: systemClock, everyMs: 5, over: over.signal },
    onFailure: ({ says }) => problems.push(says),
    onBug: (bug) => problems.push(String(bug)),
  })
  const take = () => partitions.take()?.buffer
  return { partitions, committer, commits, problems, take, over }
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
