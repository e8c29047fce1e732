/** Epoch microseconds as ISO-8601 UTC with six fraction digits and +00:00: text order is time order. */
export function timestampText(epochUs: number): string {
  const ms = Math.floor(epochUs / 1000)
  const fraction = String(epochUs % 1_000_000).padStart(6, "0")
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction}+00:00`
}
