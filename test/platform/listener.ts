import { expect, onTestFinished } from "vitest"
import { eventually } from "../machine/eventually.ts"

/** What the API tells of an object. */
type Told = {
  readonly topic: string
  readonly fact: {
    readonly element: { readonly key: string; readonly trigger: string }
    readonly requestedBy?: string | null
  }
}

const TOPICS = ["element-created", "proxy-made", "element-failed"]

/** Somebody who has the console open: listens to the events of an API, and asks it. */
export async function openListener(port: number) {
  const api = `http://127.0.0.1:${port}/api/v1`
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const answer = await fetch(`${api}/events?topics=${TOPICS}`, { signal: stop.signal })
  const decoder = new TextDecoder()
  let [text, isOver] = ["", false]
  const reading = async (): Promise<void> => {
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk, { stream: true })
  }
  const over = reading().then(
    () => {
      isOver = true
    },
    () => undefined,
  )
  const told = (): readonly Told[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ""))
  const of = (topic: string): readonly string[] =>
    told().flatMap((one) => (one.topic === topic ? one.fact.element.key : []))
  return {
    /** Every fact once, of frames with outputs and of one that failed; their tiles; and of each frame what became of it. */
    hears: async (made: readonly string[], failed: string): Promise<void> => {
      const isTold = async (): Promise<boolean> =>
        of("proxy-made").length === made.length && of("element-failed").includes(failed)
      await eventually("the stream tells of each frame", isTold)
      expect(of("proxy-made").toSorted()).toEqual([...made].toSorted())
      expect(of("element-created").toSorted()).toEqual([...made, failed].toSorted())
      const { tiles } = (await (await fetch(`${api}/tiles`)).json()) as {
        tiles: readonly { id: string; state: string }[]
      }
      expect(tiles.filter(({ state }) => state === "made")).toHaveLength(made.length)
    },
    /** What the log tells of a frame, by the partition of its key. */
    looksBack: async (bucket: string, key: string): Promise<void> => {
      const found = await fetch(`${api}/elements/facts?${new URLSearchParams({ bucket, key })}`)
      const { facts, attempts } = (await found.json()) as { facts: readonly Told[]; attempts: readonly object[] }
      const topics = facts.map(({ topic }) => topic)
      expect(topics.filter((topic) => topic !== "source-inspected")).toEqual([
        ...["element-created", "source-fetched", "colorspace-detected", "thumbnail-made", "proxy-made"],
      ])
      expect(topics).toContain("source-inspected")
      expect(attempts).toMatchObject([
        { outcome: "made", stages: expect.arrayContaining([{ name: "fetch", ms: expect.any(Number) }]) },
      ])
    },
    /** A retry over the API names who asked, and is done. */
    retries: async (bucket: string, key: string): Promise<void> => {
      const headers = { "content-type": "application/json" }
      const body = JSON.stringify({ keys: [{ bucket, key }] })
      const accepted = await fetch(`${api}/retry`, { method: "POST", headers, body })
      expect([accepted.status, await accepted.json()]).toEqual([202, { accepted: 1, not_found: [] }])
      const again = () => told().filter(({ fact }) => fact.element.trigger === "retry")
      await eventually("the frame is tried again", () => again().some(({ topic }) => topic === "element-failed"))
      expect(again().find(({ topic }) => topic === "element-created")?.fact.requestedBy).toBe("loopback")
    },
    /** The stream ends with its server, by itself. */
    isLetGo: async (): Promise<void> => {
      await over
      expect(isOver).toBe(true)
    },
    all: () => text,
  }
}
