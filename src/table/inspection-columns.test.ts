import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { ATTRIBUTES, CHANNELS, FILES, type InspectionTable, PARTS } from "./inspection-columns.ts"
import { cellType } from "./trino/sql.ts"

/** exr-inspector 1.3.0's tables, column by column, as Trino reads them. */
const EXR_INSPECTOR: Readonly<Record<InspectionTable["name"], string>> = {
  files: `file_id varchar, file_path varchar, file_path_normalized varchar, header_hash varchar, size_bytes bigint,
    mtime varchar, multipart_count integer, is_deep boolean, metadata_embedding array(real), frame_number integer,
    inspection_timestamp varchar, inspection_count integer, last_inspected varchar`,
  parts: `file_id varchar, file_path varchar, part_index integer, width integer, height integer, display_width integer,
    display_height integer, data_x_offset integer, data_y_offset integer, part_name varchar, view_name varchar,
    multi_view boolean, data_window varchar, display_window varchar, pixel_aspect_ratio real, line_order varchar,
    compression varchar, color_space varchar, render_software varchar, is_tiled boolean, tile_width integer,
    tile_height integer, tile_depth integer, is_deep boolean`,
  channels: `file_id varchar, file_path varchar, part_index integer, channel_name varchar, layer_name varchar,
    component_name varchar, channel_type varchar, x_sampling integer, y_sampling integer, channel_fingerprint array(real)`,
  attributes: `file_id varchar, file_path varchar, part_index integer, attr_name varchar, attr_type varchar,
    value_json varchar, value_text varchar, value_int bigint, value_float double`,
}

const DOC = readFileSync(new URL("../../docs/metadata-tables.md", import.meta.url), "utf8")

/** First cells of the table below a heading. */
const documented = (name: string): readonly string[] => {
  const [, section = ""] = DOC.split(`\n## ${name}\n`)
  const [body = ""] = section.split("\n## ")
  return [...body.matchAll(/^\| `(\w+)` \|/gm)].map(([, column = ""]) => column)
}

describe.each([FILES, PARTS, CHANNELS, ATTRIBUTES])("the table $name", ({ name, columns }) => {
  it("has exr-inspector's columns in its order, and the bucket at the end", () => {
    const ours = columns.map((column) => `${column.name} ${cellType(column)}`)
    expect(ours).toEqual([...EXR_INSPECTOR[name].split(/,\s*/), "s3_bucket varchar"])
  })

  it("is documented column by column", () => {
    expect(documented(name)).toEqual(columns.map((column) => column.name))
  })
})
