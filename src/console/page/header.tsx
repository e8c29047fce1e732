import { boxText } from "../../sheet/items.ts"
import { Facts } from "../../sheet/page/evidence.tsx"
import { visible } from "../../system/visible.ts"
import type { AttributeRow, ChannelRow, Inspection, PartRow } from "../../table/rows.ts"

/** What stands in the header of a source. */
export function Header({ inspection }: { readonly inspection: Inspection }) {
  const { parts, channels, attributes } = inspection
  return (
    <>
      {parts.map((part) => (
        <Part
          key={part.part_index}
          part={part}
          channels={channels.filter(({ part_index }) => part_index === part.part_index)}
          attributes={attributes.filter(({ part_index }) => part_index === part.part_index)}
          isOnly={parts.length === 1}
        />
      ))}
    </>
  )
}

type PartProps = {
  readonly part: PartRow
  readonly channels: readonly ChannelRow[]
  readonly attributes: readonly AttributeRow[]
  readonly isOnly: boolean
}

function Part({ part, channels, attributes, isOnly }: PartProps) {
  const name = part.part_name === null ? "" : ` ${part.part_name}`
  const shown = [
    { name: "compression", says: part.compression },
    { name: "display window", says: windowText(part.display_window) },
    { name: "data window", says: windowText(part.data_window) },
    {
      name: "storage",
      says: `${part.is_tiled ? `tiles ${part.tile_width}×${part.tile_height}` : "scan lines"}${part.is_deep ? ", deep" : ""}`,
    },
    {
      name: `${channels.length} channels`,
      says: channels.map((one) => `${one.channel_name} (${one.channel_type})`).join(", "),
    },
  ]
  return (
    <>
      <Facts title={isOnly ? "Header" : `Part ${part.part_index}${visible(name)}`} facts={shown} />
      <details>
        <summary>{attributes.length} attributes</summary>
        <Facts title="Attributes" facts={attributes.map((one) => ({ name: one.attr_name, says: textOf(one) }))} />
      </details>
    </>
  )
}

const textOf = ({ value_text, value_int, value_float, value_json }: AttributeRow): string =>
  String(value_text ?? value_int ?? value_float ?? value_json ?? "")

const WINDOW = /^\{"min":\{"x":(-?\d+),"y":(-?\d+)\},"max":\{"x":(-?\d+),"y":(-?\d+)\}\}$/

/** As everywhere else: 400×300 at (10, 20). */
function windowText(json: string): string {
  const found = WINDOW.exec(json)?.slice(1).map(Number)
  if (found === undefined) return json
  const [xMin = 0, yMin = 0, xMax = 0, yMax = 0] = found
  return boxText({ xMin, yMin, xMax, yMax })
}
