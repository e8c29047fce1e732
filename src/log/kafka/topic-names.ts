import { FACT_TOPICS } from "../../events/schemas.ts"
import type { Topic } from "../index.ts"

/** Every topic of the log. */
export const TOPICS: readonly Topic[] = [...FACT_TOPICS, "dead-letter"]

/** Topics that are kept for ever, because a replay of them rebuilds the tables. */
export const RESULT_TOPICS: readonly Topic[] = [
  "proxy-made",
  "source-inspected",
  "element-failed",
  "element-removed",
  "failure-dismissed",
]

/** Names on the brokers: topics and groups share one prefix, so that one access rule covers an installation. */
export type Names = {
  readonly prefix: string
  readonly topic: (topic: Topic) => string
  readonly group: (group: string) => string
  /** The group behind a name on the brokers; null for a group of somebody else's, and for those of replays. */
  readonly groupOf: (name: string) => string | null
  /** Group of one replay: a consumer cannot read without one. Nothing is ever committed to it. */
  readonly replay: (id: string) => string
}

export function namesWith(prefix: string): Names {
  const replays = `${prefix}replay.`
  return {
    prefix,
    topic: (topic) => `${prefix}${topic}`,
    group: (group) => `${prefix}${group}`,
    groupOf: (name) => (name.startsWith(prefix) && !name.startsWith(replays) ? name.slice(prefix.length) : null),
    replay: (id) => `${replays}${id}`,
  }
}
