/** What asks a command to stop. A reader that goes away (`outputs | head`) counts as one. */
export type StopCause = "SIGINT" | "SIGTERM" | "closed"

/** How a command learns that it should stop. */
export type Interrupts = {
  /** First request: take nothing new, finish what is begun. */
  readonly drain: AbortSignal
  /** Second request: leave everything as it is; nothing acknowledged is lost. */
  readonly abort: AbortSignal
  /** What asked first, null when nothing has. */
  readonly cause: () => StopCause | null
}

export type InterruptSource = Interrupts & {
  readonly receive: (cause: StopCause) => void
  /** Resolves at the third request, when even aborting takes too long. */
  readonly forced: Promise<void>
}

const SAYS: Record<StopCause, string | null> = {
  SIGINT: "Stopping: what is begun is finished. Ctrl-C again aborts.",
  SIGTERM: "Stopping: what is begun is finished.",
  closed: null,
}

/** Turns stop requests into signals: the first drains, the second aborts, the third gives up waiting. `say` gets a line. */
export function listenForInterrupts(say: (line: string) => void): InterruptSource {
  const drain = new AbortController()
  const abort = new AbortController()
  const forced = Promise.withResolvers<void>()
  let first: StopCause | null = null
  const receive = (cause: StopCause): void => {
    if (first === null) {
      first = cause
      const says = SAYS[cause]
      if (says !== null) say(says)
      drain.abort()
    } else if (cause !== "closed" && abort.signal.aborted) {
      forced.resolve()
    } else if (cause !== "closed") {
      say("Aborting.")
      abort.abort()
    }
  }
  return { drain: drain.signal, abort: abort.signal, cause: () => first, receive, forced: forced.promise }
}
