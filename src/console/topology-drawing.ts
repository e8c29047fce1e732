// Where the groups of the topology are drawn, and the topics between them.

/** A group of the topology, as far as it is drawn. */
export type DrawnGroup = {
  readonly name: string
  readonly consumes: readonly string[]
  readonly appends: readonly string[]
}

export type Box = { readonly name: string; readonly x: number; readonly y: number }

/** From one group to another, by topics. */
export type Line = {
  readonly from: string
  readonly to: string
  readonly topics: readonly string[]
  /** Against the flow. */
  readonly isBack: boolean
  /** Of an SVG path. */
  readonly path: string
}

export type Drawing = {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
}

/** Of a box, and around it, pixels. */
export const BOX = { width: 164, height: 64 }
const GAP = { x: 34, y: 18 }

/** Groups from left to right as facts pass through them. What leads back, such as a frame that arrives again, is drawn around below. */
export function drawingOf(groups: readonly DrawnGroup[]): Drawing {
  const edges = edgesOf(groups)
  const boxes = boxesOf(groups, edges)
  const height = Math.max(0, ...boxes.map(({ y }) => y + BOX.height))
  const placed = new Map(boxes.map((box) => [box.name, box]))
  const lines = edges.flatMap(({ from, to, topics }) => {
    const [one, other] = [placed.get(from), placed.get(to)]
    if (one === undefined || other === undefined) return []
    return [{ from, to, topics, isBack: other.x <= one.x, path: pathOf(one, other, height) }]
  })
  const width = Math.max(0, ...boxes.map(({ x }) => x + BOX.width))
  return { width, height: height + 2 * GAP.y, boxes, lines }
}

/** In a column those stand above that hear from what stands above. */
function boxesOf(groups: readonly DrawnGroup[], edges: readonly Edge[]): readonly Box[] {
  const columns = columnsOf(groups, edges)
  const rows = new Map<string, number>()
  const last = Math.max(-1, ...columns.values())
  for (let column = 0; column <= last; column++) {
    const names = groups.map(({ name }) => name).filter((name) => columns.get(name) === column)
    const ranked = names.map((name, at) => ({ name, rank: rankOf(name, edges, rows) ?? at }))
    ranked.sort((one, other) => one.rank - other.rank).forEach(({ name }, row) => void rows.set(name, row))
  }
  return groups.map(({ name }) => ({
    name,
    x: (columns.get(name) ?? 0) * (BOX.width + GAP.x),
    y: (rows.get(name) ?? 0) * (BOX.height + GAP.y),
  }))
}

/** The mean row of what a group hears from; null where it hears from nothing. */
function rankOf(name: string, edges: readonly Edge[], rows: ReadonlyMap<string, number>): number | null {
  const heard = edges.flatMap(({ from, to }) => (to === name ? (rows.get(from) ?? []) : []))
  return heard.length === 0 ? null : heard.reduce((sum, row) => sum + row, 0) / heard.length
}

type Edge = Omit<Line, "path" | "isBack">

function edgesOf(groups: readonly DrawnGroup[]): readonly Edge[] {
  return groups.flatMap((one) =>
    groups.flatMap((other) => {
      const topics = one === other ? [] : one.appends.filter((topic) => other.consumes.includes(topic))
      return topics.length === 0 ? [] : [{ from: one.name, to: other.name, topics }]
    }),
  )
}

/** A group stands to the right of all that it hears from; groups are declared in the order of the flow, and what leads back counts for nothing. */
function columnsOf(groups: readonly DrawnGroup[], edges: readonly Edge[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>()
  for (const { name } of groups) {
    const before = edges.filter(({ from, to }) => to === name && columns.has(from))
    columns.set(name, Math.max(-1, ...before.map(({ from }) => columns.get(from) ?? -1)) + 1)
  }
  return columns
}

function pathOf(from: Box, to: Box, height: number): string {
  const start = { x: from.x + BOX.width, y: from.y + BOX.height / 2 }
  const end = { x: to.x, y: to.y + BOX.height / 2 }
  if (to.x > from.x) {
    const bend = Math.max(GAP.x / 2, (end.x - start.x) / 2)
    return `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`
  }
  const [below, side] = [height + GAP.y, GAP.x / 2]
  return `M${start.x} ${start.y}C${start.x + side} ${start.y} ${start.x + side} ${below} ${start.x} ${below}L${end.x} ${below}C${end.x - side} ${below} ${end.x - side} ${end.y} ${end.x} ${end.y}`
}
