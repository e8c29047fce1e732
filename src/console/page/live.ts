import { useEffect, useMemo, useState } from "preact/hooks"
import type { Server } from "./server.ts"

export type Live = {
  readonly isConnected: boolean
  /** Calls back after facts came that change what is shown, no more often than it says; returns how to stop. */
  readonly onChange: (topics: RegExp, everyMs: number, callback: () => void) => () => void
}

/** The facts as they happen. */
export function useLive(server: Server): Live {
  const [isConnected, setConnected] = useState(false)
  const hearers = useMemo(() => new Set<(topic: string) => void>(), [])
  useEffect(() => {
    const stop = new AbortController()
    const onEvent = ({ name }: { readonly name: string }): void => {
      for (const hear of hearers) hear(name)
    }
    void server.listen({ onEvent, onState: setConnected }, stop.signal)
    return () => stop.abort()
  }, [server, hearers])
  const onChange = useMemo(() => throttled(hearers), [hearers])
  return useMemo(() => ({ isConnected, onChange }), [isConnected, onChange])
}

const throttled =
  (hearers: Set<(topic: string) => void>): Live["onChange"] =>
  (topics, everyMs, callback) => {
    let timer: ReturnType<typeof setTimeout> | null = null
    const hear = (topic: string): void => {
      if (timer !== null || !topics.test(topic)) return
      timer = setTimeout(() => {
        timer = null
        callback()
      }, everyMs)
    }
    hearers.add(hear)
    return () => {
      hearers.delete(hear)
      if (timer !== null) clearTimeout(timer)
    }
  }
