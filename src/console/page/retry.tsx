import { useState } from "preact/hooks"
import type { Server } from "./server.ts"

type RetryProps = {
  readonly server: Server
  /** What begins again: keys, a prefix, or codes. */
  readonly wanted: object
  /** What failed is tried again; what did not is made again. */
  readonly isFailed: boolean
}

/** Has sources made again, and says what came of asking. */
export function RetryButton({ server, wanted, isFailed }: RetryProps) {
  const [says, setSays] = useState("")
  const ask = async (): Promise<void> => {
    setSays("…")
    const answer = await server.post<{ readonly accepted: number }>(isFailed ? "/retry" : "/reprocess", wanted)
    setSays(
      answer.ok ? `${answer.value.accepted} ${answer.value.accepted === 1 ? "begins" : "begin"} again` : answer.says,
    )
  }
  return (
    <span class="retry">
      <button type="button" class="secondary" onClick={ask}>
        {isFailed ? "Retry" : "Make again"}
      </button>
      <span class="dim" role="status">
        {says}
      </span>
    </span>
  )
}
