import type { Config } from "../config/index.ts"
import type { OutputsBase } from "../element/output-places.ts"
import type { Failure, Result } from "../events/result.ts"
import type { GroupPositions } from "../kafka/positions.ts"
import type { EventLog } from "../log/index.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Table } from "../table/index.ts"
import type { WorkCounts } from "./live/work-counts.ts"
import type { MediaKey } from "./media-key.ts"
import { type Refusal, refusalOf } from "./refusal.ts"

/** What routes work with, once it is open. */
export type Opened = {
  readonly config: Config
  readonly clock: Clock
  readonly log: EventLog
  readonly table: Table
  readonly store: ObjectStore
  /** Buckets of sources. */
  readonly buckets: readonly string[]
  /** Where outputs go; null for beside the sources. */
  readonly outputs: OutputsBase | null
  /** Why no fact can be appended here, as a sentence; null where it can. */
  readonly readOnly: string | null
  /** Absolute path of the folder of frames; null on servers. */
  readonly folder: string | null
  /** Signs addresses that this server answers itself; null where the store signs its own. */
  readonly mediaKey: MediaKey | null
  /** How far the store's clock is ahead of this machine's, milliseconds. */
  readonly clockSkewMs: number
  /** Origins of the addresses that the store signs, for the policy of the console's page. */
  readonly addressOrigins: readonly string[]
  /** How far the groups are, as the brokers tell; absent in a folder, whose log tells it. */
  readonly groups?: () => Promise<Result<readonly GroupPositions[]>>
  /** What the groups of this process do, where it is the one that works. */
  readonly work?: WorkCounts
  readonly close: () => Promise<void>
}

export type PortsOptions = {
  readonly clock: Clock
  /** Opens what routes work with; the server answers meanwhile that it waits. Whatever fails ends the start. */
  readonly open: (waits: (failure: Failure) => void) => Promise<Result<Opened>>
}

/** What is waited for before or while requests are answered. */
export type Ports = {
  /** Throws before it is open: the server answers no request of the API until then. */
  readonly opened: () => Opened
  readonly isOpen: () => boolean
  /** Servers that are waited for, with the failure's code, as sentences. */
  readonly waitsFor: () => readonly string[]
  /** Notes what came of asking a port, for /readyz. */
  readonly note: (failure: Failure) => void
  /** Notes it, and says what it means for whoever asked. */
  readonly refusal: (failure: Failure) => Refusal
  readonly open: () => Promise<Result<void>>
  readonly close: () => Promise<void>
}

/** An outage is over when nothing has told of it for so long. */
const OUTAGE_SHOWN_MS = 30_000

export function deferredPorts({ open, clock }: PortsOptions): Ports {
  let opened: Opened | null = null
  let opening: Promise<Result<void>> | null = null
  let isClosed = false
  const outages = new Map<string, { readonly says: string; readonly untilMs: number }>()
  const note = ({ code, kind, says }: Failure): void => {
    if (kind === "outage") outages.set(code, { says: `${code}: ${says}`, untilMs: clock.steadyMs() + OUTAGE_SHOWN_MS })
  }
  const start = async (): Promise<Result<void>> => {
    const found = await open(note)
    if (!found.ok) return found
    outages.clear()
    if (isClosed) await found.value.close()
    else opened = found.value
    return { ok: true, value: undefined }
  }
  return {
    opened: () => {
      if (opened === null) throw new Error("serve: a request was answered before the ports were open")
      return opened
    },
    isOpen: () => opened !== null,
    waitsFor: () => {
      const nowMs = clock.steadyMs()
      for (const [code, { untilMs }] of outages) if (opened !== null && untilMs < nowMs) outages.delete(code)
      return [...outages.values()].map(({ says }) => says)
    },
    note,
    refusal: (failure) => {
      note(failure)
      return refusalOf(failure)
    },
    open: () => {
      opening ??= start()
      return opening
    },
    close: async () => {
      isClosed = true
      await opened?.close()
    },
  }
}
