const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const

/** 52428800 is 50.0 MiB. */
export function humanBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  return power === 0 ? `${bytes} B` : `${(bytes / 2 ** (10 * power)).toFixed(1)} ${UNITS[power]}`
}

const two = (value: number): string => String(value).padStart(2, "0")

/** 850 is 850 ms, 4200 is 4.2 s, 75000 is 1:15, 3723000 is 1:02:03. */
export function humanDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** 1 is "1 frame", 2 is "2 frames"; `many` where an s is not enough. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`

/** 24 frames/s, or 24000/1001 (23.976) frames/s. */
export const rateText = ({ num, den }: { readonly num: number; readonly den: number }): string =>
  den === 1 ? `${num} frames/s` : `${num}/${den} (${(num / den).toFixed(3)}) frames/s`
