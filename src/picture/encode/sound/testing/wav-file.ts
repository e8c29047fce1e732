/** WAV files as recorders and programs write them. */

export type WavFile = {
  readonly rate?: number
  readonly channels?: number
  /** 16 or 24 for whole numbers, 32 for floating point. */
  readonly bits?: 16 | 24 | 32
  /** Samples of each channel. */
  readonly samples: number
  /** Value of a sample, from -1 to 1. */
  readonly level: (sample: number, channel: number) => number
  /** First four letters: RF64 and BW64 state their sizes in a chunk of their own. */
  readonly kind?: "RIFF" | "RF64" | "BW64"
  /** Samples from midnight to the first, in a chunk of Broadcast Wave. */
  readonly timeReference?: number
  /** Speakers of the channels, by which the format is stated the long way. */
  readonly speakers?: number
}

/** A burst of noise each quarter of a second, of which no two are alike: it fits itself at one place alone. */
export const bursts = (rate: number) => {
  let state = 1
  const noise = Float64Array.from({ length: 4096 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 30 - 1
  })
  return (sample: number, channel: number): number => {
    const time = (sample / rate) % 0.25
    const grain = noise[(Math.floor(sample / 8) * 31 + channel * 977) % noise.length] ?? 0
    return time < 0.06 ? 0.5 * grain * Math.sin((Math.PI * time) / 0.06) : 0
  }
}

export function wavFile(of: WavFile): Buffer {
  const { kind = "RIFF" } = of
  const data = samplesOf(of)
  const chunks = Buffer.concat([timeOf(of), formatOf(of)])
  if (kind === "RIFF") return riff(kind, Buffer.concat([chunks, chunk("data", data)]))
  const sizes = Buffer.alloc(28)
  sizes.writeBigUInt64LE(BigInt(data.length), 8)
  const open = chunk("data", data)
  open.writeUInt32LE(0xffffffff, 4)
  const file = riff(kind, Buffer.concat([chunk("ds64", sizes), chunks, open]))
  file.writeUInt32LE(0xffffffff, 4)
  return file
}

function riff(kind: string, body: Buffer): Buffer {
  const head = Buffer.from(`${kind}....WAVE`, "latin1")
  head.writeUInt32LE(body.length + 4, 4)
  return Buffer.concat([head, body])
}

function chunk(id: string, body: Buffer): Buffer {
  const head = Buffer.from(`${id}....`, "latin1")
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

const timeOf = ({ timeReference }: WavFile): Buffer => {
  if (timeReference === undefined) return Buffer.alloc(0)
  const body = Buffer.alloc(602)
  body.writeBigUInt64LE(BigInt(timeReference), 338)
  return chunk("bext", body)
}

function formatOf({ rate = 48_000, channels = 1, bits = 16, speakers }: WavFile): Buffer {
  const kind = bits === 32 ? 3 : 1
  const body = Buffer.alloc(speakers === undefined ? 16 : 40)
  body.writeUInt16LE(speakers === undefined ? kind : 0xfffe, 0)
  body.writeUInt16LE(channels, 2)
  body.writeUInt32LE(rate, 4)
  body.writeUInt32LE((rate * channels * bits) / 8, 8)
  body.writeUInt16LE((channels * bits) / 8, 12)
  body.writeUInt16LE(bits, 14)
  if (speakers !== undefined) {
    body.writeUInt16LE(22, 16)
    body.writeUInt16LE(bits, 18)
    body.writeUInt32LE(speakers, 20)
    body.writeUInt16LE(kind, 24)
    Buffer.from("000000001000800000aa00389b71", "hex").copy(body, 26)
  }
  return chunk("fmt ", body)
}

function samplesOf({ channels = 1, bits = 16, samples, level }: WavFile): Buffer {
  const bytes = bits / 8
  const data = Buffer.alloc(samples * channels * bytes)
  for (let sample = 0; sample < samples; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      const [value, at] = [level(sample, channel), (sample * channels + channel) * bytes]
      if (bits === 32) data.writeFloatLE(value, at)
      else data.writeIntLE(Math.round(value * (2 ** (bits - 1) - 1)), at, bytes)
    }
  }
  return data
}
