import { useEffect, useState } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import { keepToken, type Refused, waitsFor } from "./server.ts"

/** Asks for what the server lets in. */
export function TokenPrompt({ says, onToken }: { readonly says: string; readonly onToken: () => void }) {
  const [token, setToken] = useState("")
  const send = (event: Event): void => {
    event.preventDefault()
    keepToken(token.trim())
    onToken()
  }
  return (
    <main class="prompt">
      <form onSubmit={send}>
        <h1>Who is there?</h1>
        <p class="dim">{visible(says)}</p>
        <label>
          Token
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
        </label>
        <p class="dim">This tab keeps it until it is closed, and sends it to this server alone.</p>
        <button type="submit" class="primary">
          Continue
        </button>
      </form>
    </main>
  )
}

const ASK_EVERY_MS = 3000

/** What is waited for: every view asks again by itself. */
export function Waiting({ refused }: { readonly refused: Refused }) {
  const [waits, setWaits] = useState<readonly string[]>([])
  useEffect(() => {
    const ask = async (): Promise<void> => setWaits(await waitsFor())
    void ask()
    const timer = setInterval(ask, ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  const says = waits.length === 0 ? refused.says : `The table is away: the server waits for ${waits.join(", ")}.`
  return (
    <p class="waiting" role="status">
      {visible(says)} Trying again…
    </p>
  )
}
