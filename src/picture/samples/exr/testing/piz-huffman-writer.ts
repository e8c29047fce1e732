/** How code lengths are chosen: as Huffman does, or one bit more for each symbol, which makes codes as long as can be. */
export type CodeShape = "balanced" | "chain"

/** Symbols by code length, bits; the shapes above over the symbols that occur. */
function codeLengths(symbols: readonly number[], shape: CodeShape): ReadonlyMap<number, number> {
  const last = symbols.length - 1
  const bits = Math.ceil(Math.log2(symbols.length))
  const short = 2 ** bits - symbols.length
  const balanced = (index: number): number => (index < short ? bits - 1 : bits)
  return new Map(
    symbols.map((symbol, index) => [symbol, shape === "chain" ? Math.min(index + 1, last) : balanced(index)]),
  )
}

/** Longer codes are lower, codes of one length rise with their symbols. */
function canonicalCodes(lengths: ReadonlyMap<number, number>): ReadonlyMap<number, string> {
  const codes = new Map<number, string>()
  let next = 0n
  for (let length = 58; length > 0; length--) {
    for (const [symbol] of [...lengths].filter(([, bits]) => bits === length).sort(([a], [b]) => a - b)) {
      codes.set(symbol, next.toString(2).padStart(length, "0"))
      next += 1n
    }
    next /= 2n
  }
  return codes
}

/** Lengths of all symbols of the range, 6 bits each, gaps as 59..62 or 63 and their length less 6. */
function packedLengths(lengths: ReadonlyMap<number, number>, lowest: number, highest: number): string {
  const bits: string[] = []
  const put = (value: number, width: number): void => {
    bits.push(value.toString(2).padStart(width, "0"))
  }
  for (let symbol = lowest; symbol <= highest; symbol++) {
    let gap = 0
    while (symbol + gap <= highest && !lengths.has(symbol + gap) && gap < 261) gap++
    if (gap < 2) put(lengths.get(symbol) ?? 0, 6)
    else if (gap < 6) put(57 + gap, 6)
    else {
      put(63, 6)
      put(gap - 6, 8)
    }
    symbol += Math.max(0, gap - 1)
  }
  return bits.join("")
}

/** The words in PIZ's Huffman coding; runs of one word are counted where that is shorter. */
export function packHuffman(words: Uint16Array, shape: CodeShape): Uint8Array {
  const symbols = [...new Set(words)].sort((a, b) => a - b)
  const runSymbol = (symbols.at(-1) ?? 0) + 1
  const lowest = symbols[0] ?? 0
  const lengths = codeLengths([...symbols, runSymbol], shape)
  const codes = canonicalCodes(lengths)
  const table = bytesOf(packedLengths(lengths, lowest, runSymbol))
  const data = runs(words)
    .map(([word, more]) => {
      const [code, run] = [codes.get(word) ?? "", codes.get(runSymbol) ?? ""]
      const counted = code + run + more.toString(2).padStart(8, "0")
      const plain = code.repeat(more + 1)
      return counted.length < plain.length ? counted : plain
    })
    .join("")
  const bytes = bytesOf(data)
  const out = new Uint8Array(20 + table.length + bytes.length)
  const view = new DataView(out.buffer)
  for (const [index, value] of [lowest, runSymbol, table.length, data.length].entries())
    view.setUint32(index * 4, value, true)
  out.set(table, 20)
  out.set(bytes, 20 + table.length)
  return out
}

/** Each word with how often it comes again, 255 times at most. */
function runs(words: Uint16Array): readonly (readonly [word: number, more: number])[] {
  const found: [number, number][] = []
  for (const word of words) {
    const last = found.at(-1)
    if (last !== undefined && last[0] === word && last[1] < 255) last[1]++
    else found.push([word, 0])
  }
  return found
}

const bytesOf = (bits: string): Uint8Array =>
  Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, index) =>
    Number.parseInt(bits.slice(index * 8, index * 8 + 8).padEnd(8, "0"), 2),
  )
