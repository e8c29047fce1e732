/** What bench/peers-frames.py is told of a row. */
type Picture = {
  readonly columns: number
  readonly rows: number
  /** Of an EXR. */
  readonly samples?: "half" | "float"
  readonly compression?: "ZIP" | "PIZ" | "DWAA" | "DWAB" | "B44A"
  /** Of an EXR: RGB alone, or thirty channels in one part or in a part for each layer. */
  readonly layers?: "none" | "one part" | "several parts"
  readonly ending: "exr" | "dpx" | "tif"
  /** Of a DPX or TIFF: what OpenImageIO is told to write. */
  readonly written?: Readonly<Record<string, string | number>>
}

/** A kind of frame on which this generator is measured against the peer. */
export type PeersRow = {
  readonly name: string
  readonly says: string
  /** CPU and time of ours over the peer's, at most. */
  readonly goal: number
  /** Peak memory of all processes with two frames in flight, at most; null where none is promised. */
  readonly mostMegabytes: number | null
  readonly picture: Picture
}

const FOUR_K = { columns: 4096, rows: 2160 } as const

const exr = (picture: Partial<Picture>): Picture => ({
  ...FOUR_K,
  ...{ samples: "half", compression: "ZIP", layers: "none", ending: "exr" },
  ...picture,
})

const tiff = (compression: string): Picture => ({ ...FOUR_K, ending: "tif", written: { compression } })

const dpx = (columns: number, rows: number, bits: number): Picture => ({
  ...{ columns, rows, ending: "dpx" },
  written: { "oiio:BitsPerSample": bits },
})

const row = (name: string, says: string, goal: number, picture: Picture): PeersRow => ({
  ...{ name, says, goal, picture },
  mostMegabytes: (picture.layers ?? "none") === "none" ? (picture.columns === FOUR_K.columns ? 700 : null) : 1000,
})

export const ROWS: readonly PeersRow[] = [
  row("zip", "4096x2160 half, ZIP", 0.85, exr({})),
  row("piz", "4096x2160 half, PIZ", 0.85, exr({ compression: "PIZ" })),
  row("dwaa", "4096x2160 half, DWAA", 0.9, exr({ compression: "DWAA" })),
  row("aov-zip", "4096x2160, 30 channels, one part, ZIP", 0.8, exr({ layers: "one part" })),
  row("aov-dwab", "4096x2160, 30 channels, one part, DWAB", 0.8, exr({ layers: "one part", compression: "DWAB" })),
  row("aov-parts", "4096x2160, 30 channels, a part a layer, ZIP", 0.5, exr({ layers: "several parts" })),
  row("float-zip", "4096x2160 float, ZIP", 0.9, exr({ samples: "float" })),
  row("b44a", "4096x2160 half, B44A", 0.9, exr({ compression: "B44A" })),
  row("dpx-10", "4096x3112 DPX, 10 bits", 0.8, dpx(4096, 3112, 10)),
  row("dpx-16", "6144x3240 DPX, 16 bits", 0.8, dpx(6144, 3240, 16)),
  row("tiff-lzw", "4096x2160 TIFF, 16 bits, LZW", 0.9, tiff("lzw")),
  row("tiff-deflate", "4096x2160 TIFF, 16 bits, deflate", 0.9, tiff("zip")),
  row("hd-zip", "1920x1080 half, ZIP", 0.9, exr({ columns: 1920, rows: 1080 })),
  row("8k-zip", "8192x4320 half, ZIP", 0.85, exr({ columns: 8192, rows: 4320 })),
]
