import { namesOfOutput, outputRef } from "../element/output-places.ts"
import { type OutputProfile, PROXY, THUMBNAIL } from "../element/profiles.ts"
import { done, type Result } from "../events/result.ts"
import type { State } from "../state/index.ts"
import { type KnownOutputs, MOST_NAMES } from "./index.ts"

/** Names stand as the keys of the contract's two outputs: all others follow from them. */
const CREATE = [
  `CREATE TABLE IF NOT EXISTS known_outputs(
     bucket TEXT NOT NULL, thumbnail TEXT NOT NULL, proxy TEXT NOT NULL, picture_key TEXT NOT NULL, at INTEGER NOT NULL,
     PRIMARY KEY(bucket, thumbnail)
   ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS known_outputs_picture ON known_outputs(picture_key, at)",
]

const NEXT = "(SELECT coalesce(max(at), 0) + 1 FROM known_outputs WHERE picture_key = ?4)"

const REMEMBER = `INSERT INTO known_outputs(bucket, thumbnail, proxy, picture_key, at) VALUES (?1, ?2, ?3, ?4, ${NEXT})
  ON CONFLICT(bucket, thumbnail)
  DO UPDATE SET proxy = excluded.proxy, picture_key = excluded.picture_key, at = excluded.at`

const FIND = `SELECT bucket, thumbnail FROM known_outputs WHERE picture_key = ? ORDER BY at DESC LIMIT ${MOST_NAMES}`

/** In the state of an embedded installation, one row for each name. Owned: it writes. */
export async function openSqliteKnownOutputs({ state }: { readonly state: State }): Promise<Result<KnownOutputs>> {
  const made = await state.write("table", () => {
    for (const statement of CREATE) state.sql(statement).run()
  })
  if (!made.ok) return made
  return done({
    find: async (pictureKey) =>
      state.read("table", () =>
        state
          .sql(FIND)
          .all(pictureKey)
          .flatMap(
            ({ bucket, thumbnail }) =>
              namesOfOutput({ bucket: String(bucket), key: String(thumbnail) }, THUMBNAIL) ?? [],
          ),
      ),
    remember: (pictureKey, names) =>
      state.write("table", () => {
        const keyOf = (profile: OutputProfile): string => outputRef(names, profile).key
        state.sql(REMEMBER).run(names.bucket, keyOf(THUMBNAIL), keyOf(PROXY), pictureKey)
      }),
  })
}
