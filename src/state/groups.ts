import type { Sql } from "./sql.ts"

/** Positions of the consumer groups, kept beside log and tables so that one transaction can move both. */
export type Groups = {
  /** Next offset that `group` reads of `topic`; null when the group has none yet. */
  committed(group: string, topic: string): number | null
  /** Inside a write: the group reads this topic from now on, from the earliest record. Keeps a position it has. */
  join(group: string, topic: string): void
  /** Inside a write: moves the position on. */
  move(group: string, topic: string, nextOffset: number): void
  /**
   * Inside a write: the group reads again from `nextOffset`, where it is not further back anyway, and every claim is
   * taken away, so that running readers start again there. It never moves on: what lies between was not yet told to
   * anybody.
   */
  rewind(group: string, topic: string, nextOffset: number): void
  /**
   * Makes the caller the one reader of a group's topic in this process. The signal aborts when a later claim is made
   * (reason `taken`), or when the position was rewound (reason `rewound`).
   */
  claim(group: string, topic: string): AbortSignal
}

export function createGroups(sql: Sql, topics: ReadonlyMap<string, number>): Groups {
  const claims = new Map<string, AbortController>()
  const numberOf = (topic: string): number => {
    const found = topics.get(topic)
    if (found === undefined) throw new Error(`state: no topic ${topic}`)
    return found
  }
  const drop = (group: string, topic: string, reason: "taken" | "rewound"): void => {
    const name = JSON.stringify([group, topic])
    claims.get(name)?.abort(reason)
    claims.delete(name)
  }
  const set = (group: string, topic: string, nextOffset: number): void => {
    sql(`INSERT INTO group_offset(grp, tp, next_off) VALUES (?, ?, ?)
         ON CONFLICT(grp, tp) DO UPDATE SET next_off = excluded.next_off`).run(group, numberOf(topic), nextOffset)
  }
  const committed = (group: string, topic: string): number | null => {
    const row = sql("SELECT next_off FROM group_offset WHERE grp = ? AND tp = ?").get(group, numberOf(topic))
    return row === undefined ? null : Number(row.next_off)
  }
  return {
    committed,
    join: (group, topic) => {
      sql("INSERT INTO group_offset(grp, tp, next_off) VALUES (?, ?, 0) ON CONFLICT DO NOTHING").run(
        group,
        numberOf(topic),
      )
    },
    move: set,
    rewind: (group, topic, nextOffset) => {
      set(group, topic, Math.min(nextOffset, committed(group, topic) ?? nextOffset))
      drop(group, topic, "rewound")
    },
    claim: (group, topic) => {
      drop(group, topic, "taken")
      const claim = new AbortController()
      claims.set(JSON.stringify([group, topic]), claim)
      return claim.signal
    },
  }
}
