import type { GroupTiming } from "../../../kafka/membership.ts"

/** As short as brokers allow. */
export const QUICK: GroupTiming = { sessionTimeoutMs: 6_000, heartbeatMs: 500, fetchWaitMs: 100, commitEveryMs: 50 }
