import { useEffect, useState } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import type { ElementRow } from "../../table/rows.ts"
import type { FailureCodes } from "../operations.ts"
import { hashOf } from "../routes.ts"
import type { Live } from "./live.ts"
import { RetryButton } from "./retry.tsx"
import type { Server } from "./server.ts"

type FailuresProps = { readonly server: Server; readonly live: Live }

const CHANGES = /(element-failed|proxy-made|element-created|element-removed|failure-dismissed|gap)$/

/** What failed, by its code. */
export function Failures({ server, live }: FailuresProps) {
  const [codes, setCodes] = useState<FailureCodes["codes"] | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const load = async (): Promise<void> => {
      const answer = await server.get<FailureCodes>("/failures/codes", stop.signal)
      if (answer.ok) setCodes(answer.value.codes)
    }
    void load()
    const done = live.onChange(CHANGES, 1500, () => void load())
    return () => {
      stop.abort()
      done()
    }
  }, [server, live])
  return (
    <section>
      <h2>Failures</h2>
      {codes?.length === 0 ? <p class="dim">Nothing has failed.</p> : null}
      <ul class="codes">
        {(codes ?? []).map(({ code, count }) => (
          <Code key={code} {...{ server, code, count }} />
        ))}
      </ul>
    </section>
  )
}

const SHOWN = 100

function Code({ server, code, count }: { readonly server: Server; readonly code: string; readonly count: number }) {
  const [failures, setFailures] = useState<readonly ElementRow[] | null>(null)
  const load = async (): Promise<void> => {
    const search = new URLSearchParams({ code, limit: `${SHOWN}` })
    const answer = await server.get<{ readonly failures: readonly ElementRow[] }>(`/failures?${search}`)
    if (answer.ok) setFailures(answer.value.failures)
  }
  return (
    <li>
      <details onToggle={({ currentTarget }) => (currentTarget.open ? void load() : undefined)}>
        <summary>
          <b>{visible(code)}</b> <span class="dim">{count.toLocaleString("en")}</span>
        </summary>
        <ul class="failed">
          {(failures ?? []).map(({ bucket, key, failure_says: says }) => (
            <li key={`${bucket}/${key}`}>
              <a href={hashOf({ view: "frame", bucket, key })} dir="auto">
                {visible(key)}
              </a>
              <span class="dim" dir="auto">
                {visible(says ?? "")}
              </span>
            </li>
          ))}
        </ul>
        {count > SHOWN ? <p class="dim">And {(count - SHOWN).toLocaleString("en")} more.</p> : null}
      </details>
      <RetryButton server={server} wanted={{ codes: [code] }} isFailed />
    </li>
  )
}
