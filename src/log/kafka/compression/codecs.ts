import { promisify } from "node:util"
import { unzip, zstdDecompress } from "node:zlib"
import kafkajs from "kafkajs"
import { fromLz4 } from "./lz4.ts"
import { fromSnappy } from "./snappy.ts"

const { CompressionCodecs, CompressionTypes } = kafkajs

/** A batch of 1 MB, which is what brokers take, can claim to be gigabytes. */
export const MOST_BYTES = 64 * 1024 * 1024

const limited = { maxOutputLength: MOST_BYTES }

const DECOMPRESS: Readonly<Record<"GZIP" | "Snappy" | "LZ4" | "ZSTD", (bytes: Buffer) => Promise<Buffer>>> = {
  GZIP: (bytes) => promisify(unzip)(bytes, limited) as Promise<Buffer>,
  ZSTD: (bytes) => promisify(zstdDecompress)(bytes, limited) as Promise<Buffer>,
  Snappy: async (bytes) => fromSnappy(bytes, MOST_BYTES),
  LZ4: async (bytes) => fromLz4(bytes, MOST_BYTES),
}

type Named = keyof typeof DECOMPRESS

/**
 * Teaches the Kafka client, whose codecs are one for the whole process, to read whatever other producers compress with.
 * Nothing of ours is written compressed: the VAST Event Broker takes none.
 */
export function readAllCompressions(): void {
  for (const [name, decompress] of Object.entries(DECOMPRESS))
    CompressionCodecs[CompressionTypes[name as Named]] = () => ({ decompress, compress: refused })
}

const refused = (): Promise<never> => Promise.reject(new Error("compression: nothing is written compressed here"))
