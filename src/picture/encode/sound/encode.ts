// A stretch of a WAV as AAC, by ffmpeg.

import type { SoundOrder } from "../../index.ts"

/** Rates that are kept as they are; others become the first. */
const KEPT_RATES = [48_000, 44_100] as const

/** Channels that are kept as they are; of others the first two, where recorders have the mix. */
const KEPT_CHANNELS = [1, 2, 6]

/** Bits a second for each channel: two sound as their source. */
const BITS = 96_000

/** Samples that ffmpeg's encoder puts before the first. */
export const PRIMING = 1024

export const rateOf = (rate: number): number => KEPT_RATES.find((kept) => kept === rate) ?? KEPT_RATES[0]

export const channelsOf = (channels: number): number => (KEPT_CHANNELS.includes(channels) ? channels : 2)

const LAYOUTS: Readonly<Record<number, string>> = { 1: "mono", 2: "stereo", 6: "5.1" }

/** Arguments for ffmpeg. Bitexact, since otherwise the encoder writes its version into the sound. */
export function soundArgs({ wavFile, aacFile, wav, place }: SoundOrder): readonly string[] {
  const channels = channelsOf(wav.channels)
  const filters = [
    `atrim=start_sample=${place.from}:end_sample=${place.to}`,
    "asetpts=N/SR/TB",
    ...(channels === wav.channels ? [] : ["pan=stereo|c0=c0|c1=c1"]),
    `aformat=channel_layouts=${LAYOUTS[channels]}`,
    ...(place.silence === 0 ? [] : [`adelay=delays=${place.silence}S:all=1`]),
    ...(rateOf(wav.rate) === wav.rate ? [] : [`aresample=${rateOf(wav.rate)}`]),
  ]
  return [
    ...["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-filter_threads", "1", "-threads", "1"],
    ...["-f", "wav", "-i", wavFile, "-map", "0:a:0", "-af", filters.join(",")],
    ...["-c:a", "aac", "-b:a", String(BITS * channels), "-threads", "1", "-flags:a", "+bitexact"],
    ...["-fflags", "+bitexact", "-map_metadata", "-1", "-f", "adts", aacFile],
  ]
}
