/**
 * Adds up rows by their weights: target = sum of rows[k] * weights[from + k], `rows.length` of them. Up to five at once,
 * so that a row of output is written as seldom as possible.
 */
export function weighRows(
  target: Float32Array,
  rows: readonly Float32Array[],
  weights: Float32Array,
  from: number,
): void {
  const head = rows.length <= 5 ? rows.length : rows.length % 4 || 4
  weighFirst(target, rows.slice(0, head), weights.subarray(from, from + head))
  for (let k = head; k < rows.length; k += 4) {
    addFour(target, rows.slice(k, k + 4), weights.subarray(from + k, from + k + 4))
  }
}

function weighFirst(target: Float32Array, rows: readonly Float32Array[], weights: Float32Array): void {
  if (rows.length === 1) one(target, rows, weights)
  else if (rows.length === 2) two(target, rows, weights)
  else if (rows.length === 3) three(target, rows, weights)
  else if (rows.length === 4) four(target, rows, weights)
  else five(target, rows, weights)
}

type Weigh = (target: Float32Array, rows: readonly Float32Array[], weights: Float32Array) => void

const one: Weigh = (target, rows, [p = 0]) => {
  const [a = target] = rows
  for (let x = 0; x < target.length; x++) target[x] = (a[x] as number) * p
}

const two: Weigh = (target, rows, [p = 0, q = 0]) => {
  const [a = target, b = target] = rows
  for (let x = 0; x < target.length; x++) target[x] = (a[x] as number) * p + (b[x] as number) * q
}

const three: Weigh = (target, rows, [p = 0, q = 0, r = 0]) => {
  const [a = target, b = target, c = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] = (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r
  }
}

const four: Weigh = (target, rows, [p = 0, q = 0, r = 0, s = 0]) => {
  const [a = target, b = target, c = target, d = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] = (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r + (d[x] as number) * s
  }
}

const five: Weigh = (target, rows, [p = 0, q = 0, r = 0, s = 0, t = 0]) => {
  const [a = target, b = target, c = target, d = target, e = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] =
      (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r + (d[x] as number) * s + (e[x] as number) * t
  }
}

const addFour: Weigh = (target, rows, [p = 0, q = 0, r = 0, s = 0]) => {
  const [a = target, b = target, c = target, d = target] = rows
  for (let x = 0; x < target.length; x++) {
    target[x] =
      (target[x] as number) + (a[x] as number) * p + (b[x] as number) * q + (c[x] as number) * r + (d[x] as number) * s
  }
}
