// Rows as columns, so that 10,000 frames which have most of their words in common are a small file.

/** Each value of a column once, and for each row which of them it has; no `at` where every row has its own. */
type Column = { readonly values: readonly unknown[]; readonly at?: readonly number[] }

export type Packed = { readonly count: number; readonly columns: Readonly<Record<string, Column>> }

/** Rows have the same names, and values that JSON has. */
export function pack<Row extends object>(rows: readonly Row[]): Packed {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row & string)[]
  return {
    count: rows.length,
    columns: Object.fromEntries(names.map((name) => [name, columnOf(rows.map((row) => row[name]))])),
  }
}

function columnOf(all: readonly unknown[]): Column {
  const places = new Map<string, number>()
  const values: unknown[] = []
  const at = all.map((value) => {
    const text = JSON.stringify(value)
    const known = places.get(text)
    if (known !== undefined) return known
    places.set(text, values.length)
    return values.push(value) - 1
  })
  return values.length === all.length ? { values } : { values, at }
}

/** The rows that were packed. */
export function unpack<Row extends object>({ count, columns }: Packed): readonly Row[] {
  const named = Object.entries(columns)
  return Array.from({ length: count }, (_, row) => {
    const values = named.map(([name, { values, at }]) => [name, values[at === undefined ? row : (at[row] ?? -1)]])
    return Object.fromEntries(values) as Row
  })
}
