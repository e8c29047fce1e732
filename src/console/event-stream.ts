// Server-sent events, read from the parts that a connection brings.

export type ServerEvent = {
  /** What resumes behind it; null where the event has none. */
  readonly id: string | null
  readonly name: string
  readonly data: string
}

/** Takes part after part of a stream, and gives the events that are whole with it. */
export function eventReader(): (part: string) => readonly ServerEvent[] {
  let rest = ""
  return (part) => {
    const text = `${rest}${part}`
    // Half of a line's end, perhaps.
    const held = text.endsWith("\r") ? "\r" : ""
    const blocks = text
      .slice(0, text.length - held.length)
      .replaceAll(/\r\n?/g, "\n")
      .split("\n\n")
    rest = `${blocks.pop() ?? ""}${held}`
    return blocks.flatMap(eventOf)
  }
}

/** One event of its lines; none where there is no data, as in a line that keeps the connection open. */
function eventOf(block: string): readonly ServerEvent[] {
  const fields = block.split("\n").flatMap((line) => {
    const [, name = "", value = ""] = /^([^:]+):? ?(.*)$/.exec(line) ?? []
    return name === "" ? [] : [{ name, value }]
  })
  const last = (wanted: string): string | null => fields.findLast(({ name }) => name === wanted)?.value ?? null
  const data = fields.filter(({ name }) => name === "data").map(({ value }) => value)
  return data.length === 0 ? [] : [{ id: last("id"), name: last("event") ?? "message", data: data.join("\n") }]
}
