/** Rows and addresses as the API's schemas have them. */

import { type TSchema, Type } from "typebox"
import { ELEMENTS, PROXY_OUTPUTS, type Projection, SEQUENCES } from "../table/sqlite-schema.ts"

const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()])

const columnsOf = ({ columns }: Projection): Record<string, TSchema> =>
  Object.fromEntries(
    columns.map(({ name, type, nullable: isNullable }) => {
      const schema = type === "TEXT" ? Type.String() : type === "INTEGER" ? Type.Integer() : Type.Number()
      return [name, isNullable ? nullable(schema) : schema]
    }),
  )

export const OUTPUT_COLUMNS = columnsOf(PROXY_OUTPUTS)
export const ELEMENT_COLUMNS = columnsOf(ELEMENTS)
export const SEQUENCE_COLUMNS = columnsOf(SEQUENCES)

export const AddressBody = nullable(
  Type.Object(
    {
      url: Type.String({ description: "An address for GET; of a folder a path of this server." }),
      expires_at: Type.String({ description: "When it stops to work, ISO-8601." }),
    },
    { description: "null for what is not there, or may not be signed." },
  ),
)

export const urlsBody = (...names: readonly string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Optional(AddressBody)])))

export const OutputBody = Type.Object({
  ...OUTPUT_COLUMNS,
  state: Type.Enum(["current", "superseded", "removed"], {
    description: "Whether its object shows it, shows another, or is gone.",
  }),
  urls: Type.Optional(urlsBody("thumbnail", "proxy")),
})

const MOST_TEXT = 2048

/** A text of a query: a bucket, a prefix, a part of a name. */
export const text = (description: string) => Type.Optional(Type.String({ maxLength: MOST_TEXT, description }))

export const limit = (most: number) =>
  Type.Integer({ minimum: 1, maximum: most, default: Math.min(100, most), description: "Rows of a page." })

export const cursorText = Type.Optional(
  Type.String({ maxLength: 4 * MOST_TEXT, description: "`next_cursor` of the page before; leave the rest as it was." }),
)

export const NextCursor = nullable(Type.String({ description: "For the next page; null at the end." }))
