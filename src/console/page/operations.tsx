import { useEffect, useState } from "preact/hooks"
import { humanDuration } from "../../cli/views/human.ts"
import { visible } from "../../system/visible.ts"
import type { StatusAnswer, TopologyAnswer } from "../operations.ts"
import { type Sample, timeLeftMs, withSample } from "../throughput.ts"
import { Failures } from "./failures.tsx"
import type { Live } from "./live.ts"
import type { Server } from "./server.ts"
import { ThroughputChart } from "./throughput-chart.tsx"
import { TopologyView } from "./topology.tsx"

type OperationsProps = { readonly server: Server; readonly live: Live }

/** How it goes: what waits, what was made and what failed, and where in the topology. */
export function Operations({ server, live }: OperationsProps) {
  const { status, topology, samples } = useStatus(server)
  return (
    <main class="operations" id="content" tabIndex={-1}>
      <h1 class="unseen">Operations</h1>
      {status === null ? <p class="nothing">Loading…</p> : <Counts {...{ status, samples }} />}
      {(status?.missing ?? []).map(({ part, says }) => (
        <p key={part} class="warn" role="status">
          {visible(`The ${part} cannot be had now: ${says}`)}
        </p>
      ))}
      <section>
        <h2>Frames made per second</h2>
        <ThroughputChart samples={samples} />
      </section>
      <section>
        <h2>Topology</h2>
        {topology === null ? null : <TopologyView {...topology} />}
      </section>
      <Failures {...{ server, live }} />
    </main>
  )
}

function Counts({ status, samples }: { readonly status: StatusAnswer; readonly samples: readonly Sample[] }) {
  const { queued = 0, done = 0, failed = 0 } = status.states ?? {}
  const left = timeLeftMs(samples)
  return (
    <dl class="counts">
      <Count name="made" value={done.toLocaleString("en")} />
      <Count name="waiting" value={queued.toLocaleString("en")} />
      <Count name="failed" value={failed.toLocaleString("en")} kind={failed > 0 ? "bad" : ""} />
      <Count name="time left" value={queued === 0 ? "none" : left === null ? "not known yet" : humanDuration(left)} />
    </dl>
  )
}

const Count = ({
  name,
  value,
  kind = "",
}: {
  readonly name: string
  readonly value: string
  readonly kind?: string
}) => (
  <div class={kind}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)

const EVERY_MS = 2000

type Known = {
  readonly status: StatusAnswer | null
  readonly topology: TopologyAnswer | null
  readonly samples: readonly Sample[]
}

/** What the server counts, every two seconds. */
function useStatus(server: Server): Known {
  const [known, setKnown] = useState<Known>({ status: null, topology: null, samples: [] })
  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      const [status, topology] = await Promise.all([
        server.get<StatusAnswer>("/status", stop.signal),
        server.get<TopologyAnswer>("/topology", stop.signal),
      ])
      if (stop.signal.aborted) return
      setKnown((before) => ({
        status: status.ok ? status.value : before.status,
        topology: topology.ok ? topology.value : before.topology,
        samples:
          status.ok && status.value.states !== null
            ? withSample(before.samples, sampleOf(status.value.states))
            : before.samples,
      }))
      timer = setTimeout(ask, EVERY_MS)
    }
    void ask()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [server])
  return known
}

const sampleOf = ({ done = 0, queued = 0 }: NonNullable<StatusAnswer["states"]>): Sample => ({
  atMs: Date.now(),
  made: done,
  waiting: queued,
})
